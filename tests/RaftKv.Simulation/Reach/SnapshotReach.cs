using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Reach;

/// <summary>Snapshots that are written, sent, stored and installed.</summary>
internal sealed class SnapshotReach(SimulatedCluster cluster, ReachCounts counts)
{
    public static readonly ReachTheme Theme = new("snapshots");

    private static readonly ReachState OverLonger =
        Theme.Add("install-over-longer-log", "a snapshot replaced a log that went further, and contradicted it");
    private static readonly ReachState WhileBehind =
        Theme.Add("install-while-behind", "a snapshot was installed beyond the end of a log");
    private static readonly ReachState NotNeeded =
        Theme.Add("install-not-needed", "the log overtook a snapshot while that was installed");
    private static readonly ReachState OnLearner = Theme.Add("install-on-learner", "a learner installed a snapshot");
    private static readonly ReachState Refused =
        Theme.Add("install-refused", "an incoming snapshot was bad, or not whole, and was dropped");
    private static readonly ReachState BeganAnew =
        Theme.Add("snapshot-sent-anew", "a snapshot was sent from its start again, amid its way");
    private static readonly ReachState Replaced =
        Theme.Add("snapshot-replaced-amid", "a newer snapshot came while an older one was on its way");
    private static readonly ReachState OtherLeader =
        Theme.Add("snapshot-from-next-leader", "a next leader went on with a snapshot that another began");
    private static readonly ReachState ManyPieces = Theme.Add("snapshot-in-pieces", "a snapshot came in more than one piece");
    private static readonly ReachState Gap =
        Theme.Add("snapshot-piece-beyond", "a piece came that would have left a gap, and was not stored");
    private static readonly ReachState Gone = Theme.Add("snapshot-gone-amid", "a snapshot was deleted while it was sent");
    private static readonly ReachState WrittenLate =
        Theme.Add("own-snapshot-too-late", "a node's own snapshot was written when a newer one had been installed");
    private static readonly ReachState WhenQuiet =
        Theme.Add("snapshot-when-quiet", "a node that had gone quiet wrote a snapshot");
    private static readonly ReachState AlreadyThere =
        Theme.Add("snapshot-not-wanted", "a piece came of a snapshot whose end the log holds");

    private readonly Incoming[] _incoming = new Incoming[cluster.Profile.NodeCount];

    /// <summary>Before the replica hears that a snapshot is installed; true when it will take it over.</summary>
    public bool Installing(SimulatedNode node, EntryId snapshot)
    {
        ReplicaCore replica = node.Replica!;
        bool isCommitted = snapshot.Index.Value <= ReplicaProbe.Look(replica).CommitIndex;
        bool isNeeded = !isCommitted && node.Log.TermAt(snapshot.Index.Value) != snapshot.Term.Value;
        counts.HitIf(!isNeeded, NotNeeded);
        counts.HitIf(isNeeded && node.Log.LastIndex > snapshot.Index, OverLonger);
        counts.HitIf(isNeeded && node.Log.LastIndex < snapshot.Index, WhileBehind);
        counts.HitIf(isNeeded && node.Position >= cluster.Profile.VoterCount, OnLearner);
        return isNeeded;
    }

    public void InstallRefused() => counts.Hit(Refused);

    public void PieceMissing() => counts.Hit(Gone);

    /// <summary>Before the replica hears of it.</summary>
    public void Written(SimulatedNode node, EntryId snapshot)
    {
        counts.HitIf(snapshot.Index <= ReplicaProbe.SnapshotOf(node.Replica!).Index, WrittenLate);
        counts.HitIf(node.Replica!.IsQuietSnapshotDue, WhenQuiet);
    }

    public void Died(SimulatedNode node) => _incoming[node.Position] = default;

    public void Received(SimulatedNode node, SnapshotChunk chunk)
    {
        if (chunk.Term < node.Replica!.Term)
        {
            return;
        }

        ref Incoming incoming = ref _incoming[node.Position];
        counts.HitIf(node.Log.TermAt(chunk.Snapshot.Index.Value) == chunk.Snapshot.Term.Value, AlreadyThere);
        counts.HitIf(incoming.Snapshot == chunk.Snapshot && incoming.From != chunk.From, OtherLeader);
        counts.HitIf(incoming.Length > 0 && incoming.Snapshot != chunk.Snapshot && incoming.Length < incoming.TotalBytes, Replaced);
        if (incoming.Snapshot != chunk.Snapshot)
        {
            incoming = default;
        }

        (incoming.Snapshot, incoming.From, incoming.TotalBytes) = (chunk.Snapshot, chunk.From, chunk.TotalBytes);
    }

    /// <param name="length">What the incoming file has now.</param>
    public void Stored(SimulatedNode node, SnapshotChunkToStore chunk, long length)
    {
        ref Incoming incoming = ref _incoming[node.Position];
        if (incoming.Snapshot != chunk.Info.LastEntry)
        {
            return;
        }

        counts.HitIf(chunk.Offset > length, Gap);
        counts.HitIf(chunk.Offset == 0 && incoming.Length > chunk.Data.Length, BeganAnew);
        counts.HitIf(chunk.Offset > 0 && length == chunk.TotalBytes, ManyPieces);
        incoming.Length = length;
    }

    private struct Incoming
    {
        public EntryId Snapshot;
        public NodeId From;
        public long Length;
        public long TotalBytes;
    }
}
