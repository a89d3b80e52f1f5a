using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Messages;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Reach;

/// <summary>
/// Sees what one world does and counts the rare states that it meets. It draws nothing and changes nothing: a world is
/// the same with or without it.
/// </summary>
internal sealed class Reachability
{
    private readonly SimulatedCluster _cluster;
    private readonly ElectionReach _elections;
    private readonly VoteReach _votes;
    private readonly TransferReach _transfers;
    private readonly ReplicationReach _replication;
    private readonly RecoveryReach _recovery;
    private readonly LeaseReach _leases;
    private readonly OnceReach _once;

    public Reachability(SimulatedCluster cluster)
    {
        _cluster = cluster;
        Counts = cluster.Heritage?.Former.Reach.Counts ?? new ReachCounts();
        _elections = new ElectionReach(cluster, Counts);
        _votes = new VoteReach(cluster, Counts, _elections);
        _transfers = new TransferReach(cluster, Counts);
        _replication = new ReplicationReach(cluster, Counts);
        _recovery = new RecoveryReach(Counts);
        _leases = new LeaseReach(Counts);
        _once = new OnceReach(Counts);
        Versions = new VersionReach(cluster, Counts);
        Proposals = new ProposalReach(cluster, Counts);
        Reads = new ReadReach(Counts);
        Snapshots = new SnapshotReach(cluster, Counts);
        Crashes = new CrashReach(cluster, Counts);
        Watches = new WatchReach(cluster, Counts);
        Calls = new CallReach(Counts);
        Slices = new SliceReach(cluster, Counts);
        Members = new MemberReach(cluster, Counts);
        Restores = new RestoreReach(Counts);
    }

    /// <summary>Of a restored cluster and the one before it together.</summary>
    public ReachCounts Counts { get; }

    public ProposalReach Proposals { get; }

    public ReadReach Reads { get; }

    public SnapshotReach Snapshots { get; }

    public CrashReach Crashes { get; }

    public WatchReach Watches { get; }

    public CallReach Calls { get; }

    public SliceReach Slices { get; }

    public MemberReach Members { get; }

    public RestoreReach Restores { get; }

    public VersionReach Versions { get; }

    /// <summary>Before the node's mirrors are those of its new life.</summary>
    public void Recovered(SimulatedNode node, RecoveredState recovered)
    {
        Slices.Recovered(node);
        _recovery.Recovered(node, recovered, _cluster.Observer.Committed.Count);
        _once.Loaded(node, recovered.Snapshot?.LastEntry.Index.Value ?? 0);
        Versions.Loaded(recovered.Snapshot?.LastEntry.Index.Value ?? 0);
    }

    /// <summary>While the node still has its replica.</summary>
    public void Dying(SimulatedNode node)
    {
        Crashes.Dying(node);
        Slices.Dying(node);
        Watches.Died(node);
        _elections.Died(node);
        _transfers.Died(node);
        Snapshots.Died(node);
    }

    /// <summary>A node has taken inputs.</summary>
    public void Stepped(SimulatedNode node, ReplicaCore replica, in RaftPicture now)
    {
        _elections.Stepped(node, replica, now);
        _transfers.Stepped(node, replica, now);
        _replication.Stepped(node, replica, now);
        Slices.Stepped(node, replica, now);
        Members.Stepped(node, now);
    }

    /// <summary>Before the batch is in the node's log.</summary>
    public void BatchAsked(SimulatedNode node, PersistBatch batch) => _replication.BatchAsked(node, batch);

    public void Committed(SimulatedNode node, LogEntry entry, long term)
    {
        _replication.Committed(node, entry, term);
        Versions.Committed(entry);
        Members.Committed(node, entry);
    }

    public void ExpiryProposed(LeaseId lease, EntryId entry) => _leases.ExpiryProposed(lease, entry, _cluster.NowUs);

    /// <summary>Before the replica hears of it.</summary>
    public void Installing(SimulatedNode node, EntryId snapshot)
    {
        if (Snapshots.Installing(node, snapshot))
        {
            Slices.Installing(node);
            _once.Loaded(node, snapshot.Index.Value);
            Versions.Loaded(snapshot.Index.Value);
            Watches.Installing(node);
            Members.Installing(node);
        }
    }

    public void Sent(SimulatedNode node, Message message)
    {
        switch (message)
        {
            case Heartbeat: Reads.HeartbeatSent(node); break;
            case HeartbeatResponse or CommitNotice or AppendResponse or AppendRequest: break;
            case VoteRequest request:
                _votes.Sent(node, request);
                _transfers.Sent(node, request);
                break;
            case VoteResponse response:
                _votes.Sent(node, response);
                if (response is { IsGranted: true, IsPreVote: false })
                {
                    Slices.Voted(node);
                }

                break;
            case ForwardRequest request: Proposals.Sent(request); break;
            case ForwardRefusal refusal:
                Proposals.Sent(refusal);
                _transfers.Sent(refusal);
                break;
            default: break;
        }
    }

    /// <summary>The replica has taken the message.</summary>
    public void Received(SimulatedNode node, Message message)
    {
        Slices.Received(node);
        switch (message)
        {
            // The most frequent first: the checks are made one after the other.
            case HeartbeatResponse: break;
            case Heartbeat heartbeat: _replication.Received(node, heartbeat); break;
            case AppendAccepted: break;
            case AppendRejected response: _replication.Received(node, response); break;
            case AppendRequest request: _replication.Received(node, request); break;
            case VoteRequest request: _votes.Received(node, request); break;
            case VoteResponse response: _votes.Received(node, response); break;
            case SnapshotChunk chunk: Snapshots.Received(node, chunk); break;
            case TimeoutNow order: _transfers.Received(node, order); break;
            case ReadIndexRequest request: Reads.Received(node, request); break;
            case ReadIndexResponse response: Reads.Received(node, response); break;
            case ForwardRequest request: Proposals.Received(node, request); break;
            case LeaseRequest request: Proposals.Received(node, request); break;
            default: break;
        }
    }

    /// <summary>The world is over, and its history is right.</summary>
    public void End(ReachStory story)
    {
        _votes.End(_cluster.Observer);
        _transfers.End(_cluster.Observer);
        _leases.End(story, _cluster.Observer.Committed);
        _once.End(story);
        Versions.End(story);
        new LockReach(Counts).End(story);
        new StoreReach(Counts).End(story);
    }
}
