using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Observing;

namespace RaftKv.Audit;

/// <summary>
/// One line of the audit: when, who, from where, through which door, what, on which keys, how it ended, which request. Never
/// a value, a password, a token or a hash of one. Stateless.
/// </summary>
internal static class AuditLine
{
    // What one line shows of a large command; how many more there are is said.
    private const int MaxKeys = 32;
    private const int MaxKeyBytes = 256;

    /// <summary>Makes a line, without its end.</summary>
    public static string Of(DateTimeOffset at, ICallFacts call, string what, IReadOnlyList<KeyRange> keys, string outcome)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("time"u8, at);
            json.WriteString("user"u8, call.User);
            json.WriteString("from"u8, call.Origin.Address?.ToString());
            json.WriteString("door"u8, call.Origin.Door);
            json.WriteString("what"u8, what);
            json.WriteStartArray("keys"u8);
            foreach (KeyRange range in keys.Take(MaxKeys))
            {
                json.WriteStringValue(TextOf(range));
            }

            json.WriteEndArray();
            if (keys.Count > MaxKeys)
            {
                json.WriteNumber("moreKeys"u8, keys.Count - MaxKeys);
            }

            json.WriteString("outcome"u8, outcome);
            json.WriteString("request"u8, call.RequestId);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>What a command does, in a word.</summary>
    public static string WordOf(KvCommand command) => command switch
    {
        MutateCommand { Op: var op } => op.GetType().Name[..^2].ToLowerInvariant(),
        ChangeAccessCommand change => "access " + change.Change switch
        {
            AddUser add => "add user " + Name(add.Name),
            RemoveUser remove => "remove user " + Name(remove.Name),
            SetPassword set => "set password of " + Name(set.Name),
            GrantRole grant => $"grant role {Name(grant.Role)} to {Name(grant.User)}",
            RevokeRole revoke => $"revoke role {Name(revoke.Role)} from {Name(revoke.User)}",
            AddRole add => "add role " + Name(add.Name),
            RemoveRole remove => "remove role " + Name(remove.Name),
            GrantKeys grant => $"grant {grant.Rights} to role {Name(grant.Role)}",
            RevokeKeys revoke => "revoke keys of role " + Name(revoke.Role),
            SetOperations set => $"set operations {set.Operations} of role {Name(set.Role)}",
            AddToken add => "add token of " + Name(add.User),
            var other => other.GetType().Name,
        },
        _ => command.GetType().Name[..^"Command".Length],
    };

    private static string TextOf(KeyRange range) => range.Kind switch
    {
        KeyRangeKind.Single => Text(range.Start),
        KeyRangeKind.Between => $"[{Text(range.Start)}, {Text(range.End)})",
        _ => $"[{Text(range.Start)}, )",
    };

    private static string Text(ReadOnlyMemory<byte> key)
    {
        ReadOnlyMemory<byte> shown = key.Length > MaxKeyBytes ? key[..MaxKeyBytes] : key;
        string text = Utf8.IsValid(shown.Span) ? Encoding.UTF8.GetString(shown.Span) : "0x" + Convert.ToHexString(shown.Span);
        return key.Length > MaxKeyBytes ? text + "…" : text;
    }

    private static string Name(ReadOnlyMemory<byte> name) => Encoding.UTF8.GetString(name.Span);
}
