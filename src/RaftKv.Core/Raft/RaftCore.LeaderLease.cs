using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Raft.Roles;

namespace RaftKv.Core.Raft;

/// <summary>What the leader may conclude from the node's own clock and from when acknowledged heartbeats were sent.</summary>
public sealed partial class RaftCore
{
    private AllApplied _allApplied;

    /// <summary>This node's own clock at the start of the present round of inputs.</summary>
    public MonotonicTime Now { get; private set; }

    /// <summary>Highest index that this node has applied, as its replica says.</summary>
    public LogIndex AppliedIndex { get; private set; }

    /// <summary>Hash of the state there.</summary>
    public ulong AppliedHash { get; private set; }

    /// <summary>
    /// Every voter of the membership in force has applied the log up to here; 0 while that is not known of it. Falls only
    /// when the membership changes; a voter that restarts applies what it had once more.
    /// </summary>
    public LogIndex AllAppliedIndex => _allApplied.Generation == Membership.Generation ? _allApplied.Index : LogIndex.Zero;

    /// <summary>
    /// Until when no other node can have been elected; null without a lease. Counted from when the heartbeats were sent
    /// that a quorum acknowledged (thesis 6.4.1; docs/divergence.md D13).
    /// </summary>
    /// <remarks>
    /// Void before an entry of this term is committed, since the commit index may lag until then, from the first
    /// TimeoutNow on for the rest of the term, since its receiver need not wait for anybody's patience, and from the first
    /// answer of who is less patient than this leader counts on.
    /// </remarks>
    public MonotonicTime? LeaderLeaseUntil =>
        State is LeaderState { IsLeaderLeaseVoid: false } leader && _options.LeaderLeaseUs > 0 && QuorumSentAt(leader) is { } sent
            ? sent + _options.LeaderLeaseUs
            : null;

    /// <summary>
    /// The leader's own proof of freshness: when heartbeats were sent that a quorum acknowledged in this term. Nobody
    /// else led at that moment, so all that was acknowledged before is committed here. Null elsewhere.
    /// </summary>
    public MonotonicTime? ConfirmedAt => State is LeaderState leader ? QuorumSentAt(leader) : null;

    private bool HoldsLeaderLease => LeaderLeaseUntil is { } until && Now < until;

    /// <summary>This node's own clock, at the start of a round of inputs. A clock that goes back is held.</summary>
    public void Advance(MonotonicTime now) => Now = MonotonicTime.Max(Now, now);

    /// <summary>What this node tells its leader about itself.</summary>
    public MemberFacts OwnFacts { get; set; }

    /// <summary>The replica has applied the log up to here.</summary>
    public void NoteApplied(LogIndex index, ulong stateHash)
    {
        Check.That(index <= Log.CommitIndex, "appliedIndex <= commitIndex", index.Value, Log.CommitIndex.Value);
        AppliedIndex = index;
        AppliedHash = stateHash;
        if (State is LeaderState leader)
        {
            AdvanceAllApplied(leader);
        }
    }

    // Before an entry of this term is committed nothing follows from being leader (trap 1 and 2); a lone voter too.
    private MonotonicTime? QuorumSentAt(LeaderState leader)
    {
        if (!HasCommittedInTerm)
        {
            return null;
        }

        if (IsOnlyVoter)
        {
            return Now;
        }

        return leader.QuorumSentAt is { } sent ? sent : null;
    }

    private void NoteHeartbeatAcknowledged(LeaderState leader, Progress progress, HeartbeatResponse response)
    {
        // While election timeouts are being changed node by node, a voter's may be shorter than what this leader counts on.
        leader.IsLeaderLeaseVoid |= response.PatienceTicks > 0 && response.PatienceTicks < _options.ElectionTimeoutTicks;

        // An echo from the future was never sent.
        if (response.SentAt.Microseconds > progress.AckedSentAtUs && response.SentAt <= Now)
        {
            progress.AckedSentAtUs = response.SentAt.Microseconds;
            CountHeartbeatsAnew(leader);
        }

        if (response.AppliedIndex > progress.AppliedIndex)
        {
            progress.AppliedIndex = response.AppliedIndex;
            AdvanceAllApplied(leader);
        }
    }

    private void AdvanceAllApplied(LeaderState leader)
    {
        LogIndex lowest = AppliedIndex;
        for (int i = 0; i < leader.Followers.Count; i++)
        {
            Progress progress = leader.Followers[i];
            if (Membership.IsVoter(progress.Node))
            {
                lowest = LogIndex.Min(lowest, progress.AppliedIndex);
            }
        }

        _allApplied = _allApplied.Heard(CurrentTerm, Membership.Generation, lowest, Membership.Generation);
    }

    private void CountHeartbeatsAnew(LeaderState leader)
    {
        long sent = Quorum.HighestReached(Membership, new SendAcks(Self, leader, Now));
        leader.QuorumSentAt = sent == Progress.NeverUs ? null : new MonotonicTime(sent);
    }

    /// <summary>Send times of acknowledged heartbeats per voter; the leader needs no message to hear itself.</summary>
    private sealed class SendAcks(NodeId self, LeaderState leader, MonotonicTime now) : IReachedSource
    {
        public long ReachedBy(NodeId voter) =>
            voter == self ? now.Microseconds : leader.Find(voter)?.AckedSentAtUs ?? Progress.NeverUs;
    }
}
