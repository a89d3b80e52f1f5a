using RaftKv.Core;
using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Identity;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Storage;

namespace RaftKv.Backups;

/// <summary>
/// The emergency way when a majority of the directories is gone for good: the directory of a survivor becomes that of a new
/// cluster with one member, offline. What its log holds is kept, to the last entry, whether or not it was known committed:
/// an acknowledged write that reached it is never dropped. What did not reach it is lost.
/// </summary>
internal sealed class RecoverJob : IDisposable
{
    /// <summary>Where the log and the snapshots of before are kept.</summary>
    public const string KeptDirectoryName = "raft.before-recover";

    private readonly RestoreTarget _target;
    private readonly DirectoryIdentity _before;
    private readonly SavedState _saved;
    private readonly bool _hasMoved;

    private RecoverJob(RestoreTarget target, DirectoryIdentity before, SavedState saved, bool hasMoved)
    {
        (_target, _before, _saved, _hasMoved) = (target, before, saved, hasMoved);
        SavedRevision = saved.Store.View.Revision;
    }

    /// <summary>The survivor's name.</summary>
    public string NodeName => _before.NodeName;

    /// <summary>The cluster that it belonged to.</summary>
    public ulong ClusterId => _before.ClusterId;

    /// <summary>The last entry of its log.</summary>
    public EntryId LastEntry => _saved.Info.LastEntry;

    /// <summary>The revision after that entry.</summary>
    public Revision SavedRevision { get; }

    /// <summary>
    /// Why this node's state is not to be believed, though its files are whole: its cluster found it in another state than the
    /// others. Null when it is.
    /// </summary>
    public string? Divergence => DataDirectory.DivergenceIn(_target.Path)
        ?? (_hasMoved ? DataDirectory.DivergenceIn(Path.Combine(_target.Path, KeptDirectoryName)) : null);

    /// <summary>Who belonged to the cluster, as far as this one knows.</summary>
    public IReadOnlyList<Member> OldMembers => _saved.Info.Membership.Details;

    /// <summary>
    /// Locks and reads a stopped node's directory, and changes nothing. Throws <see cref="DataDirectoryException"/> with a
    /// sentence, and <see cref="Core.Disk.Device.StorageCorruptException"/> when its files are damaged.
    /// </summary>
    public static RecoverJob Open(string path)
    {
        RestoreTarget target = RestoreTarget.OpenExisting(Path.GetFullPath(path));
        try
        {
            DirectoryIdentity before = DirectoryIdentity.Read(Path.Combine(target.Path, DirectoryIdentity.FileName));
            if (before.Stage != FoundingStage.Founded || !before.HasLog)
            {
                throw new DataDirectoryException(
                    $"{target.Path} has never belonged to a cluster that was founded: there is nothing to recover.");
            }

            string raft = Path.Combine(target.Path, DataDirectory.RaftDirectoryName);
            string kept = Path.Combine(target.Path, KeptDirectoryName);

            // A run before this one may have ended between the move and the new identity.
            bool hasMoved = Directory.Exists(kept) && !(Directory.Exists(raft) && Directory.EnumerateFiles(raft).Any());
            return new RecoverJob(target, before, Load(hasMoved ? kept : raft, before), hasMoved);
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    /// <summary>Does it. The directory is a founded cluster's afterwards, and keeps what it held before beside it.</summary>
    /// <param name="instance">Drawn for the new member.</param>
    /// <param name="clusterIdOf">The id of a cluster that a roll founds.</param>
    public RestoreReport Run(NodeId instance, Func<FoundingRoll, ulong> clusterIdOf, bool keepsLeases, TimeProvider time)
    {
        RestoreTerms terms = RestoreJob.TermsOf(_saved, begin: null, keepsLeases, time);
        RestoreReport report = RestoreJob.ReportOf(_target, _saved, terms);
        string digest = RestoredImage.Write(_target.Root, _saved.ClusterId, _saved.Info, _saved.Store.RestoreAs(terms));
        if (!_hasMoved)
        {
            MoveAside();
        }

        string divergence = Path.Combine(_target.Path, DataDirectory.DivergedFileName);
        if (File.Exists(divergence))
        {
            // What it says is of the state of before, and stays with it: the new cluster has nobody to differ from. Durable before
            // the directory is the new member's, which would not start beside it.
            File.Move(divergence, Path.Combine(_target.Path, KeptDirectoryName, DataDirectory.DivergedFileName), overwrite: true);
            _target.Root.SyncDirectory();
        }

        // From here on the directory is another member, and the old log is never its own again.
        var roll = new FoundingRoll([new FoundingSeat(NodeName, instance)]);
        string prefix = NodeName + "=";
        string[] list = [.. _before.InitialCluster.Where(line => line.StartsWith(prefix, StringComparison.Ordinal))];
        _target.Become(DirectoryIdentity.New(NodeName, instance, list) with
        {
            Engine = _before.Engine,
            Stage = FoundingStage.Founded,
            Roll = roll,
            ClusterId = clusterIdOf(roll),
            Restored = digest,
        });
        return report;
    }

    /// <summary>Lets a node have the directory.</summary>
    public void Dispose() => _target.Dispose();

    private static SavedState Load(string raft, DirectoryIdentity before)
    {
        (SnapshotInfo info, MvccStore store) =
            SurvivorState.Load(new FileStorageDevice(raft), before.ClusterId, before.NodeId, FoundersOf(before.Roll!));
        return new SavedState(before.ClusterId, info, store, 0, "");
    }

    private static Membership FoundersOf(FoundingRoll roll) => new(
        roll.Seats.Select(static seat => seat.Instance),
        details: roll.Seats.Select(static seat => new Member(seat.Instance, seat.Name, "")));

    private void MoveAside()
    {
        string kept = Path.Combine(_target.Path, KeptDirectoryName);
        if (Directory.Exists(kept))
        {
            throw new DataDirectoryException($"{kept} is there already, of an earlier recovery. Move it away, and run this again.");
        }

        Directory.Move(Path.Combine(_target.Path, DataDirectory.RaftDirectoryName), kept);
        _target.Root.SyncDirectory();
    }
}
