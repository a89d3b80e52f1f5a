using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Raft.Roles;

namespace RaftKv.Core.Raft;

/// <summary>
/// Changes of the membership by joint consensus (thesis 4.3): the change is an entry that holds voters old and new, in
/// force at once; when it is committed, the leader appends what the new ones are alone. Whoever leads then goes on with it.
/// </summary>
public sealed partial class RaftCore
{
    // Election timeouts for which a member that leaves may be silent: it may be busy with its doors.
    private const int LeavingSilence = 5;

    private readonly MembershipLog _members;

    /// <summary>The membership in force: of the newest entry in the log that has one, committed or not.</summary>
    public Membership Membership => _members.Current;

    /// <summary>Index of the entry that brought it in force, or of the snapshot; 0 for the founding's.</summary>
    public LogIndex MembershipIndex => _members.CurrentIndex;

    /// <summary>
    /// Learners that can hold what the cluster stores, as whoever knows that said last: of the others none becomes a voter.
    /// Null when nobody knows, and it does not matter.
    /// </summary>
    public IReadOnlyList<NodeId>? LargeEnough { get; set; }

    /// <summary>True when the membership in force stays.</summary>
    public bool IsMembershipCommitted => MembershipIndex <= Log.CommitIndex;

    /// <summary>True when a committed membership says that the node was removed: it stays so for ever.</summary>
    public bool WasRemoved(NodeId node) => Membership.WasRemoved(node) && _members.At(Log.CommitIndex).WasRemoved(node);

    // Of who was removed only what a leader says is heard: it may have removed itself, and brings the very entry that says
    // so. Its votes, answers and wishes raise no term and depose nobody (trap 15).
    private bool IsOfRemoved(RaftMessage message) => !Membership.IsMember(message.From) && WasRemoved(message.From)
        && message is not (AppendRequest or Heartbeat or CommitNotice or SnapshotChunk or TimeoutNow);

    /// <summary>The membership in force after an entry that is not before the snapshot.</summary>
    public Membership MembershipAt(LogIndex index) => _members.At(index);

    /// <summary>
    /// Begins a change on the leader. Nothing happens unless the outcome is <see cref="ChangeOutcome.Begun"/>; a leader that
    /// would remove itself hands over, and the next one is to be asked.
    /// </summary>
    /// <remarks>Trap 15: one change at a time, and none before an entry of this term is committed.</remarks>
    public ChangeAnswer ChangeMembership(MembershipChange change)
    {
        if (State is not LeaderState leader)
        {
            return new ChangeAnswer(ChangeOutcome.NotLeader);
        }

        if (_options.IsGuided)
        {
            return new ChangeAnswer(ChangeOutcome.Refused, ChangeProblem.NotByThisEngine);
        }

        if (!HasCommittedInTerm || Membership.IsJoint || !IsMembershipCommitted || !leader.TransferTarget.IsNone)
        {
            return new ChangeAnswer(ChangeOutcome.Busy);
        }

        change = WithoutSilent(leader, change);
        ChangeProblem problem = MembershipChanges.Apply(Membership, change, out Membership next);
        if (problem != ChangeProblem.None)
        {
            return new ChangeAnswer(ChangeOutcome.Refused, problem);
        }

        foreach (NodeId promoted in change.Promote)
        {
            if (!IsLargeEnough(promoted))
            {
                return new ChangeAnswer(ChangeOutcome.Refused, ChangeProblem.TooSmall);
            }

            if (leader.Find(promoted) is not { } learner || !HasCaughtUp(learner))
            {
                return new ChangeAnswer(ChangeOutcome.Refused, ChangeProblem.Behind);
            }
        }

        if (next.IsJoint && !IsReachable(leader, next.Voters))
        {
            return new ChangeAnswer(ChangeOutcome.Refused, ChangeProblem.Unreachable);
        }

        if (!Membership.Contains(next.Voters, Self) && TryHandOver(leader, next.Voters))
        {
            return new ChangeAnswer(ChangeOutcome.HandingOver);
        }

        byte[] payload = MembershipCodec.Encode(next);
        if (!HasLogRoom(payload.Length + LogEntry.OverheadBytes))
        {
            return new ChangeAnswer(ChangeOutcome.Busy);
        }

        EntryId entry = AppendEntry(leader, EntryKind.Membership, payload);
        return new ChangeAnswer(ChangeOutcome.Begun, ChangeProblem.None, entry);
    }

