using RaftKv.Core.Disk.Device;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Disk;

/// <summary>
/// A directory of a disk in memory that forgets as a real one does. Writes are durable after a sync; a power cut before
/// that keeps any subset of the 512-byte sectors, one of them torn in the middle. Names are durable after a directory
/// sync; before that a power cut keeps a prefix of the creations, renames and deletions, or (unordered) any subset. A
/// power cut can be set to strike at the n-th operation. Operations fail, and sectors are damaged, as
/// <see cref="Troubles"/> and <see cref="DiskDamage"/> say.
/// </summary>
internal sealed class SimulatedDevice : IStorageDevice
{
    internal const int SectorBytes = 512;

    private readonly DeterministicRandom _random;
    private readonly SortedDictionary<string, SimulatedInode> _names = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, SimulatedInode> _durableNames = new(StringComparer.Ordinal);
    private readonly List<NameChange> _changes = [];
    private int _operationsUntilCut = -1;

    /// <summary>Makes an empty directory.</summary>
    /// <param name="struck">Counts faults that struck, by <see cref="DiskFault"/>; null for nobody.</param>
    public SimulatedDevice(DeterministicRandom random, long[]? struck = null)
    {
        _random = random;
        Troubles = new DiskTroubles(random, struck ?? new long[DiskFaultClasses.Count]);
        Damage = new DiskDamage(this, random);
    }

    private enum ChangeKind : byte
    {
        Create,
        Rename,
        Delete,
    }

    public long OperationCount { get; private set; }

    public long SyncCount { get; private set; }

    /// <summary>What is wrong with the disk.</summary>
    public DiskTroubles Troubles { get; }

    /// <summary>What happens to sectors behind everybody's back.</summary>
    public DiskDamage Damage { get; }

    /// <summary>
    /// A durable record proves that everything up to this sync was synced: what is damaged there can be told from what
    /// was never synced.
    /// </summary>
    public long ProvenSync { get; private set; }

    /// <summary>Something durable, after that sync, says that it was.</summary>
    public void Prove(long syncNumber) => ProvenSync = Math.Max(ProvenSync, syncNumber);

    /// <summary>The power goes inside the operation that is this many operations ahead (0 is the next one).</summary>
    public void CutPowerAfter(int operations) => _operationsUntilCut = operations;

    public IReadOnlyList<string> List() => [.. _names.Keys];

    public IStorageFile Create(string name, long zeroedBytes)
    {
        Operation();
        Check.That(!_names.ContainsKey(name), "a created name is new");
        Troubles.ThrowIf(DiskFault.CreateError, $"create {name}");

        // A name needs room too, on a disk that is quite full; the file may be there, shorter than asked for.
        long taken = Troubles.TakeRoom(Math.Max(1, zeroedBytes));
        if (taken > 0)
        {
            AddFile(name, Math.Min(taken, zeroedBytes));
        }

        return taken >= Math.Max(1, zeroedBytes)
            ? new SimulatedFile(this, name, _names[name], isReadOnly: false)
            : throw Full($"create {name}");
    }

    public IStorageFile Open(string name, bool isReadOnly) =>
        _names.TryGetValue(name, out SimulatedInode? inode)
            ? new SimulatedFile(this, name, inode, isReadOnly)
            : throw new StorageFailedException($"open {name}: no such file");

    public void Rename(string from, string to)
    {
        Operation();
        Troubles.ThrowIf(DiskFault.RenameError, $"rename {from}");
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
        Troubles.ThrowIf(DiskFault.DirectorySyncError, "fsync of the directory");
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
        bool isOrdered = _random.Chance(700);
        int kept = _random.Next(_changes.Count + 1);
        for (int i = 0; i < _changes.Count; i++)
        {
            if (isOrdered ? i < kept : _random.Chance(500))
            {
                Apply(_changes[i]);
            }
        }

        _changes.Clear();
        _names.Clear();
        foreach ((string name, SimulatedInode inode) in _durableNames)
        {
            inode.CutPower(_random, ProvenSync);
            _names.Add(name, inode);
        }
    }

    /// <summary>
    /// No power cut waits any more. This is also what a killed process leaves: nothing that was written is lost, and
    /// nothing more is durable.
    /// </summary>
    public void Disarm() => _operationsUntilCut = -1;

    /// <summary>The file of a name; null when there is none.</summary>
    internal SimulatedInode? Find(string name) => _names.GetValueOrDefault(name);

    internal void Operation()
    {
        OperationCount++;
        if (_operationsUntilCut >= 0 && _operationsUntilCut-- == 0)
        {
            throw new PowerCutException();
        }
    }

    internal void Sync(string name, SimulatedInode inode)
    {
        Operation();
        SyncCount++;
        if (Troubles.Strikes(DiskFault.SyncError))
        {
            inode.LoseDirty();
            throw new StorageFailedException($"fsync {name}: simulated I/O error (EIO)");
        }

        inode.Sync(SyncCount, Troubles.ArmedLoss is null ? -1 : Damage.LoseOne(inode));
    }

    private void AddFile(string name, long zeroedBytes)
    {
        var inode = new SimulatedInode();
        inode.SetLength(zeroedBytes);
        inode.Sync(SyncCount);
        _names.Add(name, inode);
        _changes.Add(new NameChange(ChangeKind.Create, name, "", inode));
    }

    private static StorageFailedException Full(string operation) => new($"{operation}: no space left on device (ENOSPC)");

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

    private sealed class SimulatedFile(SimulatedDevice device, string name, SimulatedInode inode, bool isReadOnly) : IStorageFile
    {
        public long Length => inode.Length;

        public int Read(long offset, Span<byte> buffer)
        {
            device.Troubles.ThrowIf(DiskFault.ReadError, $"read {name}");
            return inode.Read(offset, buffer[..device.Troubles.ReadCount(buffer.Length)]);
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            Check.That(!isReadOnly, "a file opened for reading is not written");
            if (device.Troubles.Strikes(DiskFault.WriteError))
            {
                inode.Write(offset, bytes[..device.Troubles.PartOf(bytes.Length)]);
                throw new StorageFailedException($"write {name}: simulated I/O error (EIO)");
            }

            // What stands within the file has its room already.
            long grown = Math.Max(0, offset + bytes.Length - inode.Length);
            long missing = grown - device.Troubles.TakeRoom(grown);
            inode.Write(offset, bytes[..(int)(bytes.Length - missing)]);
            if (missing > 0)
            {
                throw Full($"write {name}");
            }

            device.Operation();
        }

        public void SetLength(long length)
        {
            Check.That(!isReadOnly, "a file opened for reading is not cut");
            inode.SetLength(length);
            device.Operation();
        }

        public void Sync() => device.Sync(name, inode);

        public void Dispose()
        {
        }
    }
}
