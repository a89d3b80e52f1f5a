using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using RaftKv.Core.Store.Work;

namespace RaftKv.Core.Store;

/// <remarks>
/// How one entry is applied: all at once, or in slices. A command that is stopped has changed the trees in part, so until it
/// is done there is no view, no hash and no applied index of them; readers go on with the view from before it.
/// </remarks>
public sealed partial class MvccStore
{
    // For what is never cut.
    private readonly WorkMeter _whole = new();
    private readonly CommandUnderWay _underWay = new();

    /// <summary>True from the first slice of a command until its last.</summary>
    internal bool IsAmidCommand => _underWay.IsActive;

    /// <summary>Keys sought in the trees to be written so far: what the meter's units are checked against.</summary>
    internal long SeekCount => _table.SeekCount + _system.SeekCount;

    /// <summary>
    /// Applies the command of the entry at <paramref name="index"/>, which must follow the last one, all at once. The store
    /// may keep slices of <paramref name="command"/>: its bytes must never change. Malformed bytes are an answer, not an
    /// exception.
    /// </summary>
    /// <param name="term">The entry's term: an <see cref="ExpireLeaseCommand"/> counts in its own term only.</param>
    /// <exception cref="UnsupportedVersionException">The command needs a version that this build does not support. Nothing
    /// is applied.</exception>
    public CommandResult Apply(LogIndex index, ReadOnlyMemory<byte> command, Term term = default)
    {
        CommandResult? result = Start(index, Prepare(command), term, _whole);
        Check.That(result is not null, "what nothing cuts is done at once", index.Value, AppliedIndex.Value);
        return result;
    }

    /// <summary>Decodes and weighs a command, and changes nothing.</summary>
    internal PreparedCommand Prepare(ReadOnlyMemory<byte> command)
    {
        // What every entry may do for compaction before the gate.
        long visits = VisitsFor(changes: 0) * WorkMeter.PerWrite;
        if (KvCommandReader.TryReadPlainPut(command, out PutParts put))
        {
            return new PreparedCommand(command, put, visits);
        }

        return KvCommandCodec.TryDecode(command, out KvCommand? decoded)
            ? new PreparedCommand(command, decoded, visits + _weight.Of(decoded!, out long piece), piece)
            : new PreparedCommand(command, null, visits + WorkMeter.PerWrite, WorkMeter.PerWrite);
    }

    /// <summary>
    /// Applies the command of the entry at <paramref name="index"/> until the meter is spent. Null when it is not done then:
    /// <see cref="Resume"/> goes on, and nothing else may be applied before its end.
    /// </summary>
    /// <exception cref="UnsupportedVersionException">As for <see cref="Apply"/>.</exception>
    internal CommandResult? Start(LogIndex index, in PreparedCommand command, Term term, WorkMeter meter)
    {
        Gates.Require(CommandNeeds.ToApply(command.Bytes.Span), "The next command of the log");
        CheckNext(index);
        _underWay.Begin(index, command.Command, _revision, _table.Events.End);
        _underWay.Result = Execute(command, term);
        meter.Spend(command.Piece);
        return Resume(meter);
    }

    /// <summary>Goes on with the command that is not done; null when it still is not.</summary>
    internal CommandResult? Resume(WorkMeter meter)
    {
        CommandUnderWay now = _underWay;
        Check.That(now.IsActive, "a command is under way", AppliedIndex.Value, now.Index.Value);
        now.Result ??= now.Run!.Step(meter);
        if (now.Result is not { } result)
        {
            return null;
        }

        if (!now.HasEnded)
        {
            if (now.IsToKeep && meter.IsSpent)
            {
                return null;
            }

            EndRun(now, result, meter);
        }

        if (!_compactor.RunSlice(ref now.VisitsLeft, ref now.BytesLeft, meter))
        {
            return null;
        }

        _space.Settle();
        AppliedIndex = now.Index;
        now.End();
        return result;
    }

    // What comes after the last write, once: the kept answer, the revision, and what the command pays for compaction.
    private void EndRun(CommandUnderWay now, CommandResult result, WorkMeter meter)
    {
        now.HasEnded = true;
        if (now.IsToKeep)
        {
            long seeks = SeekCount;
            _once.Keep(now.Command!, result);
            meter.Spend(WorkMeter.PerWrite * (SeekCount - seeks));
        }

        // A replayed answer has the revision of its first time.
        _revision = result.IsReplayed ? now.Before : result.Revision;
        Check.That(
            _revision == now.Before || (result.Status == CommandStatus.Ok && _revision == now.Before.Next),
            "a command is at most one revision", now.Before.Value, _revision.Value);
        (now.VisitsLeft, now.BytesLeft) = (VisitsFor(_table.Events.End - now.ChangesBefore), Compactor.MaxDroppedBytesPerEntry);
    }

    // Before the gate, a fixed number an entry; behind it, twice what the entry added, so that work shrinks under any
    // load, and slices of the leader's for the rest.
    private long VisitsFor(long changes) =>
        _cluster.IsOn(FeatureGate.CompactionByWork) ? Math.Min(2 * changes, Compactor.MaxPaidVisits) : Compactor.MaxVisitsPerEntry;