    // A majority of those that will decide must have been heard lately, or the cluster would be stuck by its own order.
    private bool IsReachable(LeaderState leader, IReadOnlyList<NodeId> voters)
    {
        int count = 0;
        foreach (NodeId voter in voters)
        {
            count += voter == Self || leader.Find(voter) is { } progress && IsHeard(progress) ? 1 : 0;
        }

        return count > voters.Count / 2;
    }

    /// <summary>True for a follower that answered within the last election timeout.</summary>
    public bool IsHeard(Progress progress) => progress.SilentTicks < _options.ElectionTimeoutTicks;

    private bool TryHandOver(LeaderState leader, IReadOnlyList<NodeId> voters)
    {
        Progress? best = null;
        foreach (Progress progress in leader.Followers)
        {
            bool isCandidate = IsHeard(progress) && Membership.Contains(voters, progress.Node)
                && Membership.Contains(Membership.Voters, progress.Node);
            if (isCandidate && (best is null || progress.MatchIndex > best.MatchIndex))
            {
                best = progress;
            }
        }

        if (best is null)
        {
            return false;
        }

        TransferLeadership(best.Node);
        return true;
    }

    /// <summary>
    /// The next step of what is under way, once the last one is committed: leave the joint membership, make voters of
    /// learners that have caught up, or hand over when this leader is no voter any more.
    /// </summary>
    private void ContinueMembership(LeaderState leader)
    {
        if (!IsMembershipCommitted || !HasCommittedInTerm || !leader.TransferTarget.IsNone)
        {
            return;
        }

        if (Membership.IsJoint)
        {
            AppendEntry(leader, EntryKind.Membership, MembershipCodec.Encode(Membership.WithoutOutgoing()));
        }
        else if (!Membership.IsVoter(Self))
        {
            // Thesis 4.2.2: it led until its removal was committed, without counting itself.
            TryHandOver(leader, Membership.Voters);
        }
        else
        {
            PromoteCaughtUp(leader);
            RemoveSilent(leader);
        }
    }

    // Who is not heard has no doors to close.
    private MembershipChange WithoutSilent(LeaderState leader, MembershipChange change)
    {
        if (change.Leave.Count == 0)
        {
            return change;
        }

        var heard = new List<NodeId>();
        var silent = new List<NodeId>(change.Remove);
        foreach (NodeId node in change.Leave)
        {
            bool isHeard = node == Self || (leader.Find(node) is { } progress ? IsHeard(progress) : !Membership.IsPending(node));
            (isHeard ? heard : silent).Add(node);
        }

        return change with { Leave = heard, Remove = silent };
    }

    // It asked to be removed and could not be answered any more, or ended before it could ask.
    private void RemoveSilent(LeaderState leader)
    {
        List<NodeId>? gone = null;
        foreach (Member member in Membership.Details)
        {
            bool isSilent = member.IsLeaving && leader.Find(member.Id) is { } progress
                && progress.SilentTicks >= LeavingSilence * _options.ElectionTimeoutTicks;
            if (isSilent && !Membership.IsVoter(member.Id))
            {
                (gone ??= []).Add(member.Id);
            }
        }

        if (gone is not null)
        {
            ChangeMembership(new MembershipChange { Remove = gone });
        }
    }

    private void PromoteCaughtUp(LeaderState leader)
    {
        List<NodeId>? promoted = null;
        List<NodeId>? replaced = null;
        foreach (Member member in Membership.Details)
        {
            if (member.IsJoining && leader.Find(member.Id) is { } progress && HasCaughtUp(progress) && IsLargeEnough(member.Id))
            {
                (promoted ??= []).Add(member.Id);
                if (Membership.IsMember(member.Replaces))
                {
                    (replaced ??= []).Add(member.Replaces);
                }
            }
        }

        if (promoted is not null)
        {
            ChangeMembership(new MembershipChange { Promote = promoted, Leave = replaced ?? [] });
        }
    }

    private bool IsLargeEnough(NodeId node) => LargeEnough is null || LargeEnough.Contains(node);

    // Thesis 4.2.1: a voter that lacks much would hold up every commit that needs it.
    private bool HasCaughtUp(Progress progress) => progress.State == ProgressState.Replicate && IsHeard(progress)
        && Log.LastEntry.Index - progress.MatchIndex <= _options.CaughtUpEntries;

    /// <summary>The leader's views follow the membership; what it has counted is counted anew.</summary>
    private void FollowMembership(LeaderState leader)
    {
        leader.Follow(Membership, Log.LastEntry.Index);
        CountHeartbeatsAnew(leader);
        AdvanceAllApplied(leader);
        EndConfirmedReadRounds(leader);
    }
}
