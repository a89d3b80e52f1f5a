using System.Globalization;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Quotas;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Simulation.Checking;

/// <remarks>
/// Room. How much is stored depends on how far the removal of compacted versions has come, which is none of this model's
/// business: it knows what is surely there (<see cref="Least"/>) and what was ever written (<see cref="Most"/>). A refusal
/// says what was used; that must lie between the two, and must justify it. What is accepted must fit with the least.
/// </remarks>
internal sealed partial class NaiveStore
{
    private const long NoLimit = long.MaxValue;
    private const long CostOfKey = 64;

    private readonly SortedDictionary<string, QuotaTerms> _quotas = new(StringComparer.Ordinal);
    private readonly SortedDictionary<ulong, long> _budgets = [];
    private readonly SortedDictionary<(AlarmKind, ulong), AlarmCause> _raised = [];
    private long? _storeQuota;

    // The store's own alarm may be raised; whether it is depends on how much has been removed.
    private bool _mayBeOver;

    // It was surely raised, and nothing since can have cleared it but the removal of versions.
    private bool _wasOver;

    private long Limit => Math.Min(_storeQuota ?? NoLimit, _budgets.Count == 0 ? NoLimit : _budgets.Values.Min());

    private long ClearAt => Limit - (Limit / 10);

    /// <summary>What is wrong with how a command was taken with regard to room; settled when nothing else is to be checked.</summary>
    private string? CheckRoom(KvCommand command, CommandResult actual, out bool isSettled)
    {
        isSettled = true;
        bool changesData = command is MutateCommand or CompactCommand or GrantLeaseCommand or RevokeLeaseCommand or SetGuardCommand
            or RemoveGuardCommand;
        if (changesData && _raised.Keys.Any(static a => a.Item1 == AlarmKind.Corrupt))
        {
            return Status(CommandStatus.Corrupt, actual);
        }

        if (!NeedsRoom(command))
        {
            isSettled = false;
            return null;
        }

        bool isAlarmed = _raised.Keys.Any(static a => a.Item1 == AlarmKind.NoSpace);
        if (actual.Status == CommandStatus.QuotaExceeded)
        {
            return actual.Result is QuotaExceededResult why ? CheckRefusal(command, why, isAlarmed) : "a refusal says nothing of room";
        }

        isSettled = isAlarmed || (_wasOver && Least("") > ClearAt);
        return isSettled ? $"status {actual.Status} under an alarm NOSPACE"
            : actual.Status == CommandStatus.Ok ? CheckAcceptance(command)
            : null;
    }

    private string? CheckRefusal(KvCommand command, QuotaExceededResult why, bool isAlarmed)
    {
        string prefix = Text(why.Prefix);
        (long least, long most) = (Least(prefix), Most(prefix));
        (long keys, _, long bytes) = Weigh(command, prefix);
        if (why.Use.Bytes < least || why.Use.Bytes > most || why.Use.Keys != LiveUnder(prefix))
        {
            return $"a refusal says {why.Use} of '{prefix}', expected {LiveUnder(prefix)} keys and {least} to {most} bytes";
        }

        if (prefix.Length > 0)
        {
            bool isQuota = _quotas.TryGetValue(prefix, out QuotaTerms terms) && terms == why.Terms;
            return !isQuota ? $"refused by a quota of '{prefix}' that is none"
                : keys > terms.MaxKeys - why.Use.Keys || bytes > terms.MaxBytes - why.Use.Bytes ? null
                : $"refused by the quota {terms} of '{prefix}' with {why.Use}, though {keys} keys and {bytes} bytes fit";
        }

        bool isOver = _mayBeOver && why.Use.Bytes > ClearAt;
        bool fits = bytes <= Limit - why.Use.Bytes;
        _wasOver |= why.Use.Bytes > ClearAt && !isAlarmed;
        _mayBeOver |= _wasOver;
        return why.Terms.MaxBytes != Limit ? $"refused by a limit of {why.Terms.MaxBytes}, expected {Limit}"
            : fits && !isAlarmed && !isOver ? $"refused with {why.Use} of {Limit}, though {bytes} bytes fit and no alarm is raised"
            : null;
    }

    private string? CheckAcceptance(KvCommand command)
    {
        (_mayBeOver, _wasOver) = (false, false);
        (_, long bytes, _) = Weigh(command, "");
        if (bytes > 0 && bytes > Limit - Least(""))
        {
            return $"accepted, though {bytes} bytes more than {Least("")} are over the limit {Limit}";
        }

        foreach ((string prefix, QuotaTerms terms) in _quotas)
        {
            (long keys, long bytesUnder, _) = Weigh(command, prefix);
            if ((keys > 0 && keys > terms.MaxKeys - LiveUnder(prefix)) || (bytesUnder > 0 && bytesUnder > terms.MaxBytes - Least(prefix)))
            {
                return $"accepted, though {keys} keys and {bytesUnder} bytes more are over the quota {terms} of '{prefix}'";
            }
        }

        return null;
    }