    private CommandResult? Execute(in PreparedCommand prepared, Term term)
    {
        if (prepared.IsPlainPut)
        {
            return Denied(_judge.Judge(prepared.Put)) ?? RunPlain(prepared.Put);
        }

        if (prepared.Command is not { } command)
        {
            return new CommandResult(CommandStatus.Malformed, _revision);
        }

        if (Denied(_judge.Judge(command)) is { } denied)
        {
            return denied;
        }

        if (command.Idempotency is not null || command.Session is not null)
        {
            if (_once.Find(command, _underWay.Index, _revision) is { } first)
            {
                return first;
            }

            _underWay.IsToKeep = true;
        }

        return Run(command, term);
    }

    private CommandResult RunPlain(in PutParts put) => _space.AlarmAgainstPut is not CommandStatus.Ok and var alarm
        ? Refuse(alarm)
        : _executor.RunPut(put, _revision, _compactor.State.CompactedRevision);

    /// <summary>The answer of a command that takes little; null for one that may take long, which is under way then.</summary>
    private CommandResult? Run(KvCommand command, Term term)
    {
        if (!_executor.Hold(command.Fences))
        {
            return new CommandResult(CommandStatus.FenceLost, _revision);
        }

        if (_space.AlarmAgainst(command) is not CommandStatus.Ok and var alarm)
        {
            return Refuse(alarm);
        }

        return command switch
        {
            MutateCommand mutate => Long(_executor.Begin(mutate, _revision, _compactor.State.CompactedRevision)),
            CompactCommand compact => Answer(_compactor.Start(compact.Revision, _revision)),
            SetClusterKeyCommand set => Answer(_cluster.SetKey(set.Key.Span)),
            SetClusterVersionCommand raise => Answer(_cluster.SetVersion(raise.Version)),
            CompactSliceCommand => Long(new CompactionRun(_compactor, _revision)),
            GrantLeaseCommand grant => Grant(grant),
            RevokeLeaseCommand revoke => EndLease(revoke.Id, DeleteReason.Revoked),

            // E5: 1. A leader judges a lease to be over. 2. It loses its term, and a new leader gives the lease its
            // full time. 3. The word of the old one must not count in an entry of any other term.
            ExpireLeaseCommand expire => expire.Term == term
                ? EndLease(expire.Id, DeleteReason.Expired)
                : Answer(CommandStatus.StaleTerm),
            AdvanceTimeCommand advance => Advance(advance.DeltaMs),
            SetGuardCommand set => SetGuard(set),
            RemoveGuardCommand remove => Answer(_guards.Remove(remove.Prefix.Span)),
            SetQuotaCommand set => Answer(_quotas.Set(set.Prefix.Span, set.Terms)),
            RemoveQuotaCommand remove => Answer(_quotas.Remove(remove.Prefix.Span)),
            SetStoreQuotaCommand set => Answer(_spaceRecords.SetQuota(set.Bytes, set.IsSeed)),
            ReportBudgetCommand report => Report(report),
            RaiseAlarmCommand raise => Answer(_spaceRecords.Raise(raise.Kind, raise.Node, raise.Cause)),
            ClearAlarmCommand clear => Answer(_spaceRecords.Clear(clear.Kind, clear.Node, clear.OnlyCause)),
            OpenSessionCommand open => Answer(_once.Sessions.Open(open, _underWay.Index)),
            CloseSessionCommand close => Answer(_once.Sessions.Close(close)),
            SetOnceLimitsCommand set => SetLimits(set.Limits),
            ChangeAccessCommand access => Answer(_access.Change(access.Change)),
            _ => Check.Unreachable<CommandResult>(command),
        };
    }

    private CommandResult? Long(CommandRun run)
    {
        _underWay.Run = run;
        return null;
    }

    private CommandResult? EndLease(LeaseId lease, DeleteReason reason) =>
        _executor.BeginEnding(lease, reason, _revision) is { } ending ? Long(ending) : Answer(CommandStatus.LeaseNotFound);

    private void CheckNext(LogIndex index)
    {
        Check.That(!_underWay.IsActive, "a command is done before the next entry", _underWay.Index.Value, index.Value);
        Check.That(index == AppliedIndex.Next, "entries are applied one after the other", index.Value, AppliedIndex.Value);
    }

    /// <summary>The command that is being applied; one object for all.</summary>
    private sealed class CommandUnderWay
    {
        // Left of what the command pays for compaction.
        public long VisitsLeft;
        public long BytesLeft;

        public bool IsActive { get; private set; }

        public LogIndex Index { get; private set; }

        public KvCommand? Command { get; private set; }

        public Revision Before { get; private set; }

        public long ChangesBefore { get; private set; }

        /// <summary>What goes on, until there is a result; null for a command that takes little.</summary>
        public CommandRun? Run { get; set; }

        public CommandResult? Result { get; set; }

        /// <summary>A repeat of the command is to get this answer.</summary>
        public bool IsToKeep { get; set; }

        /// <summary>Everything but compaction is done.</summary>
        public bool HasEnded { get; set; }

        public void Begin(LogIndex index, KvCommand? command, Revision before, long changesBefore)
        {
            (IsActive, Index, Command, Before, ChangesBefore) = (true, index, command, before, changesBefore);
            (Run, Result, IsToKeep, HasEnded) = (null, null, false, false);
        }

        public void End() => (IsActive, Command, Run, Result) = (false, null, null, null);
    }
}
