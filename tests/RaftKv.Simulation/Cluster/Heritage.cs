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
    private readonly SnapshotInfo _backup;

    /// <param name="former">The cluster that is given up.</param>
    /// <param name="backup">What somebody saved of it.</param>
    public Heritage(SimulatedCluster former, StoreView backup, RestoreTerms terms)
    {
        Former = former;
        Backup = backup;
        Terms = terms;
        _backup = BackupFile.InfoOf(backup, former.Observer.Members.At(backup.AppliedIndex.Value));
        MvccStore store = StoreSnapshot.Decode(StoreSnapshot.Encode(backup, BlockBytes));
        StoreView restored = store.RestoreAs(terms);
        Blocks = [.. StoreSnapshot.Encode(restored, BlockBytes).Select(static block => (ReadOnlyMemory<byte>)block.ToArray())];
        State = StoreSnapshot.Decode(Blocks).View;
    }

    public SimulatedCluster Former { get; }

    public StoreView Backup { get; }

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
    public Membership MembersOf(Membership founders) => RestoredMembers.Of(founders, _backup.Membership);

    /// <summary>What is laid down on a founder's disk.</summary>
    public SnapshotInfo InfoOf(Membership founders) => new(Base, founders);

    /// <summary>The number of the cluster that these nodes found.</summary>
    public static ulong ClusterIdOf(IEnumerable<SimulatedNode> founders) =>
        Identities.ClusterIdOf(new FoundingRoll(founders.Select(static node => new FoundingSeat(node.Name, node.Id))));
}
