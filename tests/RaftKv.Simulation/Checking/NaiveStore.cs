using System.Globalization;
using System.Text;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// The store's meaning, written down a second time and as plainly as can be: a sorted map from key to every version it
/// ever had, and lists of leases, guards and first answers. Shares no code with the store. It runs a command and says
/// where the store's answer differs from its own; what it went through is there afterwards, for other checkers.
/// </summary>
internal sealed partial class NaiveStore
{
    private readonly SortedDictionary<string, List<NaiveVersion>> _keys = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, NaiveVersion> _live = new(StringComparer.Ordinal);
    private long _pending;
    private bool _hasClusterKey;

    public long Revision { get; private set; } = 1;

    public long Compacted { get; private set; }

    /// <summary>The cluster version; what the first entry says.</summary>
    public int Version { get; set; }

    /// <summary>Every version ever written, tombstones included, in the order of the writes.</summary>
    public List<NaiveVersion> Changes { get; } = [];

    /// <summary>The version before each raise, by its index.</summary>
    public Dictionary<long, int> VersionsBefore { get; } = [];

    /// <summary>Every revision that was compacted at, ascending.</summary>
    public List<long> Compactions { get; } = [];

    /// <summary>Runs the command of an entry; null when the answer is right, else what is wrong with it.</summary>
    public string? Run(KvCommand command, CommandResult actual, long term = 0, long index = 0)
    {
        Index = index;
        if (IsDenied(command))
        {
            DeniedCount++;
            return Status(CommandStatus.AccessDenied, actual) ?? Same("revision", Revision, actual.Revision.Value);
        }

        return command.Idempotency is not null || command.Session is not null
            ? RunKnown(command, actual, term)
            : RunOnce(command, actual, term);
    }

    private string? RunOnce(KvCommand command, CommandResult actual, long term)
    {
        if (actual.IsReplayed)
        {
            return "a first answer is called a repeat";
        }

        bool hasLostFence = HasLostFence(command);
        string? room = null;
        bool isSettled = !hasLostFence && (room = CheckRoom(command, actual, out bool isAll)) is var found && (isAll || found is not null);
        string? problem = hasLostFence ? Status(CommandStatus.FenceLost, actual) : isSettled ? room : command switch
        {
            MutateCommand mutate => Mutate(mutate, actual),
            CompactCommand compact => Compact(compact.Revision.Value, actual),
            SetClusterKeyCommand => SetClusterKey(actual),
            CompactSliceCommand => Status(CommandStatus.Ok, actual),
            SetClusterVersionCommand raise => RaiseVersion(raise.Version.Value, actual),
            AdvanceTimeCommand advance => Advance(advance.DeltaMs, actual),
            GrantLeaseCommand grant => Grant(grant, actual),
            RevokeLeaseCommand revoke => EndLease(revoke.Id.Value, DeleteReason.Revoked, actual),
            ExpireLeaseCommand expire => Expire(expire, actual, term),
            SetGuardCommand set => SetGuard(set, actual),
            RemoveGuardCommand remove => RemoveGuard(remove, actual),
            OpenSessionCommand open => Status(Once.Open(open, Index), actual),
            CloseSessionCommand close => Status(Once.Close(close), actual),
            SetOnceLimitsCommand set => SetLimits(set, actual),
            SetQuotaCommand set => SetQuota(set, actual),
            RemoveQuotaCommand remove => RemoveQuota(remove, actual),
            SetStoreQuotaCommand set => SetStoreQuota(set, actual),
            ReportBudgetCommand report => Report(report, actual),
            RaiseAlarmCommand raise => Raise(raise, actual),
            ClearAlarmCommand clear => ClearAlarm(clear, actual),
            ChangeAccessCommand change => Status(Change(change.Change), actual),
            _ => "unknown command",
        };
        return problem ?? Same("revision", Revision, actual.Revision.Value);
    }

