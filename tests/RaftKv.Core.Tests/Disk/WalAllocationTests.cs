using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Raft.Log;
using static RaftKv.Core.Tests.Disk.WalBench;

namespace RaftKv.Core.Tests.Disk;

/// <summary>STYLE 19: appending and syncing in a steady state allocates nothing.</summary>
public sealed class WalAllocationTests
{
    [Fact]
    public void Append_and_sync_reuse_their_buffers()
    {
        var options = new WalOptions { SegmentBytes = 4 * 1024 * 1024 };
        using WriteAheadLog log = Fresh(new NullDevice(), options);
        PersistBatch[] batches = new PersistBatch[200];
        for (int i = 0; i < batches.Length; i++)
        {
            batches[i] = new PersistBatch(i + 1, null, [Entry(1, (2 * i) + 1), Entry(1, (2 * i) + 2)], State(1, 0, i));
        }

        for (int i = 0; i < 50; i++)
        {
            log.Append(batches[i]);
            log.Sync();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 50; i < batches.Length; i++)
        {
            log.Append(batches[i]);
            log.Sync();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private sealed class NullDevice : IStorageDevice, IStorageFile
    {
        public long Length => 0;

        public IReadOnlyList<string> List() => [];

        public IStorageFile Create(string name, long zeroedBytes) => this;

        public IStorageFile Open(string name, bool isReadOnly) => this;

        public void Rename(string from, string to)
        {
        }

        public void Delete(string name)
        {
        }

        public void SyncDirectory()
        {
        }

        public int Read(long offset, Span<byte> buffer) => 0;

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
        }

        public void SetLength(long length)
        {
        }

        public void Sync()
        {
        }

        public void Dispose()
        {
        }
    }
}
