using RaftKv.Core.Disk.Device;

namespace RaftKv.Core.Tests.Disk;

/// <summary>
/// A disk in memory that knows what a power cut may leave: of unsynced writes any subset of 512-byte sectors, of
/// unsynced directory changes any subset. The n-th changing operation can be made to fail, half done.
/// </summary>
internal sealed class CrashDevice : IStorageDevice
{
    private const int SectorBytes = 512;

    private readonly List<Action<SortedDictionary<string, Inode>>> _pendingChanges = [];
    private SortedDictionary<string, Inode> _names = new(StringComparer.Ordinal);
    private SortedDictionary<string, Inode> _durableNames = new(StringComparer.Ordinal);

    /// <summary>Changing operations so far (create, write, rename, delete, syncs).</summary>
    public int OperationCount { get; private set; }

    /// <summary>The operation that fails, counted from 1; 0 for none.</summary>
    public int FailAt { get; set; }

    /// <summary>Operations tried after the failure: a fail-stop writer has none.</summary>
    public int OperationsAfterFailure { get; private set; }

    /// <summary>Syncs of files so far.</summary>
    public int SyncCount { get; private set; }

    /// <summary>Bytes per name; the array is the live one.</summary>
    public byte[] this[string name] => _names[name].Bytes;

    public IReadOnlyList<string> List() => [.. _names.Keys];

    public IStorageFile Create(string name, long zeroedBytes)
    {
        Assert.False(_names.ContainsKey(name), $"{name} exists");
        var inode = new Inode();
        bool isFailing = Step($"create {name}");
        Change(names => names[name] = inode);
        inode.Write(0, new byte[zeroedBytes], isWhole: !isFailing);
        FailIf(isFailing, $"create {name}");
        return new OpenFile(this, name, inode);
    }

    public IStorageFile Open(string name, bool isReadOnly) => new OpenFile(this, name, _names[name]);

    public void Rename(string from, string to)
    {
        FailIf(Step($"rename {from}"), $"rename {from}");
        Inode inode = _names[from];
        Change(names =>
        {
            if (names.TryGetValue(from, out Inode? there) && there == inode)
            {
                names.Remove(from);
            }

            names[to] = inode;
        });
    }

    public void Delete(string name)
    {
        FailIf(Step($"delete {name}"), $"delete {name}");
        Assert.True(_names.ContainsKey(name), $"{name} does not exist");
        Inode inode = _names[name];
        Change(names =>
        {
            if (names.TryGetValue(name, out Inode? there) && there == inode)
            {
                names.Remove(name);
            }
        });
    }

    public void SyncDirectory()
    {
        FailIf(Step("sync directory"), "sync directory");
        _pendingChanges.Clear();
        _durableNames = new(_names, StringComparer.Ordinal);
    }

    /// <summary>The disk after a power cut, everything on it durable.</summary>
    /// <param name="chance">Of 1000, how many sectors and directory changes that were not synced survive.</param>
    public CrashDevice AfterPowerCut(DeterministicRandom random, int chance)
    {
        var names = new SortedDictionary<string, Inode>(_durableNames, StringComparer.Ordinal);
        foreach (Action<SortedDictionary<string, Inode>> change in _pendingChanges)
        {
            if (random.Chance(chance))
            {
                change(names);
            }
        }

        var survivor = new CrashDevice();
        foreach ((string name, Inode inode) in names)
        {
            survivor._names[name] = inode.AfterPowerCut(random, chance);
        }

        survivor._durableNames = new(survivor._names, StringComparer.Ordinal);
        return survivor;
    }

    /// <summary>
    /// The disk after a kill of the process: all that was written is there, and what was not synced may still be lost.
    /// </summary>
    public CrashDevice AfterKill()
    {
        var copies = new Dictionary<Inode, Inode>();
        var survivor = new CrashDevice();
        foreach ((string name, Inode inode) in _names)
        {
            survivor._names[name] = copies[inode] = inode.Copy();
        }

        foreach ((string name, Inode inode) in _durableNames)
        {
            if (!copies.TryGetValue(inode, out Inode? copy))
            {
                copy = copies[inode] = inode.Copy();
            }

            survivor._durableNames[name] = copy;
        }

        // The changes one by one refer to the old files; all of them together are one change here.
        if (_pendingChanges.Count > 0)
        {
            SortedDictionary<string, Inode> present = new(survivor._names, StringComparer.Ordinal);
            survivor._pendingChanges.Add(names =>
            {
                names.Clear();
                foreach ((string name, Inode inode) in present)
                {
                    names[name] = inode;
                }
            });
        }

        return survivor;
    }