    /// <summary>Checks a read of the newest state, or of an older revision; null when right.</summary>
    public string? CheckRead(RangeRequest request, RangeResult actual)
    {
        long revision = request.Revision.Value == 0 ? Revision : request.Revision.Value;
        ReadStatus expected = request.Revision.Value == 0 ? ReadStatus.Ok
            : revision < Compacted ? ReadStatus.Compacted
            : revision > Revision ? ReadStatus.FutureRevision
            : ReadStatus.Ok;
        if (expected != actual.Status)
        {
            return $"read at {revision} is {actual.Status}, expected {expected} (now {Revision}, compacted {Compacted})";
        }

        return expected == ReadStatus.Ok ? SamePairs(Live(request.Keys, revision), actual.Pairs) : null;
    }

    private string? Mutate(MutateCommand mutate, CommandResult actual)
    {
        _pending = Revision + 1;
        List<KvOp> ops = mutate.Op is TxnOp txn ? [.. txn.Compares.All(Holds) ? txn.Then : txn.Else] : [mutate.Op];
        if (!ops.TrueForAll(op => IsAllowed(op, mutate.Fences)))
        {
            return Status(CommandStatus.FenceRequired, actual);
        }

        if (mutate.Guard is { } guard && !Holds(guard))
        {
            return Status(CommandStatus.GuardFailed, actual) ?? SamePair(Newest(Text(guard.Keys.Start)), actual.Current);
        }

        if (mutate.Op is AcquireOp acquire)
        {
            return Acquire(acquire, actual);
        }

        foreach (KvOp op in ops)
        {
            if (Refusal(op) is { } refusal)
            {
                return Status(refusal, actual);
            }
        }

        if (actual.Status != CommandStatus.Ok)
        {
            return $"status {actual.Status}, expected Ok";
        }

        string? problem = Execute(mutate.Op, actual.Result!, out bool wrote);
        Revision = wrote ? _pending : Revision;
        return problem;
    }

    private CommandStatus? Refusal(KvOp op)
    {
        if (op is not PutOp put)
        {
            return null;
        }

        return !put.Lease.IsNone && !put.KeepsLease && !Lives(put.Lease.Value) ? CommandStatus.LeaseNotFound
            : (put.KeepsLease || put.KeepsValue) && Newest(Text(put.Key)) is null ? CommandStatus.KeyNotFound
            : null;
    }

    private string? Compact(long revision, CommandResult actual)
    {
        CommandStatus expected = revision > Revision ? CommandStatus.FutureRevision
            : revision < Compacted ? CommandStatus.Compacted
            : CommandStatus.Ok;
        if (revision == Compacted && actual.Status == CommandStatus.Compacted)
        {
            // Compacting again at the same revision changes nothing; the store may say so.
            return null;
        }

        if (actual.Status == CommandStatus.Ok)
        {
            Compacted = revision;
            Compactions.Add(revision);
        }

        return Same("status", (long)expected, (long)actual.Status);
    }

    /// <summary>R16: what a command needs; one that stands in the log at a lower version is a violation.</summary>
    public static int VersionFor(KvCommand command) => command switch
    {
        ChangeAccessCommand => 5,
        SetQuotaCommand or RemoveQuotaCommand or SetStoreQuotaCommand or ReportBudgetCommand or RaiseAlarmCommand or ClearAlarmCommand => 4,
        OpenSessionCommand or CloseSessionCommand or SetOnceLimitsCommand or { Session: not null } => 3,
        CompactSliceCommand => 2,
        _ => 1,
    };

    private string? RaiseVersion(int version, CommandResult actual)
    {
        CommandStatus expected = version > Version ? CommandStatus.Ok : CommandStatus.AlreadySet;
        VersionsBefore[Index] = Version;
        Version = Math.Max(Version, version);
        return Same("status", (long)expected, (long)actual.Status);
    }

    private string? SetClusterKey(CommandResult actual)
    {
        CommandStatus expected = _hasClusterKey ? CommandStatus.AlreadySet : CommandStatus.Ok;
        _hasClusterKey = true;
        return Same("status", (long)expected, (long)actual.Status);
    }

