using RaftKv.Core;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Tests.Disk;

namespace RaftKv.Tests.Node;

/// <summary>One disk in memory for each node; a loss of power takes any part of what was not synced.</summary>
internal sealed class PowerCutDisks(ulong seed)
{
    private readonly DeterministicRandom _random = new(seed);
    private readonly Dictionary<int, SharedDevice> _disks = [];

    /// <summary>A node's disk.</summary>
    public IStorageDevice this[int index] =>
        _disks.TryGetValue(index, out SharedDevice? disk) ? disk : _disks[index] = new SharedDevice(new CrashDevice());

    /// <summary>From now on the node's disk is what the loss of power left; who still writes to the old one writes into the void.</summary>
    public void Cut(int index) => _disks[index] = ((SharedDevice)this[index]).AfterPowerCut(_random);

    /// <summary>The log's and the snapshots' threads use one device; the one in memory is for one thread.</summary>
    private sealed class SharedDevice(CrashDevice device) : IStorageDevice
    {
        private readonly Lock _gate = new();

        public SharedDevice AfterPowerCut(DeterministicRandom random)
        {
            lock (_gate)
            {
                return new SharedDevice(device.AfterPowerCut(random, chance: 500));
            }
        }

        public IReadOnlyList<string> List()
        {
            lock (_gate)
            {
                return device.List();
            }
        }

        public IStorageFile Create(string name, long zeroedBytes)
        {
            lock (_gate)
            {
                return new SharedFile(device.Create(name, zeroedBytes), _gate);
            }
        }

        public IStorageFile Open(string name, bool isReadOnly)
        {
            lock (_gate)
            {
                return new SharedFile(device.Open(name, isReadOnly), _gate);
            }
        }

        public void Rename(string from, string to)
        {
            lock (_gate)
            {
                device.Rename(from, to);
            }
        }

        public void Delete(string name)
        {
            lock (_gate)
            {
                device.Delete(name);
            }
        }

        public void SyncDirectory()
        {
            lock (_gate)
            {
                device.SyncDirectory();
            }
        }
    }

    private sealed class SharedFile(IStorageFile file, Lock gate) : IStorageFile
    {
        public long Length
        {
            get
            {
                lock (gate)
                {
                    return file.Length;
                }
            }
        }

        public int Read(long offset, Span<byte> buffer)
        {
            lock (gate)
            {
                return file.Read(offset, buffer);
            }
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            lock (gate)
            {
                file.Write(offset, bytes);
            }
        }

        public void SetLength(long length)
        {
            lock (gate)
            {
                file.SetLength(length);
            }
        }

        public void Sync()
        {
            lock (gate)
            {
                file.Sync();
            }
        }

        public void Dispose()
        {
            lock (gate)
            {
                file.Dispose();
            }
        }
    }
}