    private string? SetQuota(SetQuotaCommand set, CommandResult actual)
    {
        _quotas[Text(set.Prefix)] = set.Terms;
        return Status(CommandStatus.Ok, actual);
    }

    private string? RemoveQuota(RemoveQuotaCommand remove, CommandResult actual) =>
        Status(_quotas.Remove(Text(remove.Prefix)) ? CommandStatus.Ok : CommandStatus.QuotaNotFound, actual);

    private string? SetStoreQuota(SetStoreQuotaCommand set, CommandResult actual)
    {
        bool isLate = set.IsSeed && _storeQuota is not null;
        _storeQuota = isLate ? _storeQuota : set.Bytes;
        NoteLimit();
        return Status(isLate ? CommandStatus.AlreadySet : CommandStatus.Ok, actual);
    }

    private string? Report(ReportBudgetCommand report, CommandResult actual)
    {
        _budgets.Remove(report.Node.Value);
        if (report.StoreBytes > 0)
        {
            _budgets.Add(report.Node.Value, report.StoreBytes);
        }

        Once.NarrowTo(_budgets.Count == 0 ? null : _budgets.Values.Min());

        NoteLimit();
        return Status(CommandStatus.Ok, actual);
    }

    private void NoteLimit()
    {
        _mayBeOver |= Most("") > Limit;
        _wasOver = Least("") > Limit && !_raised.ContainsKey((AlarmKind.NoSpace, 0));
    }

    private string? Raise(RaiseAlarmCommand raise, CommandResult actual)
    {
        bool isStores = raise.Kind == AlarmKind.NoSpace && raise.Node.IsNone && _mayBeOver;
        if (isStores && actual.Status == CommandStatus.AlreadySet)
        {
            return null;
        }

        return Status(_raised.TryAdd((raise.Kind, raise.Node.Value), raise.Cause) ? CommandStatus.Ok : CommandStatus.AlreadySet, actual);
    }

    private string? ClearAlarm(ClearAlarmCommand clear, CommandResult actual)
    {
        (AlarmKind, ulong) key = (clear.Kind, clear.Node.Value);
        bool isRaised = _raised.TryGetValue(key, out AlarmCause cause) && (clear.OnlyCause ?? cause) == cause;
        bool isStores = clear.Kind == AlarmKind.NoSpace && clear.Node.IsNone && _mayBeOver
            && clear.OnlyCause is null or AlarmCause.Quota;
        if (isRaised)
        {
            _raised.Remove(key);
            NoteLimit();
            return Status(CommandStatus.Ok, actual);
        }

        if (isStores && actual.Status == CommandStatus.Ok)
        {
            _mayBeOver = false;
            NoteLimit();
        }

        return isStores && actual.Status == CommandStatus.Ok ? null : Status(CommandStatus.AlarmNotFound, actual);
    }

    /// <summary>Whether a view says what this model knows of room; null when it does.</summary>
    private string? CheckRoom(StoreView view)
    {
        IReadOnlyList<Alarm> alarms = view.ListAlarms();
        return Same("store quota", _storeQuota ?? 0, view.StoreQuotaBytes ?? 0)
            ?? Same("limit", Limit, view.LimitBytes)
            ?? Same("quotas", _quotas.Count, view.ListQuotas(default, int.MaxValue).Count)
            ?? Same("alarms of others", _raised.Count, alarms.Count(static a => a.Cause != AlarmCause.Quota))
            ?? (view.UsedBytes >= Least("") && view.UsedBytes <= Most("") ? null
                : $"{view.UsedBytes} bytes are used, expected {Least("")} to {Most("")}")
            ?? (!_mayBeOver && alarms.Any(static a => a.Cause == AlarmCause.Quota) ? "an alarm that nothing raised" : null);
    }

    private static bool NeedsRoom(KvCommand command) => command switch
    {
        MutateCommand mutate => NeedsRoom(mutate.Op),
        GrantLeaseCommand or SetGuardCommand => true,
        _ => false,
    };

    private static bool NeedsRoom(KvOp op) =>
        op is PutOp or IncrementOp or AcquireOp || (op is TxnOp txn && txn.Then.Concat(txn.Else).Any(NeedsRoom));

    /// <summary>New keys, and the least and most bytes that a command adds under a prefix; under "" records count too.</summary>
    private (long Keys, long Least, long Most) Weigh(KvCommand command, string prefix)
    {
        bool isAll = prefix.Length == 0;
        switch (command)
        {
            case GrantLeaseCommand:
                return isAll ? (0, CostOfRecord(17), CostOfRecord(17)) : default;
            case SetGuardCommand set:
                long guard = CostOfRecord(1 + set.Prefix.Length + 1 + (set.Lock?.Name.Length ?? 0));
                return isAll ? (0, guard, guard) : default;
            default:
                return Weigh(((MutateCommand)command).Op, prefix);
        }
    }