    private string? Execute(KvOp op, OpResult actual, out bool wrote)
    {
        wrote = false;
        switch (op, actual)
        {
            case (PutOp put, PutResult result):
                wrote = true;
                NaiveVersion? before = Newest(Text(put.Key));
                byte[] value = put.KeepsValue ? before!.Value : put.Value.ToArray();
                NaiveVersion written = Put(Text(put.Key), value, put.KeepsLease ? before!.Lease : put.Lease.Value);
                return SamePair(written, result.Written) ?? SamePair(put.WantsPrevious ? before : null, result.Previous);
            case (DeleteRangeOp delete, DeleteRangeResult result):
                return Delete(delete, result, out wrote);
            case (IncrementOp increment, IncrementResult result):
                wrote = true;
                return Increment(increment, result);
            case (RangeOp range, RangeResult result):
                return SamePairs(Live(range.Request.Keys, long.MaxValue), result.Pairs);
            case (TxnOp txn, TxnResult result):
                return Txn(txn, result, out wrote);
            default:
                return $"a {op.GetType().Name} is answered with a {actual.GetType().Name}";
        }
    }

    private string? Txn(TxnOp txn, TxnResult result, out bool wrote)
    {
        wrote = false;
        bool succeeds = txn.Compares.All(Holds);
        if (succeeds != result.IsSucceeded)
        {
            return $"txn succeeded: {result.IsSucceeded}, expected {succeeds}";
        }

        IReadOnlyList<KvOp> ops = succeeds ? txn.Then : txn.Else;
        if (ops.Count != result.Results.Count)
        {
            return $"txn has {result.Results.Count} results, expected {ops.Count}";
        }

        for (int i = 0; i < ops.Count; i++)
        {
            if (Execute(ops[i], result.Results[i], out bool wroteHere) is { } problem)
            {
                return problem;
            }

            wrote |= wroteHere;
        }

        return null;
    }

    private string? Delete(DeleteRangeOp delete, DeleteRangeResult result, out bool wrote)
    {
        List<NaiveVersion> live = Live(delete.Keys, long.MaxValue);
        wrote = live.Count > 0;
        foreach (NaiveVersion version in live)
        {
            Tombstone(version, DeleteReason.Deleted, lease: 0);
        }

        return Same("deleted", live.Count, result.DeletedCount) ?? (delete.WantsPrevious ? SamePairs(live, result.Previous) : null);
    }

