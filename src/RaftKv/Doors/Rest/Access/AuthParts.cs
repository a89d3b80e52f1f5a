using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Rights;
using RaftKv.Doors.Http;
using RaftKv.Doors.Http.Terms;
using RaftKv.Doors.Rest.Kv;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Doors.Rest.Access;

/// <summary>What the calls about users, roles and tokens share: names, words of rights, and how a change is made.</summary>
internal static class AuthParts
{
    private static readonly WriteKind _change = new() { WriteBody = WriteKind.RevisionOnly };

    /// <summary>Begins a change: it is answered once it is in force, and a repeat is a call of its own.</summary>
    public static void BeginChange(Exchange exchange)
    {
        exchange.ParseWrite(QueryField.None);

        // A key's first answers and hashes of payloads are kept; nothing of a password is to be among them.
        if (exchange.Terms.IsOnce || exchange.Terms.Concern == WriteConcern.Accepted)
        {
            throw ApiException.Invalid("Changes of users, roles and tokens take no Idempotency-Key and no RaftKv-Write-Concern: accepted.");
        }
    }

    /// <summary>Makes a change and answers.</summary>
    public static Task ChangeAsync(Exchange exchange, AccessChange change) =>
        WriteAnswers.RunAsync(exchange, new ChangeAccessCommand(change), _change);

    /// <summary>The name in the path.</summary>
    public static byte[] NameIn(Exchange exchange) => Checked(PercentCoding.DecodePath(exchange.PathTail));

    /// <summary>A name of a body.</summary>
    public static byte[] NameOf(string? text) => Checked(Encoding.UTF8.GetBytes(text ?? ""));

    /// <summary>The text of a name.</summary>
    public static string TextOf(ReadOnlyMemory<byte> name) => Encoding.UTF8.GetString(name.Span);

    /// <summary>Rights by their words.</summary>
    public static KeyRights RightsOf(IReadOnlyList<string>? words)
    {
        KeyRights rights = KeyRights.None;
        foreach (string word in words ?? [])
        {
            rights |= word switch
            {
                KeyRightWords.Read => KeyRights.Read,
                KeyRightWords.Write => KeyRights.Write,
                KeyRightWords.Watch => KeyRights.Watch,
                KeyRightWords.Lock => KeyRights.Lock,
                _ => throw ApiException.Invalid("rights are read, write, watch and lock."),
            };
        }

        return rights != KeyRights.None
            ? rights
            : throw ApiException.Invalid("rights must have at least one of read, write, watch and lock.");
    }

    /// <summary>Operations by their words.</summary>
    public static OperationRights OperationsOf(IReadOnlyList<string>? words)
    {
        OperationRights operations = OperationRights.None;
        foreach (string word in words ?? throw ApiException.Invalid("operations is missing; [] takes them all away."))
        {
            OperationRights one = Enum.GetValues<OperationRights>()
                .FirstOrDefault(known => known is not (OperationRights.None or OperationRights.All) && WordOf(known) == word);
            operations |= one != OperationRights.None ? one
                : throw ApiException.Invalid("operations are lease, compact, members, backup, alarms, dashboard, metrics and limits.");
        }

        return operations;
    }

    /// <summary>A role as REST shows it.</summary>
    public static RoleAnswer BodyOf(RoleInfo role) => new()
    {
        Name = TextOf(role.Name),
        Grants = [.. role.Grants.Select(BodyOf)],
        Operations = [.. WordsOf(role.Operations)],
    };

    private static RoleGrantBody BodyOf(RoleGrant grant)
    {
        bool isText = Utf8.IsValid(grant.Keys.Start.Span) && Utf8.IsValid(grant.Keys.End.Span);
        return new RoleGrantBody
        {
            Start = Text(grant.Keys.Start, isText),
            End = grant.Keys.Kind == KeyRangeKind.Between ? Text(grant.Keys.End, isText) : null,
            Single = grant.Keys.Kind == KeyRangeKind.Single,
            KeyEncoding = isText ? null : Encodings.Base64Url,
            Rights = [.. WordsOf(grant.Rights)],
        };
    }

    private static string Text(ReadOnlyMemory<byte> key, bool isText) =>
        isText ? Encoding.UTF8.GetString(key.Span) : Base64Url.EncodeToString(key.Span);

    private static IEnumerable<string> WordsOf(KeyRights rights) => Enum.GetValues<KeyRights>()
        .Where(one => one is not (KeyRights.None or KeyRights.All) && (rights & one) != 0).Select(static one => WordOf(one));

    private static IEnumerable<string> WordsOf(OperationRights operations) => Enum.GetValues<OperationRights>()
        .Where(one => one is not (OperationRights.None or OperationRights.All) && (operations & one) != 0)
        .Select(static one => WordOf(one));

    private static string WordOf(Enum right) => right.ToString().ToLowerInvariant();

    private static byte[] Checked(byte[] name) => Principals.IsName(name)
        ? name
        : throw ApiException.Invalid($"A user's or role's name has 1 to {KvLimits.MaxPrincipalBytes} bytes, none of them zero.");
}
