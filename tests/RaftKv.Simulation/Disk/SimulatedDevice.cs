using RaftKv.Core.Wal;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Disk;

/// <summary>
/// A directory of a disk in memory that forgets as a real one does. Writes are durable after a sync; a power cut before
/// that keeps any subset of the 512-byte sectors, one of them torn in the middle. Names are durable after a directory
/// sync; before that a power cut keeps a prefix of the creations, renames and deletions, or (unordered) any subset. A
/// power cut can be set to strike at the n-th operation.
/// </summary>
internal sealed class SimulatedDevice(DeterministicRandom random) : IStorageDevice
{
    internal const int SectorBytes = 512;

    private readonly SortedDictionary<string, SimulatedInode> _names = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SimulatedInode> _durableNames = new(StringComparer.Ordinal);
    private readonly List<NameChange> _changes = [];
    private int _operationsUntilCut = -1;

    private enum ChangeKind : byte
    {
        Create,
        Rename,
        Delete,
    }

    public long OperationCount { get; private set; }

    public long SyncCount { get; private set; }

    /// <summary>
    /// The next sync fails as a broken disk's does: the unsynced sectors are lost, and count as clean.
    /// </summary>
    public bool FailsNextSync { get; set; }

    /// <summary>The power goes inside the operation that is this many operations ahead (0 is the next one).</summary>
    public void CutPowerAfter(int operations) => _operationsUntilCut = operations;

    public IReadOnlyList<string> List() => [.. _names.Keys];

    public IStorageFile Create(string name, long zeroedBytes)
    {
        Operation();
        Check.That(!_names.ContainsKey(name), "a created name is new");
        var inode = new SimulatedInode();
        inode.SetLength(zeroedBytes);
        inode.Sync();
        _names.Add(name, inode);
        _changes.Add(new NameChange(ChangeKind.Create, name, "", inode));
        return new SimulatedFile(this, inode, isReadOnly: false);
    }

    public IStorageFile Open(string name, bool isReadOnly) =>
        _names.TryGetValue(name, out SimulatedInode? inode)
            ? new SimulatedFile(this, inode, isReadOnly)
            : throw new StorageFailedException($"open {name}: no such file");

    public void Rename(string from, string to)
    {
        Operation();
        if (!_names.Remove(from, out SimulatedInode? inode))
        {
            throw new StorageFailedException($"rename {from}: no such file");
        }

        _names[to] = inode;
        _changes.Add(new NameChange(ChangeKind.Rename, from, to, inode));
    }

    public void Delete(string name)
    {
        Operation();
        if (!_names.Remove(name, out SimulatedInode? inode))
        {
            throw new StorageFailedException($"delete {name}: no such file");
        }

        _changes.Add(new NameChange(ChangeKind.Delete, name, "", inode));
    }

    public void SyncDirectory()
    {
        Operation();
        foreach (NameChange change in _changes)
        {
            Apply(change);
        }

        _changes.Clear();
    }

    /// <summary>The power goes: what was not synced is lost in part.</summary>
    public void CutPower()
    {
        _operationsUntilCut = -1;
        FailsNextSync = false;
        bool isOrdered = random.Chance(700);
        int kept = random.Next(_changes.Count + 1);
        for (int i = 0; i < _changes.Count; i++)
        {
            if (isOrdered ? i < kept : random.Chance(500))
            {
                Apply(_changes[i]);
            }
        }

        _changes.Clear();
        _names.Clear();
        foreach ((string name, SimulatedInode inode) in _durableNames)
        {
            inode.CutPower(random);
            _names.Add(name, inode);
        }
    }

    /// <summary>
    /// No fault waits any more. This is also what a killed process leaves: nothing that was written is lost, and
    /// nothing more is durable.
    /// </summary>
    public void Disarm()
    {
        _operationsUntilCut = -1;
        FailsNextSync = false;
    }

    internal void Operation()
    {
        OperationCount++;
        if (_operationsUntilCut >= 0 && _operationsUntilCut-- == 0)
        {
            throw new PowerCutException();
        }
    }

    internal void Sync(SimulatedInode inode)
    {
        Operation();
        SyncCount++;
        if (FailsNextSync)
        {
            FailsNextSync = false;
            inode.LoseDirty();
            throw new StorageFailedException("fsync: simulated I/O error");
        }

        inode.Sync();
    }

    private void Apply(NameChange change)
    {
        switch (change.Kind)
        {
            case ChangeKind.Create:
                _durableNames[change.Name] = change.Inode;
                break;
            case ChangeKind.Rename:
                // Unordered: the rename may be durable though the creation was not seen; the file is there under its
                // new name.
                if (_durableNames.TryGetValue(change.Name, out SimulatedInode? old) && old == change.Inode)
                {
                    _durableNames.Remove(change.Name);
                }

                _durableNames[change.To] = change.Inode;
                break;
            case ChangeKind.Delete:
                if (_durableNames.TryGetValue(change.Name, out SimulatedInode? there) && there == change.Inode)
                {
                    _durableNames.Remove(change.Name);
                }

                break;
            default:
                Check.Unreachable<int>(change.Kind);
                break;
        }
    }

    private sealed record NameChange(ChangeKind Kind, string Name, string To, SimulatedInode Inode);

    private sealed class SimulatedFile(SimulatedDevice device, SimulatedInode inode, bool isReadOnly) : IStorageFile
    {
        public long Length => inode.Length;

        public int Read(long offset, Span<byte> buffer) => inode.Read(offset, buffer);

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            Check.That(!isReadOnly, "a file opened for reading is not written");
            inode.Write(offset, bytes);
            device.Operation();
        }

        public void SetLength(long length)
        {
            Check.That(!isReadOnly, "a file opened for reading is not cut");
            inode.SetLength(length);
            device.Operation();
        }

        public void Sync() => device.Sync(inode);

        public void Dispose()
        {
        }
    }
}
