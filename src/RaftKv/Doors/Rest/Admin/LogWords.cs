using System.Globalization;
using System.Text;
using System.Text.Unicode;
using System.Buffers.Text;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Engine;
using RaftKv.Node;

namespace RaftKv.Doors.Rest.Admin;

/// <summary>
/// An entry of the log in words. Keys and names are told, values and secrets never: what hashes of passwords and of tokens
/// are in an entry stays there. Pure functions.
/// </summary>
internal static class LogWords
{
    private const int MaxKeys = 32;
    private const int MaxKeyBytes = 1_024;
    private const string Unreadable = "bytes that this version can't read";

    /// <summary>The entry as it is shown; one that can't be read says so.</summary>
    public static LogEntryBody Of(LoggedEntry entry, IReadOnlyList<MemberInfo> members)
    {
        LogEntryBody body = new() { Index = entry.Index.Value, Term = entry.Term.Value, Bytes = entry.Bytes };
        return entry.Kind switch
        {
            LoggedKind.Noop => body with { Kind = LogEntryKinds.Noop, Text = "a leader's first entry" },
            LoggedKind.Members => body with { Kind = LogEntryKinds.Members, Text = Words(entry.Members) },
            LoggedKind.Command => OfCommand(body, entry, members),
            _ => Check.Unreachable<LogEntryBody>(entry.Kind),
        };
    }

    private static LogEntryBody OfCommand(LogEntryBody body, LoggedEntry entry, IReadOnlyList<MemberInfo> members)
    {
        body = body with { Kind = LogEntryKinds.Command };
        if (!KvCommandCodec.TryDecode(entry.Command, out KvCommand? command))
        {
            return body with { Text = Unreadable };
        }

        long stamp = entry.StampMs;
        NodeId origin = entry.Origin;
        var keys = new List<LogKeyBody>();
        (string word, string text) = Words(command!, keys);
        return body with
        {
            Command = word,
            Text = text,
            Time = stamp == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(stamp)
                .UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
            Origin = members.FirstOrDefault(member => member.Id == origin)?.Name ?? origin.ToString(),
            User = command!.Principal.IsEmpty || Principals.IsCluster(command.Principal) ? null : Name(command.Principal),
            Fenced = command.Fences.Count > 0 ? true : null,
            Once = command.Idempotency is not null || command.Session is { Sequence: > 0 } ? true : null,
            Keys = keys.Count == 0 ? null : [.. keys.Take(MaxKeys)],
            MoreKeys = keys.Count > MaxKeys ? keys.Count - MaxKeys : null,
        };
    }

    private static (string Word, string Text) Words(KvCommand command, List<LogKeyBody> keys) => command switch
    {
        MutateCommand mutate => Words(mutate, keys),
        CompactCommand compact => ("compact", $"forget what no read from revision {compact.Revision} on can see"),
        SetClusterKeyCommand => ("set-cluster-key", "the cluster's own secret is set"),
        SetClusterVersionCommand version => ("set-cluster-version", $"the cluster is of version {version.Version} from here on"),
        CompactSliceCommand => ("compact-slice", "a part of what was compacted is removed"),
        GrantLeaseCommand grant => ("grant-lease", $"lease {grant.Id} for {grant.TtlMs} ms"),
        RevokeLeaseCommand revoke => ("revoke-lease", $"lease {revoke.Id} ends on a client's word"),
        ExpireLeaseCommand expire => ("expire-lease", $"lease {expire.Id} is over, as the leader of term {expire.Term} judged"),
        AdvanceTimeCommand advance => ("advance-time", $"cluster time moves on by {advance.DeltaMs} ms"),
        SetGuardCommand guard => ("set-guard", $"writes under {Name(guard.Prefix)} need a fence"),
        RemoveGuardCommand guard => ("remove-guard", $"writes under {Name(guard.Prefix)} need no fence"),
        OpenSessionCommand => ("open-session", "a client session is opened"),
        CloseSessionCommand => ("close-session", "a client session is closed"),
        SetOnceLimitsCommand => ("set-once-limits", "bounds of what is kept for repeats"),
        SetQuotaCommand quota => ("set-quota", $"a quota for {Name(quota.Prefix)}"),
        RemoveQuotaCommand quota => ("remove-quota", $"no quota for {Name(quota.Prefix)}"),
        SetStoreQuotaCommand => ("set-store-quota", "what the whole store may take"),
        ReportBudgetCommand report => ("report-budget", $"what node {report.Node} can hold"),
        RaiseAlarmCommand alarm => ("raise-alarm", $"alarm {alarm.Kind} by {alarm.Cause}"),
        ClearAlarmCommand alarm => ("clear-alarm", $"alarm {alarm.Kind} is taken back"),
        ChangeAccessCommand access => ("change-access", Access(access.Change)),
        _ => ("other", "a command that this page has no words for"),
    };

