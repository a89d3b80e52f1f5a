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
/// Durability (what waits for the disk). Departures from the paper are listed in docs/divergence.md.
/// </remarks>
public sealed partial class RaftCore
{
    private readonly RaftOptions _options;
    private readonly DeterministicRandom _random;

    /// <summary>Starts as a follower from what the disk held.</summary>
    public RaftCore(RaftOptions options, HardState hardState, Membership membership, EntryId snapshot, RaftLog log)
    {
        _options = options;
        _random = new DeterministicRandom(options.Seed);
        CurrentTerm = hardState.Term;
        VotedFor = hardState.VotedFor;
        Membership = membership;
        Snapshot = snapshot;
        Log = log;
        State = new FollowerState(NodeId.None);
        bool isFresh = CurrentTerm == Term.Zero;

        // A voter that ran before may have promised a leader its patience just before it died: it stays sticky for one
        // election timeout after a restart as well (thesis 4.2.3, 6.4.1). A node that never ran promised nothing, and
        // campaigns soon.
        _stickyTicks = isFresh ? 0 : options.ElectionTimeoutTicks;
        _electionTimeout = isFresh || IsOnlyVoter ? FirstElectionTimeout() : RandomElectionTimeout();
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

    /// <summary>The membership in force.</summary>
    public Membership Membership { get; private set; }

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
        if (_stickyTicks > 0)
        {
            _stickyTicks--;
        }

        if (State is LeaderState leader)
        {
            TickLeader(leader);
        }
        else
        {
            TickElection();
        }
    }

    /// <summary>A message arrived.</summary>
    public void Receive(Message message)
    {
        if (message.To != Self || !Membership.IsMember(message.From) || message.From == Self)
        {
            return;
        }

        if (message.Term < CurrentTerm)
        {
            AnswerStale(message);
            return;
        }

        if (message.Term > CurrentTerm && !AdvanceTerm(message))
        {
            return;
        }

        Dispatch(message);
    }

    private void Dispatch(Message message)
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
            case ReadIndexResponse or ForwardRequest or ForwardRefusal or LeaseRequest or LeaseResponse:
                // The replica's business; here they only carried their term.
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
    private bool AdvanceTerm(Message message)
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
            case AppendRequest or Heartbeat or SnapshotChunk:
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
    private void AnswerStale(Message message)
    {
        switch (message)
        {
            case AppendRequest or Heartbeat or SnapshotChunk:
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
