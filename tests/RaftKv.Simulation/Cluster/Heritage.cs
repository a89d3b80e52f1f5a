using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Identity;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Snapshot;
using RaftKv.Hosting;

namespace RaftKv.Simulation.Cluster;

/// <summary>
/// What a restored cluster has from the one that was given up: a state, and clients, watchers and observers that remember. Its
/// own log goes on behind the backup's last entry, so that indexes of both clusters are places of one list.
/// </summary>
internal sealed class Heritage
{
    private const int BlockBytes = 4096;

    /// <param name="former">The cluster that is given up.</param>
    /// <param name="past">The log whose state was saved.</param>
    /// <param name="backup">What somebody saved of it, or what a survivor comes to.</param>
    /// <param name="members">Who belonged to it, by what was saved.</param>
    public Heritage(SimulatedCluster former, Past past, StoreView backup, Membership members, RestoreTerms terms)
    {
        Former = former;
        Past = past;
        Backup = backup;
        FormerMembers = members;
        Terms = terms;
        MvccStore store = StoreSnapshot.Decode(StoreSnapshot.Encode(backup, BlockBytes));
        StoreView restored = store.RestoreAs(terms);
        Blocks = [.. StoreSnapshot.Encode(restored, BlockBytes).Select(static block => (ReadOnlyMemory<byte>)block.ToArray())];
        State = StoreSnapshot.Decode(Blocks).View;
    }

    public SimulatedCluster Former { get; }

    public StoreView Backup { get; }

    /// <summary>The log that it goes on from.</summary>
    public Past Past { get; }

    /// <summary>Who belonged to the cluster of before, by what was saved.</summary>
    public Membership FormerMembers { get; }

    /// <summary>Where the only node is that begins with the state, and which empty ones join; null when all begin with it.</summary>
    public int? Alone { get; init; }

    /// <summary>It is the directory of a survivor, which is no member of the cluster of before any more.</summary>
    public bool IsRecovery { get; init; }

    /// <summary>The last revision that the cluster of before can have handed out.</summary>
    public Revision NewestOfFormer => new(Math.Max(Former.Observer.CommittedView.Revision.Value, Past.LastRevision));

    /// <summary>More had been committed when it was saved.</summary>
    public bool IsBehind { get; init; }

    public RestoreTerms Terms { get; }

    /// <summary>What the new cluster begins with.</summary>
    public StoreView State { get; }

    public IReadOnlyList<ReadOnlyMemory<byte>> Blocks { get; }

    /// <summary>The place that the restore has, behind the last entry of the backup.</summary>
    public EntryId Base => new(DiskFounding.FirstTerm, State.AppliedIndex);

    /// <summary>Instances of the new cluster have numbers above all of the old one's, and the same positions.</summary>
    public ulong FirstInstance => Former.FirstInstance + (1_000_000UL * (ulong)Former.Profile.NodeCount);

    /// <summary>The founders, as each of them writes them down.</summary>
    public Membership MembersOf(Membership founders) => RestoredMembers.Of(founders, FormerMembers);

    /// <summary>The instance of the directory that a position begins with; one that joins is in place of one that was lost.</summary>
    public NodeId InstanceAt(int position) =>
        new(FirstInstance + (ulong)position + 1 + (Alone is { } alone && alone != position ? (ulong)Former.Profile.NodeCount : 0));

    /// <summary>Something that was acknowledged, and that the new cluster does not have.</summary>
    public bool HasLost(Clients.ClientOperation operation) =>
        operation is { IsRead: false, Outcome: Clients.OperationOutcome.Ok } && !Past.Has(operation.Entry);

    /// <summary>What is laid down on a founder's disk.</summary>
    public SnapshotInfo InfoOf(Membership founders) => new(Base, founders);

    /// <summary>The number of the cluster that these nodes found.</summary>
    public static ulong ClusterIdOf(IEnumerable<SimulatedNode> founders) =>
        Identities.ClusterIdOf(RollOf(founders));

    /// <summary>Who founds it.</summary>
    public static FoundingRoll RollOf(IEnumerable<SimulatedNode> founders) =>
        new(founders.Select(static node => new FoundingSeat(node.Name, node.Id)));
}