    private static (string Word, string Text) Words(MutateCommand mutate, List<LogKeyBody> keys)
    {
        if (mutate.Guard is { } guard)
        {
            Note(guard, keys);
        }

        Note(mutate.Op, keys);
        string condition = mutate.Guard is null ? "" : ", on a condition";
        return mutate.Op switch
        {
            PutOp put => ("put", $"put {Name(put.Key)}, {put.Value.Length} bytes{condition}"),
            DeleteRangeOp delete => ("delete", $"delete {Range(delete.Keys)}{condition}"),
            IncrementOp add => ("increment", $"add {add.By} to {Name(add.Key)}{condition}"),
            AcquireOp acquire => ("acquire", $"a place at the {acquire.Kind.ToString().ToLowerInvariant()} {Name(acquire.Name)}"),
            TxnOp txn => (
                "txn", $"{txn.Compares.Count} compares, then {txn.Then.Count} or else {txn.Else.Count} operations{condition}"),
            RangeOp range => ("get", $"read {Range(range.Request.Keys)}"),
            _ => Check.Unreachable<(string, string)>(mutate.Op),
        };
    }

    private static void Note(KvOp op, List<LogKeyBody> keys)
    {
        switch (op)
        {
            case PutOp put:
                keys.Add(Key("put", KeyRange.Single(put.Key)) with { ValueBytes = put.Value.Length });
                break;
            case DeleteRangeOp delete:
                keys.Add(Key("delete", delete.Keys));
                break;
            case IncrementOp add:
                keys.Add(Key("increment", KeyRange.Single(add.Key)));
                break;
            case RangeOp range:
                keys.Add(Key("get", range.Request.Keys));
                break;
            case AcquireOp acquire:
                keys.Add(Key("acquire", KeyRange.Single(acquire.Name)));
                break;
            case TxnOp txn:
                foreach (Compare compare in txn.Compares)
                {
                    Note(compare, keys);
                }

                foreach (KvOp inner in txn.Then.Concat(txn.Else))
                {
                    Note(inner, keys);
                }

                break;
            default:
                Check.Unreachable<int>(op);
                break;
        }
    }

    private static void Note(Compare compare, List<LogKeyBody> keys) => keys.Add(Key("compare", compare.Keys));

    private static LogKeyBody Key(string op, KeyRange keys)
    {
        ReadOnlyMemory<byte> end = keys.Kind == KeyRangeKind.Between ? keys.End : default;
        bool isText = Utf8.IsValid(keys.Start.Span) && Utf8.IsValid(end.Span);
        return new LogKeyBody
        {
            Op = op,
            Key = Text(keys.Start, isText),
            End = keys.Kind == KeyRangeKind.Single ? null : Text(end, isText),
            KeyEncoding = isText ? null : Encodings.Base64Url,
        };
    }

    private static string Access(AccessChange change) => change switch
    {
        EnableAccess => "rights are in force from here on",
        DisableAccess => "rights are not in force any more",
        AddUser user => $"user {Name(user.Name)} is made",
        RemoveUser user => $"user {Name(user.Name)} is removed",
        SetPassword password => $"user {Name(password.Name)} has a new password",
        GrantRole grant => $"user {Name(grant.User)} is given the role {Name(grant.Role)}",
        RevokeRole revoke => $"the role {Name(revoke.Role)} is taken from user {Name(revoke.User)}",
        AddRole role => $"role {Name(role.Name)} is made",
        RemoveRole role => $"role {Name(role.Name)} is removed",
        GrantKeys grant => $"role {Name(grant.Role)} may {grant.Rights.ToString().ToLowerInvariant()} {Range(grant.Keys)}",
        RevokeKeys revoke => $"what role {Name(revoke.Role)} may do with {Range(revoke.Keys)} is taken away",
        SetOperations set => $"operations of role {Name(set.Role)}: {set.Operations.ToString().ToLowerInvariant()}",
        AddToken token => $"a token of user {Name(token.User)} is made",
        RemoveToken => "a token is removed",
        _ => "a change of rights that this page has no words for",
    };

    private static string Words(LoggedMembers? members) => members is null
        ? Unreadable
        : $"{members.Voters} voters{(members.Outgoing > 0 ? $", joint with {members.Outgoing} before" : "")}, {members.Learners} learners";

    private static string Range(KeyRange keys) => keys.Kind switch
    {
        KeyRangeKind.Single => Name(keys.Start),
        KeyRangeKind.Between => $"{Name(keys.Start)} up to {Name(keys.End)}",
        _ => keys.Start.IsEmpty ? "every key" : $"{Name(keys.Start)} and all after it",
    };

    // A name in a sentence: short, and nothing in it that could move a terminal's cursor.
    private static string Name(ReadOnlyMemory<byte> name)
    {
        if (!Utf8.IsValid(name.Span))
        {
            return "0x" + Convert.ToHexStringLower(name.Span[..Math.Min(name.Length, 32)]) + (name.Length > 32 ? "…" : "");
        }

        string text = Encoding.UTF8.GetString(name.Span);
        text = text.Length > 80 ? string.Concat(text.AsSpan(0, 80), "…") : text;
        return string.Concat(text.Select(static c => char.IsControl(c) || char.IsSurrogate(c) ? '·' : c));
    }

    private static string Text(ReadOnlyMemory<byte> key, bool isText)
    {
        // A key may have 64 KiB; who wants all of one asks for the key.
        ReadOnlySpan<byte> shown = key.Span[..Math.Min(key.Length, MaxKeyBytes)];
        return isText ? Encoding.UTF8.GetString(shown) : Base64Url.EncodeToString(shown);
    }
}