    /// <summary>Replaces a file's bytes, behind the writer's back.</summary>
    public void Replace(string name, byte[] bytes)
    {
        _names[name] = new Inode(bytes);
        _durableNames[name] = _names[name];
    }

    /// <summary>Removes a file, behind the writer's back.</summary>
    public void Lose(string name)
    {
        _names.Remove(name);
        _durableNames.Remove(name);
    }

    private void Change(Action<SortedDictionary<string, Inode>> change)
    {
        change(_names);
        _pendingChanges.Add(change);
    }

    private bool Step(string what)
    {
        if (FailAt > 0 && OperationCount >= FailAt)
        {
            OperationsAfterFailure++;
            throw new StorageFailedException($"{what}: used after the failure");
        }

        OperationCount++;
        return OperationCount == FailAt;
    }

    private static void FailIf(bool isFailing, string what)
    {
        if (isFailing)
        {
            throw new StorageFailedException($"{what}: Input/output error");
        }
    }

    private sealed class Inode
    {
        private readonly List<(int Offset, byte[] Bytes)> _unsynced = [];
        private byte[] _durable = [];

        public Inode()
        {
        }

        public Inode(byte[] bytes)
        {
            Bytes = bytes;
            _durable = (byte[])bytes.Clone();
        }

        public byte[] Bytes { get; private set; } = [];

        /// <summary>
        /// The kernel tells of a failed fsync once. Then the pages count as clean: who reads them finds what was
        /// written, and no later sync brings them to the disk.
        /// </summary>
        public bool HasFailedSync { get; set; }

        public void Write(long offset, ReadOnlySpan<byte> bytes, bool isWhole)
        {
            ReadOnlySpan<byte> kept = isWhole ? bytes : bytes[..(bytes.Length / 2)];
            Bytes = Put(Bytes, (int)offset, kept);
            _unsynced.Add(((int)offset, kept.ToArray()));
        }

        public void SetLength(long length)
        {
            byte[] bytes = Bytes;
            Array.Resize(ref bytes, (int)length);
            Bytes = bytes;
        }

        public void Sync()
        {
            Array.Resize(ref _durable, Bytes.Length);
            foreach ((int offset, byte[] written) in _unsynced)
            {
                _durable = Put(_durable, offset, written);
            }

            _unsynced.Clear();
        }

        public Inode AfterPowerCut(DeterministicRandom random, int chance)
        {
            byte[] bytes = (byte[])_durable.Clone();
            foreach ((int offset, byte[] written) in _unsynced)
            {
                int from = 0;
                while (from < written.Length)
                {
                    int end = Math.Min(written.Length, ((offset + from) / SectorBytes * SectorBytes) + SectorBytes - offset);
                    if (random.Chance(chance))
                    {
                        bytes = Put(bytes, offset + from, written.AsSpan(from, end - from));
                    }

                    from = end;
                }
            }

            return new Inode(bytes);
        }

        public Inode Copy()
        {
            var copy = new Inode { Bytes = (byte[])Bytes.Clone(), _durable = (byte[])_durable.Clone() };
            copy._unsynced.AddRange(HasFailedSync ? [] : _unsynced);
            return copy;
        }

        private static byte[] Put(byte[] target, int offset, ReadOnlySpan<byte> bytes)
        {
            if (target.Length < offset + bytes.Length)
            {
                Array.Resize(ref target, offset + bytes.Length);
            }

            bytes.CopyTo(target.AsSpan(offset));
            return target;
        }
    }

    private sealed class OpenFile(CrashDevice device, string name, Inode inode) : IStorageFile
    {
        public long Length => inode.Bytes.Length;

        public int Read(long offset, Span<byte> buffer)
        {
            int count = (int)Math.Clamp(inode.Bytes.Length - offset, 0, buffer.Length);
            inode.Bytes.AsSpan((int)Math.Min(offset, inode.Bytes.Length), count).CopyTo(buffer);
            return count;
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            bool isFailing = device.Step($"write {name}");
            inode.Write(offset, bytes, isWhole: !isFailing);
            FailIf(isFailing, $"write {name}");
        }

        public void SetLength(long length)
        {
            FailIf(device.Step($"truncate {name}"), $"truncate {name}");
            inode.SetLength(length);
        }

        public void Sync()
        {
            bool isFailing = device.Step($"fdatasync {name}");
            inode.HasFailedSync |= isFailing;
            FailIf(isFailing, $"fdatasync {name}");
            inode.Sync();
            device.SyncCount++;
        }

        public void Dispose()
        {
        }
    }
}
