using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Quotas;

namespace RaftKv.Core.Replica;

/// <remarks>
/// Room. What the cluster may store is replicated (<see cref="SpaceRecords"/>); what a member can hold and whether its disk
/// has room only the member knows. It tells its leader with each answer to a heartbeat, and the leader makes entries of
/// what the state does not say yet of the voters.
/// </remarks>
public sealed partial class ReplicaCore
{
    // What members said in this term; looked up in the order of the membership only.
    private readonly Dictionary<NodeId, MemberFacts> _facts = [];
    private Term _factsTerm;

    // The last entry that this leader proposed about room: one is under way at a time.
    private EntryId _spaceEntry;

    /// <summary>The host has looked at the data directory's disk. Before the messages of a round or after, as it likes.</summary>
    /// <param name="isLow">True when it has too little room; see docs/operations.md.</param>
    public void NoteDisk(bool isLow) => Raft.OwnFacts = Raft.OwnFacts with { IsDiskLow = isLow };

    private void NoteFacts(HeartbeatResponse response)
    {
        if (Raft.Role != Role.Leader || response.Term != Raft.CurrentTerm || !Raft.Membership.IsMember(response.From))
        {
            return;
        }

        FactsOfTerm()[response.From] = response.Facts;
    }

    private Dictionary<NodeId, MemberFacts> FactsOfTerm()
    {
        if (_factsTerm != Raft.CurrentTerm)
        {
            _factsTerm = Raft.CurrentTerm;
            _facts.Clear();
        }

        return _facts;
    }

    // With each heartbeat of a leader whose no-op is applied: the lease clock runs for exactly that time.
    private void TickSpace()
    {
        if (!_leaseClock.IsRunning)
        {
            Raft.LargeEnough = [];
            return;
        }

        bool isUnderWay = _spaceEntry.Term == Raft.CurrentTerm && _spaceEntry.Index > _appliedEntry.Index;
        if (_now % _options.HeartbeatTicks != 0)
        {
            return;
        }

        FactsOfTerm()[Raft.Self] = Raft.OwnFacts;
        Raft.LargeEnough = [.. Raft.Membership.Learners.Where(MayPromote)];
        if (!_store.CountsRoom || isUnderWay)
        {
            return;
        }

        if (WantedEntry() is { } command && TryProposeOwn(command))
        {
            _spaceEntry = Raft.Log.LastEntry;
        }
    }

    /// <summary>The next thing about room that the state should say and does not; null when it says all.</summary>
    private KvCommand? WantedEntry()
    {
        if (_options.QuotaBytes > 0 && !_store.HasQuota)
        {
            return new SetStoreQuotaCommand(_options.QuotaBytes, IsSeed: true);
        }

        // First what is said of those that vote no more, so that their places are free.
        IEnumerable<NodeId> voters = Raft.Membership.Members().Where(Raft.Membership.IsVoter);
        return LeftBehind() ?? voters.Select(WantedOf).FirstOrDefault(static command => command is not null);
    }

    // A learner is not needed for any decision, so neither its memory nor its disk bounds the others. As a voter it will:
    // then it must be able to hold what they have.
    private bool MayPromote(NodeId learner) => _facts.TryGetValue(learner, out MemberFacts facts)
        && SpaceRules.MayPromote(facts.StoreBytes, _store.View.UsedBytes, _store.View.LimitBytes);

    private KvCommand? WantedOf(NodeId member)
    {
        if (!_facts.TryGetValue(member, out MemberFacts facts))
        {
            return null;
        }

        AlarmCause? raised = _store.CauseOf(AlarmKind.NoSpace, member);
        return facts.StoreBytes > 0 && _store.BudgetOf(member) != facts.StoreBytes ? new ReportBudgetCommand(member, facts.StoreBytes)
            : facts.IsDiskLow && raised is null ? new RaiseAlarmCommand(AlarmKind.NoSpace, member, AlarmCause.Disk)
            : !facts.IsDiskLow && raised == AlarmCause.Disk ? new ClearAlarmCommand(AlarmKind.NoSpace, member, AlarmCause.Disk)
            : null;
    }

    private KvCommand? LeftBehind()
    {
        foreach (MemberBudget budget in _store.ListBudgets())
        {
            if (!Raft.Membership.IsVoter(budget.Node))
            {
                return new ReportBudgetCommand(budget.Node, StoreBytes: 0);
            }
        }

        foreach (Alarm alarm in _store.ListAlarms())
        {
            if (alarm.Cause == AlarmCause.Disk && !Raft.Membership.IsVoter(alarm.Node))
            {
                return new ClearAlarmCommand(alarm.Kind, alarm.Node, AlarmCause.Disk);
            }
        }

        return null;
    }
}