    private (long Keys, long Least, long Most) Weigh(KvOp op, string prefix)
    {
        switch (op)
        {
            case PutOp put:
                NaiveVersion? before = Newest(Text(put.Key));
                int length = put.KeepsValue ? before?.Value.Length ?? 0 : put.Value.Length;
                return WeighVersion(Text(put.Key), length, put.KeepsLease ? 0 : put.Lease.Value, prefix);
            case IncrementOp add:
                return WeighVersion(Text(add.Key), 20, 0, prefix);
            case AcquireOp acquire:
                return WeighPlace(acquire, prefix);
            case TxnOp txn:
                (long keys, long least, long most) = (0, 0, 0);
                foreach (KvOp part in txn.Compares.All(Holds) ? txn.Then : txn.Else)
                {
                    (long k, long l, long m) = Weigh(part, prefix);
                    (keys, least, most) = (keys + k, least + l, most + m);
                }

                return (keys, least, most);
            default:
                return default;
        }
    }

    private (long Keys, long Least, long Most) WeighPlace(AcquireOp acquire, string prefix)
    {
        NaivePlace? own = QueueNow(acquire.Kind, Text(acquire.Name)).Find(p => p.Lease == acquire.Lease.Value);
        var place = new NaivePlace(acquire.Kind, Text(acquire.Name), acquire.Mode, acquire.Limit, acquire.Lease.Value, 0, 0);
        int head = acquire.Kind == LockKind.Semaphore ? acquire.Limit.ToString(CultureInfo.InvariantCulture).Length + 1 : 0;
        int length = own is null ? head + acquire.Value.Length : Newest(own.Key!)!.Value.Length;
        (long keys, long least, long most) = WeighVersion(own?.Key ?? KeyOf(place), length, acquire.Lease.Value, prefix);
        long lease = prefix.Length == 0 && acquire.TtlMs > 0 ? CostOfRecord(17) : 0;
        return (keys, least + lease, most + lease);
    }

    private (long Keys, long Least, long Most) WeighVersion(string key, int valueLength, long lease, string prefix)
    {
        if (!key.StartsWith(prefix, StringComparison.Ordinal))
        {
            return default;
        }

        NaiveVersion? live = Newest(key);
        bool isKnown = _keys.ContainsKey(key);
        bool isKept = isKnown && Kept(key).Count > 0;
        long bytes = CostOfVersion(key.Length, valueLength) + (live is null ? CostOfVersion(key.Length, 0) : 0)
            + (prefix.Length == 0 && lease != 0 && lease != live?.Lease ? CostOfRecord(9 + key.Length) : 0);
        return (live is null ? 1 : 0, bytes + (isKnown ? 0 : CostOfKey), bytes + (isKept ? 0 : CostOfKey));
    }

    private static long CostOfVersion(int keyLength, int valueLength) => 128 + keyLength + valueLength;

    private static long CostOfRecord(int length) => 128 + length;

    private long LiveUnder(string prefix) => _live.Keys.LongCount(key => key.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>What no compaction may have removed.</summary>
    private long Least(string prefix) => Sum(prefix, Kept);

    /// <summary>What there would be if nothing was ever removed.</summary>
    private long Most(string prefix) => Sum(prefix, key => _keys[key]);

    private long Sum(string prefix, Func<string, IReadOnlyList<NaiveVersion>> versionsOf)
    {
        long sum = prefix.Length > 0 ? 0 : (CostOfRecord(17) * _leases.Count)
            + _live.Values.Where(static v => v.Lease != 0).Sum(static v => CostOfRecord(9 + v.Key.Length))
            + _guards.Sum(static g => CostOfRecord(1 + g.Key.Length + (g.Value is { } named ? 1 + named.Name.Length : 0)));
        foreach (string key in _keys.Keys)
        {
            if (!key.StartsWith(prefix, StringComparison.Ordinal))
            {
                continue;
            }

            IReadOnlyList<NaiveVersion> versions = versionsOf(key);
            sum += versions.Count == 0 ? 0 : CostOfKey + versions.Sum(static v => CostOfVersion(v.Key.Length, v.Value.Length));
            sum += _live.ContainsKey(key) ? CostOfVersion(key.Length, 0) : 0;
        }

        return sum;
    }

    // From the newest at or before the compacted revision on; a deletion before that revision is gone itself.
    private List<NaiveVersion> Kept(string key)
    {
        List<NaiveVersion> all = _keys[key];
        int first = Math.Max(0, all.FindLastIndex(v => v.Mod <= Compacted));
        first += all[first].Version == 0 && all[first].Mod < Compacted ? 1 : 0;
        return all.GetRange(first, all.Count - first);
    }
}
