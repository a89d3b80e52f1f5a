using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.SystemRecords;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Quotas;

/// <summary>
/// Keeps the store within its limit and each prefix within its quota: decides at apply, alike on every node, and raises
/// and clears the store's own alarm. Used by the applying thread.
/// </summary>
/// <remarks>
/// A command is weighed before it writes anything: the executor tells what each operation will add (<see cref="AddVersion"/>),
/// and then asks once (<see cref="Refusal"/>). What a command deletes makes room only for the next one.
/// </remarks>
internal sealed class SpaceKeeper
{
    private readonly VersionTable _table;
    private readonly SystemTree _system;
    private readonly SpaceRecords _records;
    private readonly QuotaTable _quotas;

    // What the command under way will add: in all, and by quota.
    private readonly List<PrefixLoad> _loads = [];
    private readonly List<KeyValue> _found = [];
    private long _added;

    public SpaceKeeper(VersionTable table, SystemTree system, SpaceRecords records, QuotaTable quotas)
    {
        _table = table;
        _system = system;
        _records = records;
        _quotas = quotas;
    }

    /// <summary>What the store costs now: all kept versions, and the records that count.</summary>
    public long UsedBytes => _table.Root.Cost + _system.ChargedBytes;

    /// <summary>Nothing is limited and no alarm is raised: the usual case of an embedded store, and of tests.</summary>
    private bool IsOpen => _records.LimitBytes == KvLimits.NoQuota && _quotas.Count == 0;

    /// <summary>Why a plain put is refused by an alarm, before it is looked at; Ok when it is not.</summary>
    public CommandStatus AlarmAgainstPut =>
        _records.IsCorrupt ? CommandStatus.Corrupt : _records.HasNoSpace ? CommandStatus.QuotaExceeded : CommandStatus.Ok;

    /// <summary>Why a command is refused by an alarm, before it is looked at; Ok when it is not.</summary>
    public CommandStatus AlarmAgainst(KvCommand command) =>
        _records.IsCorrupt && SpaceRules.ChangesData(command) ? CommandStatus.Corrupt
        : _records.HasNoSpace && SpaceRules.NeedsRoom(command) ? CommandStatus.QuotaExceeded
        : CommandStatus.Ok;

    /// <summary>Begins to weigh a command.</summary>
    public void Begin()
    {
        _added = 0;
        _loads.Clear();
    }

    /// <summary>The command will write a version of this key; its lease is the one that it will hang on.</summary>
    public void AddVersion(ReadOnlySpan<byte> key, int valueLength, LeaseId lease)
    {
        if (IsOpen)
        {
            return;
        }

        object? slot = KeyTree.Find(_table.Root, key);
        KeyValue? live = RangeReader.LiveNewest(slot);
        long bytes = StoreCosts.OfVersion(key.Length, valueLength) + (slot is null ? StoreCosts.PerKey : 0)
            + (live is null ? StoreCosts.OfVersion(key.Length, valueLength: 0) : 0);
        long attachment = lease.IsNone || lease == live?.Lease ? 0
            : StoreCosts.OfRecord(SystemKeys.AttachmentHeaderBytes + key.Length, valueLength: 0);
        _added += bytes + attachment;
        if (_quotas.Count > 0)
        {
            LoadQuotas(key, live is null ? 1 : 0, bytes);
        }
    }

    /// <summary>The command will write a record of the system tree that counts.</summary>
    public void AddRecord(int keyLength, int valueLength) => _added += StoreCosts.OfRecord(keyLength, valueLength);

    /// <summary>
    /// The refusal of a command that does not fit; null when it does. The store's limit counts before those of prefixes.
    /// </summary>
    public CommandResult? Refusal(Revision revision)
    {
        if (IsOpen)
        {
            return null;
        }

        if (!SpaceRules.Fits(UsedBytes, _added, _records.LimitBytes))
        {
            // One that is merely too large for what is left raises no alarm: others still fit.
            if (UsedBytes > SpaceRules.ClearAtBytes(_records.LimitBytes))
            {
                _records.Raise(AlarmKind.NoSpace, NodeId.None, AlarmCause.Quota);
            }

            return StoreRefusal(revision);
        }

        for (int i = 0; i < _loads.Count; i++)
        {
            PrefixLoad load = _loads[i];
            ReadOnlyMemory<byte> prefix = QuotaTable.PrefixIn(load.Quota);
            QuotaTerms terms = QuotaTable.TermsIn(load.Quota);
            QuotaUse use = QuotaUse.Of(_table.Root, prefix);
            if (!SpaceRules.Fits(use.Keys, load.Keys, terms.MaxKeys) || !SpaceRules.Fits(use.Bytes, load.Bytes, terms.MaxBytes))
            {
                return new CommandResult(CommandStatus.QuotaExceeded, revision, new QuotaExceededResult(prefix, terms, use));
            }
        }

        return null;
    }

    /// <summary>The refusal for the whole store's sake.</summary>
    public CommandResult StoreRefusal(Revision revision)
    {
        QuotaTerms terms = new(KvLimits.NoQuota, _records.LimitBytes);
        QuotaUse use = new(_table.Root.LiveCount, UsedBytes);
        return new CommandResult(CommandStatus.QuotaExceeded, revision, new QuotaExceededResult(default, terms, use));
    }

    /// <summary>
    /// After each entry: raises the store's alarm when the limit came below what is stored, and clears it when there is room
    /// again.
    /// </summary>
    public void Settle()
    {
        if (_records.IsOverQuota)
        {
            if (UsedBytes <= SpaceRules.ClearAtBytes(_records.LimitBytes))
            {
                _records.Clear(AlarmKind.NoSpace, NodeId.None, AlarmCause.Quota);
            }
        }
        else if (UsedBytes > _records.LimitBytes)
        {
            _records.Raise(AlarmKind.NoSpace, NodeId.None, AlarmCause.Quota);
        }
    }

    private void LoadQuotas(ReadOnlySpan<byte> key, int keys, long bytes)
    {
        _found.Clear();
        _quotas.CollectOf(key, _found);
        for (int i = 0; i < _found.Count; i++)
        {
            KeyValue quota = _found[i];
            int at = _loads.FindIndex(load => ReferenceEquals(load.Quota, quota));
            if (at < 0)
            {
                _loads.Add(new PrefixLoad(quota, keys, bytes));
            }
            else
            {
                _loads[at] = new PrefixLoad(quota, _loads[at].Keys + keys, _loads[at].Bytes + bytes);
            }
        }
    }

    private readonly record struct PrefixLoad(KeyValue Quota, long Keys, long Bytes);
}
