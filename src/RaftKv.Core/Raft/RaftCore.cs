using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Raft.Roles;

namespace RaftKv.Core.Raft;

/// <summary>
/// The Raft algorithm of one node (Ongaro and Ousterhout 2014, "the paper"; Ongaro's dissertation 2014, "the thesis").
/// It knows no keys, no clock, no disk and no network: inputs are method calls, outputs gather in <see cref="Output"/>
/// and in the records to make durable.
/// Owned by one thread.
/// </summary>
/// <remarks>
/// Partial by concern: Election (who leads), Replication (the log), Reads (read index), Snapshots (transfer),
/// Durability (what waits for the disk), SlowDisk (who leads while it is slow), Priority (who leads if it can), Patience (what
/// a voter owes to a leader),
/// Members (changes of the membership), Guided (another Raft decides). Departures from the paper are listed in docs/divergence.md.
/// </remarks>
public sealed partial class RaftCore
{
    private readonly RaftOptions _options;
    private readonly DeterministicRandom _random;

    /// <summary>Starts as a follower from what the disk held.</summary>
    /// <param name="membership">In force at the snapshot, or at the founding.</param>
    public RaftCore(RaftOptions options, HardState hardState, Membership membership, EntryId snapshot, RaftLog log)
    {
        _options = options;
        _random = new DeterministicRandom(options.Seed);
        _syncDelay = new SyncDelay(options.ElectionTimeoutTicks);
        CurrentTerm = hardState.Term;
        VotedFor = hardState.VotedFor;
        Snapshot = snapshot;
        Log = log;
        _members = new MembershipLog(snapshot.Index, membership, log);
        State = new FollowerState(NodeId.None);
        Heard = hardState.Heard;

        // A voter that ran before may have promised a leader its patience just before it died: it stays sticky for one
        // election timeout after a restart as well (thesis 4.2.3, 6.4.1).
        _stickyTicks = OwesPatience(hardState) ? options.ElectionTimeoutTicks : 0;
        _electionTimeout = FirstElectionTimeout(hardState);
        Check.That(log.LastEntry.Term <= CurrentTerm, "the log's last term <= the current term", log.LastEntry.Term.Value, CurrentTerm.Value);
    }

    /// <summary>This node.</summary>
    public NodeId Self => _options.Self;

    /// <summary>The newest term seen. Never falls.</summary>
    public Term CurrentTerm { get; private set; }

    /// <summary>Who got this node's vote in the current term; none when nobody did.</summary>
    public NodeId VotedFor { get; private set; }

    /// <summary>The role and what it holds.</summary>
    public RoleState State { get; private set; }

    /// <summary>The role.</summary>
    public Role Role => State.Role;

    /// <summary>The log in memory.</summary>
    public RaftLog Log { get; }

    /// <summary>Last entry of the newest durable snapshot; zero when none.</summary>
    public EntryId Snapshot { get; private set; }

    /// <summary>The term's leader as far as known.</summary>
    public NodeId Leader => State switch
    {
        LeaderState => Self,
        FollowerState follower => follower.Leader,
        _ => NodeId.None,
    };

    /// <summary>True when this node leads, and may take proposals.</summary>
    public bool AcceptsProposals => State is LeaderState { TransferTarget.IsNone: true };

    /// <summary>What is to be done, apart from records.</summary>
    public RaftOutput Output { get; } = new();

    /// <summary>One unit of logical time.</summary>
    public void Tick()
    {
        if (_options.IsGuided)
        {
            TickGuided();
            return;
        }

        _syncDelay.Tick();
        _stickyTicks = Math.Max(0, _stickyTicks - 1);
        _ticksSincePreferred++;

        if (State is LeaderState leader)
        {
            TickLeader(leader);
        }
        else
        {
            TickElection();
        }
    }

    /// <summary>A message of Raft arrived.</summary>
    public void Receive(RaftMessage message)
    {
        // From whom does not matter: this node's membership may be older than the sender's. Who counts, is looked up where
        // it is counted.
        if (message.To != Self || message.From == Self || IsOfRemoved(message))
        {
            return;
        }

        if (_options.IsGuided)
        {
            ReceiveGuided(message);
            return;
        }

        if (message.Term < CurrentTerm)
        {
            AnswerStale(message);
            return;
        }

        NoteCandidacy(message as VoteRequest);
        if (message.Term > CurrentTerm && !AdvanceTerm(message))
        {
            return;
        }

        Dispatch(message);
    }

