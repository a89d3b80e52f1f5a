using RaftKv.Core.Raft.Members;

namespace RaftKv.Core.Raft.Roles;

/// <summary>
/// What a node holds because of its role; a closed set. Changing role drops the old one's data whole.
/// </summary>
public abstract class RoleState
{
    private protected RoleState(Role role) => Role = role;

    /// <summary>Which role.</summary>
    public Role Role { get; }
}

/// <summary>Follows a leader, or waits for one.</summary>
public sealed class FollowerState(NodeId leader) : RoleState(Role.Follower)
{
    /// <summary>The term's leader; none while unknown.</summary>
    public NodeId Leader { get; } = leader;

    /// <summary>The snapshot that is coming in; null when none.</summary>
    public SnapshotReceive? Incoming { get; set; }
}

/// <summary>Collects votes, or answers to pre-votes.</summary>
public sealed class CandidateState(bool isPreVote) : RoleState(isPreVote ? Role.PreCandidate : Role.Candidate)
{
    /// <summary>The answers so far. Looked up by node only, never enumerated.</summary>
    public Dictionary<NodeId, bool> Votes { get; } = [];
}

/// <summary>A snapshot on its way in.</summary>
public sealed class SnapshotReceive(EntryId snapshot, Membership membership, long totalBytes)
{
    /// <summary>Which snapshot.</summary>
    public EntryId Snapshot { get; } = snapshot;

    /// <summary>The membership in it.</summary>
    public Membership Membership { get; } = membership;

    /// <summary>Its file's length.</summary>
    public long TotalBytes { get; } = totalBytes;
}

/// <summary>Leads the term.</summary>
public sealed class LeaderState : RoleState, IReachedSource
{
    private readonly NodeId _self;
    private Dictionary<NodeId, Progress> _byNode = [];

    /// <summary>Starts with every other member in probe, just after this node's log.</summary>
    public LeaderState(NodeId self, Membership membership, LogIndex lastIndex) : base(Role.Leader)
    {
        _self = self;
        Follow(membership, lastIndex);
    }

    /// <summary>The other members, ascending by id.</summary>
    public IReadOnlyList<Progress> Followers { get; private set; } = [];

    /// <summary>
    /// Takes the members of a new membership: those that stay keep what is known of them, new ones begin in probe, and count
    /// as heard until the next check of the quorum.
    /// </summary>
    public void Follow(Membership membership, LogIndex lastIndex)
    {
        var followers = new List<Progress>();
        var byNode = new Dictionary<NodeId, Progress>();
        foreach (NodeId node in membership.Members())
        {
            if (node != _self)
            {
                Progress progress = Find(node) ?? new Progress(node, lastIndex.Next) { IsRecentlyActive = true };
                followers.Add(progress);
                byNode.Add(node, progress);
            }
        }

        Followers = followers;
        _byNode = byNode;
        if (Find(TransferTarget) is null)
        {
            TransferTarget = NodeId.None;
        }
    }

    /// <summary>Ticks since the last heartbeat.</summary>
    public int HeartbeatElapsed { get; set; }

    /// <summary>Ticks since the quorum was checked.</summary>
    public int QuorumCheckElapsed { get; set; }

    /// <summary>Ticks since it began to lead.</summary>
    public long LedTicks { get; set; }

    /// <summary>Ticks for which its own disk has been slow without a break.</summary>
    public long SlowTicks { get; set; }

    /// <summary>Bytes of entries appended in this term and not committed yet.</summary>
    public long UncommittedBytes { get; set; }

    /// <summary>To whom leadership is being handed; none normally. Proposals are refused meanwhile.</summary>
    public NodeId TransferTarget { get; set; }

    /// <summary>Ticks since the transfer began.</summary>
    public int TransferElapsed { get; set; }

    /// <summary>
    /// TimeoutNow was sent in this term, whose receiver may be elected at any time, or somebody is less patient than this
    /// leader counts on: no lease holds any more.
    /// </summary>
    public bool IsLeaderLeaseVoid { get; set; }

    /// <summary>The newest moment at which heartbeats were sent that a quorum acknowledged; null when none.</summary>
    public MonotonicTime? QuorumSentAt { get; set; }

    /// <summary>When entries were appended.</summary>
    public AppendTimes AppendTimes { get; } = new();

    /// <summary>Reads that wait for leadership to be confirmed.</summary>
    public ReadRounds Reads { get; } = new();

    /// <summary>Index durable on this node, set before counting.</summary>
    public LogIndex SelfPersistedIndex { get; set; }

    /// <summary>The view of a follower, or null for a stranger.</summary>
    public Progress? Find(NodeId node) => _byNode.GetValueOrDefault(node);

    /// <summary>Match index of a voter; this node's is what is durable here.</summary>
    public long ReachedBy(NodeId voter) =>
        voter == _self ? SelfPersistedIndex.Value : _byNode.TryGetValue(voter, out Progress? progress) ? progress.MatchIndex.Value : 0;
}
