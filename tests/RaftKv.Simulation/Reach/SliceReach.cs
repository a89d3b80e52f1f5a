using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store.Commands;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Reach;

/// <summary>Commands that a node applies in more than one round, and what comes in between.</summary>
internal sealed class SliceReach(SimulatedCluster cluster, ReachCounts counts)
{
    public static readonly ReachTheme Theme = new("slices");

    private static readonly ReachState Deletion = Theme.Add("slice-of-deletion", "a deletion of a range was cut");
    private static readonly ReachState Txn = Theme.Add("slice-of-txn", "a transaction was cut");
    private static readonly ReachState LeaseEnd = Theme.Add("slice-of-lease-end", "the end of a lease was cut");
    private static readonly ReachState Removal = Theme.Add("slice-of-removal", "the removal of what a compaction made obsolete was cut");
    private static readonly ReachState Other = Theme.Add("slice-of-other", "a command of another kind was cut");
    private static readonly ReachState Keyed = Theme.Add("slice-of-keyed", "a command that runs once under its key or number was cut");
    private static readonly ReachState Message = Theme.Add("message-amid", "a message was handled amid a command");
    private static readonly ReachState Read = Theme.Add("read-amid", "a read was served amid a command, from the view before it");
    private static readonly ReachState LinearizableRead =
        Theme.Add("linearizable-read-amid", "a linearizable read was served amid a command that was committed after it");
    private static readonly ReachState KeepAlive = Theme.Add("keepalive-amid", "a keepalive was answered amid a command");
    private static readonly ReachState LostLead = Theme.Add("leader-deposed-amid", "a leader lost its term amid a command");
    private static readonly ReachState Elected = Theme.Add("leader-elected-amid", "a node became leader amid a command");
    private static readonly ReachState Crash = Theme.Add("crash-amid", "a node died amid a command");
    private static readonly ReachState CrashOfLeader = Theme.Add("crash-of-leader-amid", "a leader died amid a command");
    private static readonly ReachState Again =
        Theme.Add("cut-again-after-crash", "a command that a crash had cut off was cut again in the replay");
    private static readonly ReachState Installed = Theme.Add("install-amid", "a snapshot was installed amid a command");
    private static readonly ReachState Write = Theme.Add("write-waits-amid", "an entry was committed behind a command under way");
    private static readonly ReachState Replay = Theme.Add("replay-cut", "a start's replay took more than one round");
    private static readonly ReachState VoteInReplay = Theme.Add("vote-in-replay", "a node voted before its replay was through");
    private static readonly ReachState Differently =
        Theme.Add("cut-differently", "two nodes were amid the same command at the same time");

    private readonly Place[] _places = [.. Enumerable.Range(0, cluster.Profile.NodeCount).Select(static _ => new Place())];

    /// <summary>A node begins a life.</summary>
    public void Recovered(SimulatedNode node) => _places[node.Position].ReplayTo = -1;

    /// <summary>While the node still has its replica.</summary>
    public void Dying(SimulatedNode node)
    {
        if (!cluster.IsFaulty)
        {
            return;
        }

        Place place = _places[node.Position];
        bool isAmid = ReplicaProbe.IsAmidCommand(node.Replica!);
        counts.HitIf(isAmid, Crash);
        counts.HitIf(isAmid && place.Role == Role.Leader, CrashOfLeader);
        place.CutOffAt = isAmid ? ReplicaProbe.Look(node.Replica!).AppliedIndex + 1 : place.CutOffAt;
        place.Index = 0;
    }

    public void Stepped(SimulatedNode node, ReplicaCore replica, in RaftPicture now)
    {
        Place place = _places[node.Position];
        if (place.ReplayTo < 0)
        {
            place.ReplayTo = now.CommitIndex;
            counts.HitIf(now.AppliedIndex < now.CommitIndex && node.Life > 0, Replay);
        }

        bool isAmid = ReplicaProbe.IsAmidCommand(replica);
        long index = isAmid ? now.AppliedIndex + 1 : 0;
        if (index > 0 && index != place.Index)
        {
            Cut(node, index);
        }

        counts.HitIf(isAmid && now.CommitIndex > index, Write);
        bool isSame = isAmid && index == place.Index;
        counts.HitIf(isSame && place.Role == Role.Leader && now.Role != Role.Leader, LostLead);
        counts.HitIf(isSame && place.Role != Role.Leader && now.Role == Role.Leader, Elected);
        (place.WasAmid, place.Index, place.Role) = (isSame, index, now.Role);
    }

    /// <summary>The round that took the message is over.</summary>
    public void Received(SimulatedNode node) => counts.HitIf(_places[node.Position].WasAmid, Message);

    public void Voted(SimulatedNode node)
    {
        bool isReplaying = ReplicaProbe.Look(node.Replica!).AppliedIndex < _places[node.Position].ReplayTo;
        counts.HitIf(isReplaying, VoteInReplay);
    }

    public void Served(SimulatedNode node, bool isLinearizable)
    {
        bool isAmid = node.IsUp && ReplicaProbe.IsAmidCommand(node.Replica!);
        counts.HitIf(isAmid, Read);
        counts.HitIf(isAmid && isLinearizable, LinearizableRead);
    }

    public void LeasesAnswered(SimulatedNode node) => counts.HitIf(ReplicaProbe.IsAmidCommand(node.Replica!), KeepAlive);

    public void Installing(SimulatedNode node) => counts.HitIf(ReplicaProbe.IsAmidCommand(node.Replica!), Installed);

    private void Cut(SimulatedNode node, long index)
    {
        Place place = _places[node.Position];
        counts.HitIf(place.CutOffAt == index, Again);
        for (int i = 0; i < _places.Length; i++)
        {
            counts.HitIf(i != node.Position && _places[i].Index == index, Differently);
        }

        if (node.Log.At(index) is not { } entry
            || !KvCommandCodec.TryDecode(entry.Payload[CommandEnvelope.HeaderBytes..], out KvCommand? command))
        {
            return;
        }

        counts.HitIf(command is { Idempotency: not null } or { Session: not null }, Keyed);
        counts.Hit(command switch
        {
            MutateCommand { Op: DeleteRangeOp { Keys.Kind: not KeyRangeKind.Single } } => Deletion,
            MutateCommand { Op: TxnOp } => Txn,
            RevokeLeaseCommand or ExpireLeaseCommand => LeaseEnd,
            CompactSliceCommand => Removal,
            _ => Other,
        });
    }

    private sealed class Place
    {
        // The command that the node was amid of when it was last seen; 0 for none.
        public long Index;
        public Role Role;
        public bool WasAmid;
        public long CutOffAt;

        // What was committed when the node began its life; below 0 until that is known.
        public long ReplayTo;
    }
}