    private string? Increment(IncrementOp increment, IncrementResult result)
    {
        string key = Text(increment.Key);
        NaiveVersion? before = Newest(key);
        long value = (before is null ? 0 : long.Parse(Encoding.ASCII.GetString(before.Value), CultureInfo.InvariantCulture)) + increment.By;
        NaiveVersion written = Put(key, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture)), before?.Lease ?? 0);
        return Same("value", value, result.Value) ?? SamePair(written, result.Written);
    }

    private NaiveVersion Put(string key, byte[] value, long lease)
    {
        NaiveVersion? before = Newest(key);
        var written = new NaiveVersion(key, value, before?.Create ?? _pending, _pending, (before?.Version ?? 0) + 1, lease);
        Add(written, before);
        _live[key] = written;
        return written;
    }

    private void Tombstone(NaiveVersion victim, DeleteReason reason, long lease)
    {
        Add(new NaiveVersion(victim.Key, [], 0, _pending, 0, lease) { Reason = reason }, victim);
        _live.Remove(victim.Key);
    }

    private void Add(NaiveVersion version, NaiveVersion? before)
    {
        version.Previous = before;
        if (!_keys.TryGetValue(version.Key, out List<NaiveVersion>? versions))
        {
            _keys.Add(version.Key, versions = []);
        }

        versions.Add(version);
        Changes.Add(version);
        NotePlace(version, before);
    }

    private bool Holds(Compare compare)
    {
        NaiveVersion? pair = Newest(Text(compare.Keys.Start));
        int order = compare.Target switch
        {
            CompareTarget.Version => (pair?.Version ?? 0).CompareTo(compare.Number),
            CompareTarget.CreateRevision => (pair?.Create ?? 0).CompareTo(compare.Number),
            CompareTarget.ModRevision => (pair?.Mod ?? 0).CompareTo(compare.Number),
            CompareTarget.Value => pair?.Value.AsSpan().SequenceCompareTo(compare.Value.Span) ?? 0,
            CompareTarget.Lease => (pair?.Lease ?? 0).CompareTo(compare.Number),
            _ => Check.Unreachable<int>(compare.Target),
        };
        if (pair is null && compare.Target == CompareTarget.Value)
        {
            return false;
        }

        return compare.Operator switch
        {
            CompareOperator.Equal => order == 0,
            CompareOperator.NotEqual => order != 0,
            CompareOperator.Greater => order > 0,
            CompareOperator.Less => order < 0,
            _ => Check.Unreachable<bool>(compare.Operator),
        };
    }

    private NaiveVersion? Newest(string key) => _live.GetValueOrDefault(key);

    private NaiveVersion? At(string key, long revision)
    {
        NaiveVersion? version = _keys[key].FindLast(v => v.Mod <= revision);
        return version is null || version.Version == 0 ? null : version;
    }

    private List<NaiveVersion> Live(KeyRange range, long revision)
    {
        var live = new List<NaiveVersion>();
        (string start, string end) = (Text(range.Start), Text(range.End));
        if (range.Kind == KeyRangeKind.Single)
        {
            NaiveVersion? one = revision >= Revision ? Newest(start) : _keys.ContainsKey(start) ? At(start, revision) : null;
            return one is null ? live : [one];
        }

        bool IsInside(string key) => string.CompareOrdinal(key, start) >= 0
            && (range.Kind != KeyRangeKind.Between || string.CompareOrdinal(key, end) < 0);
        if (revision >= Revision)
        {
            live.AddRange(_live.Values.Where(v => IsInside(v.Key)));
            return live;
        }

        foreach (string key in _keys.Keys)
        {
            if (IsInside(key) && At(key, revision) is { } version)
            {
                live.Add(version);
            }
        }

        return live;
    }

    private static string Text(ReadOnlyMemory<byte> key) => Encoding.Latin1.GetString(key.Span);

    private static string? Status(CommandStatus expected, CommandResult actual) =>
        expected == actual.Status ? null : $"status {actual.Status}, expected {expected}";

    private static string? Same(string what, long expected, long actual) =>
        expected == actual ? null : $"{what} {actual}, expected {expected}";

    private static string? SamePairs(List<NaiveVersion> expected, IReadOnlyList<KeyValue> actual)
    {
        if (expected.Count != actual.Count)
        {
            return $"{actual.Count} pairs, expected {expected.Count}";
        }

        for (int i = 0; i < expected.Count; i++)
        {
            if (SamePair(expected[i], actual[i]) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? SamePair(NaiveVersion? expected, KeyValue? actual)
    {
        if (expected is null || actual is null)
        {
            return expected is null == actual is null ? null : $"pair is {(actual is null ? "missing" : "there")}, expected otherwise";
        }

        return Text(actual.Key) != expected.Key ? $"key {Text(actual.Key)}, expected {expected.Key}"
            : !actual.Value.Span.SequenceEqual(expected.Value) ? $"another value of {expected.Key} at {expected.Mod}"
            : Same($"create revision of {expected.Key}", expected.Create, actual.CreateRevision.Value)
            ?? Same($"mod revision of {expected.Key}", expected.Mod, actual.ModRevision.Value)
            ?? Same($"version of {expected.Key}", expected.Version, actual.Version)
            ?? Same($"lease of {expected.Key}", expected.Lease, actual.Lease.Value);
    }
}

/// <summary>One version of a key; version 0 is a deletion, and its lease the one whose end deleted it.</summary>
internal sealed record NaiveVersion(string Key, byte[] Value, long Create, long Mod, long Version, long Lease)
{
    public DeleteReason Reason { get; init; }

    /// <summary>What lived under the key just before; null when nothing did.</summary>
    public NaiveVersion? Previous { get; set; }

    /// <summary>The same write, field by field.</summary>
    public bool Is(KeyValue pair) => pair.ModRevision.Value == Mod && pair.CreateRevision.Value == Create && pair.Version == Version
        && pair.Lease.Value == Lease && (Version > 0 || pair.DeleteReason == Reason)
        && Encoding.Latin1.GetString(pair.Key.Span) == Key && pair.Value.Span.SequenceEqual(Value);
}
