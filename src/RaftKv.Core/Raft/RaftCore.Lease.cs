using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Raft.Roles;

namespace RaftKv.Core.Raft;

/// <summary>What the leader may conclude from the node's own clock and from when acknowledged heartbeats were sent.</summary>
public sealed partial class RaftCore
{
    /// <summary>The own clock at the start of the present round of inputs.</summary>
    public MonotonicTime Now { get; private set; }

    /// <summary>Highest index that this node has applied, as its replica says.</summary>
    public LogIndex AppliedIndex { get; private set; }

    /// <summary>Hash of the state there.</summary>
    public ulong AppliedHash { get; private set; }

    /// <summary>
    /// Every voter has applied the log up to here. Never falls; a voter that restarts applies what it had once more.
    /// </summary>
    public LogIndex AllAppliedIndex { get; private set; }

    /// <summary>
    /// Until when no other node can have been elected; null without a lease. Counted from when the heartbeats were sent
    /// that a quorum acknowledged (thesis 6.4.1; docs/divergence.md D13).
    /// </summary>
    /// <remarks>
    /// Void before an entry of this term is committed, since the commit index may lag until then, and from the first
    /// TimeoutNow on for the rest of the term, since its receiver need not wait for anybody's patience.
    /// </remarks>
    public MonotonicTime? LeaseUntil =>
        State is LeaderState { IsLeaseVoid: false } leader && _options.LeaseUs > 0 && QuorumSentAt(leader) is { } sent
            ? sent + _options.LeaseUs
            : null;

    /// <summary>
    /// The leader's own proof of freshness: when heartbeats were sent that a quorum acknowledged in this term. Nobody
    /// else led at that moment, so all that was acknowledged before is committed here. Null elsewhere.
    /// </summary>
    public MonotonicTime? ConfirmedAt => State is LeaderState leader ? QuorumSentAt(leader) : null;

    private bool HoldsLease => LeaseUntil is { } until && Now < until;

    /// <summary>The own clock, at the start of a round of inputs. A clock that goes back is held.</summary>
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
        // An echo from the future was never sent.
        if (response.SentAt.Microseconds > progress.AckedSentAtUs && response.SentAt <= Now)
        {
            progress.AckedSentAtUs = response.SentAt.Microseconds;
            long sent = Quorum.HighestReached(Membership, new SendAcks(Self, leader, Now));
            leader.QuorumSentAt = sent == Progress.NeverUs ? null : new MonotonicTime(sent);
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

        AllAppliedIndex = LogIndex.Max(AllAppliedIndex, lowest);
    }

    /// <summary>Send times of acknowledged heartbeats per voter; the leader needs no message to hear itself.</summary>
    private sealed class SendAcks(NodeId self, LeaderState leader, MonotonicTime now) : IReachedSource
    {
        public long ReachedBy(NodeId voter) =>
            voter == self ? now.Microseconds : leader.Find(voter)?.AckedSentAtUs ?? Progress.NeverUs;
    }
}
