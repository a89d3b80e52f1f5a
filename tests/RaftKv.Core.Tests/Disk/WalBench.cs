using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Raft.Log;

namespace RaftKv.Core.Tests.Disk;

/// <summary>What the tests share: a node, batches, and a model of what a log must hold.</summary>
internal static class WalBench
{
    public const ulong Cluster = 0xC1;
    public static readonly NodeId Self = new(0xA1);
    public static readonly WalOptions Small = new() { SegmentBytes = 4096, SnapshotBlockBytes = 256 };

    public static EntryId Id(long term, long index) => new(new Term(term), new LogIndex(index));

    public static HardState State(long term, ulong vote, long commit) => new(new Term(term), new NodeId(vote), new LogIndex(commit));

    /// <summary>An entry whose payload says term and index, so that no two differ in name only.</summary>
    public static LogEntry Entry(long term, long index, int payloadBytes = 40)
    {
        byte[] payload = new byte[payloadBytes];
        for (int i = 0; i < payload.Length; i++)
        {
            payload[i] = (byte)((term * 31) + (index * 7) + i + 1);
        }

        return new LogEntry(Id(term, index), EntryKind.Command, payload);
    }

    public static PersistBatch Batch(long number, params LogEntry[] entries) => new(number, null, entries, null);

    public static WalContents? Read(IStorageDevice device) => WalRecovery.Read(device, Cluster, Self, out _);

    public static WriteAheadLog Fresh(IStorageDevice device, WalOptions? options = null) =>
        WriteAheadLog.Create(device, options ?? Small, Cluster, Self);

    public static WriteAheadLog Reopen(IStorageDevice device, out WalContents contents, WalOptions? options = null)
    {
        device.SyncDirectory();
        contents = Read(device)!;
        return WriteAheadLog.Resume(device, options ?? Small, Cluster, Self, contents, logStart: null, contents.HardState);
    }

    public static void AssertEntries(IEnumerable<LogEntry> expected, IReadOnlyList<LogEntry> actual)
    {
        LogEntry[] all = [.. expected];
        Assert.Equal(all.Select(e => e.Id), actual.Select(e => e.Id));
        for (int i = 0; i < all.Length; i++)
        {
            Assert.Equal(all[i].Kind, actual[i].Kind);
            Assert.True(all[i].Payload.Span.SequenceEqual(actual[i].Payload.Span), $"payload of {all[i].Id}");
        }
    }
}