    /// <summary>
    /// A message of something else arrived from a node in this term: a newer term is over all others, whatever it was
    /// told with (5.1). False for a stranger's: who was removed must not depose a leader by what it forwards, and a leader
    /// that is not known here yet is heard by its appends.
    /// </summary>
    public bool HearOfTerm(NodeId from, Term term)
    {
        if (term <= CurrentTerm || from == Self || _options.IsGuided)
        {
            return true;
        }

        bool isMember = Membership.IsMember(from);
        if (isMember)
        {
            BecomeFollower(term, NodeId.None);
        }

        return isMember;
    }

    private void Dispatch(RaftMessage message)
    {
        switch (message)
        {
            case VoteRequest request:
                HandleVoteRequest(request);
                break;
            case VoteResponse response:
                HandleVoteResponse(response);
                break;
            case AppendRequest request:
                HandleAppendRequest(request);
                break;
            case AppendResponse response:
                HandleAppendResponse(response);
                break;
            case Heartbeat heartbeat:
                HandleHeartbeat(heartbeat);
                break;
            case CommitNotice notice:
                HandleCommitNotice(notice);
                break;
            case HeartbeatResponse response:
                HandleHeartbeatResponse(response);
                break;
            case SnapshotChunk chunk:
                HandleSnapshotChunk(chunk);
                break;
            case SnapshotResponse response:
                HandleSnapshotResponse(response);
                break;
            case TimeoutNow order:
                HandleTimeoutNow(order);
                break;
            case ReadIndexRequest request:
                HandleReadIndexRequest(request);
                break;
            case ReadIndexResponse:
                // The asking replica's business; here it only carried its term.
                break;
            default:
                Check.Unreachable<bool>(message);
                break;
        }
    }

    /// <summary>
    /// A newer term: true when the message is to be handled. Everything but a pre-vote makes this node a follower of
    /// that term (5.1).
    /// </summary>
    private bool AdvanceTerm(RaftMessage message)
    {
        switch (message)
        {
            case VoteRequest { IsTransfer: false } when IsSticky:
                // Thesis 4.2.3: while a leader lives here, nobody may disturb it, not even by raising the term.
                return false;
            case VoteRequest { IsPreVote: true }:
            case VoteResponse { IsPreVote: true, IsGranted: true }:
                // A pre-vote speaks of a term that nobody has entered yet (thesis 9.6).
                return true;
            case AppendRequest or Heartbeat or CommitNotice or SnapshotChunk:
                BecomeFollower(message.Term, message.From);
                return true;
            default:
                BecomeFollower(message.Term, NodeId.None);
                return true;
        }
    }

    /// <summary>
    /// An older term: the sender may be a leader that was deposed, or a node that must learn the term to be electable.
    /// </summary>
    private void AnswerStale(RaftMessage message)
    {
        switch (message)
        {
            case AppendRequest or Heartbeat or CommitNotice or SnapshotChunk:
                // With pre-vote and check-quorum together a node with a higher term would otherwise never be heard by
                // the leader.
                SendWhenDurable(new AppendRejected(Self, message.From, CurrentTerm, LogIndex.Zero, EntryId.Zero));
                break;
            case VoteRequest { IsPreVote: true }:
                SendWhenDurable(new VoteResponse(Self, message.From, CurrentTerm, IsPreVote: true, IsGranted: false));
                break;
            default:
                break;
        }
    }

    private void BecomeFollower(Term term, NodeId leader)
    {
        Check.That(term >= CurrentTerm, "the term never falls", term.Value, CurrentTerm.Value);
        if (term > CurrentTerm)
        {
            EnterTerm(term, NodeId.None);
        }

        if (State is LeaderState leading)
        {
            RefuseRemoteReads(leading);
        }

        State = new FollowerState(leader);
        ResetElectionTimer();
    }

    private void EnterTerm(Term term, NodeId vote)
    {
        Check.That(term > CurrentTerm, "a new term is higher", term.Value, CurrentTerm.Value);
        CurrentTerm = term;
        VotedFor = vote;
        HardStateChanged();
    }
}
