using System.Buffers.Binary;
using System.Globalization;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Snapshot;
using RaftKv.Core.Store.Tree;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>Snapshots of the state: R11 and A10 on the store's side, laziness, and damage of any kind.</summary>
public sealed class StoreSnapshotTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(65_536)]
    public void A_loaded_store_is_the_saved_one_whatever_the_size_of_the_blocks(int blockBytes)
    {
        StoreHarness store = Busy(seed: 31);
        StoreHarness loaded = new(Load(Snapshot(store.View, blockBytes), blockBytes));
        Assert.Equal(DescribeAll(store.View), DescribeAll(loaded.View));
        Assert.Equal(store.Store.AppliedIndex, loaded.Store.AppliedIndex);
        Assert.Equal([], KeyTreeInvariants.FindBroken(loaded.View.Root));
    }

    [Fact]
    public void A_loaded_store_gives_the_same_answers_to_the_entries_that_follow()
    {
        StoreHarness store = Busy(seed: 32);
        StoreHarness loaded = new(Load(Snapshot(store.View)));
        DeterministicRandom random = new(33);
        RandomCommands commands = new(random, keyCount: 20);
        for (int i = 0; i < 500; i++)
        {
            byte[] command = KvCommandCodec.Encode(commands.Next(store.Revision, store.View.CompactedRevision.Value));
            Assert.Equal(Describe.Command(store.ApplyBytes(command)), Describe.Command(loaded.ApplyBytes(command)));
            Assert.Equal(store.View.StateHash, loaded.View.StateHash);
        }
    }

    [Fact]
    public void An_empty_store_can_be_saved_and_loaded()
    {
        StoreHarness loaded = new(Load(Snapshot(new MvccStore().View)));
        Assert.Equal(1, loaded.Revision);
        Assert.Equal(new MvccStore().View.StateHash, loaded.View.StateHash);
        Assert.Equal(CommandStatus.Ok, loaded.Run(Put("a", "1")).Status);
    }

    [Fact]
    public void Encoding_goes_on_with_its_view_while_the_store_is_written_and_compacted()
    {
        StoreHarness store = Busy(seed: 34);
        StoreView view = store.View;
        byte[] expected = Snapshot(view, blockBytes: 64);
        List<byte> bytes = [];
        foreach (ReadOnlyMemory<byte> block in StoreSnapshot.Encode(view, blockBytes: 64))
        {
            bytes.AddRange(block.Span);
            store.Run(Put("k1", "meanwhile"));
            store.Run(DeletePrefix("a"));
            store.Compact(store.Revision);
            _ = store.View;
        }

        Assert.Equal(expected, bytes);
    }

    [Fact]
    public async Task Encoding_on_another_thread_sees_one_view_while_entries_are_applied()
    {
        StoreHarness store = Busy(seed: 35);
        StoreView view = store.View;
        byte[] expected = Snapshot(view);
        using CancellationTokenSource stop = new();
        Task writing = Task.Run(() =>
        {
            RandomCommands commands = new(new DeterministicRandom(36), keyCount: 20);
            while (!stop.IsCancellationRequested)
            {
                store.Apply(commands.Next(store.Revision, store.View.CompactedRevision.Value));
            }
        });
        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(expected, Snapshot(view, blockBytes: 100));
        }

        await stop.CancelAsync();
        await writing;
    }

    [Fact]
    public void Blocks_have_about_the_size_asked_for_and_their_bytes_are_the_same_on_every_node()
    {
        StoreHarness store = Busy(seed: 37);
        for (int i = 0; i < 200; i++)
        {
            store.Run(Put($"more{i}", "some value"));
        }

        List<int> lengths = [.. StoreSnapshot.Encode(store.View, 512).Select(block => block.Length)];
        Assert.True(lengths.Count > 10);
        Assert.All(lengths.SkipLast(1), length => Assert.InRange(length, 512, 700));
        Assert.Equal(Snapshot(Busy(seed: 37).View), Snapshot(Busy(seed: 37).View));
    }

    [Fact]
    public void A_snapshot_cut_anywhere_is_refused_with_a_format_exception()
    {
        byte[] snapshot = Snapshot(Busy(seed: 38, steps: 60).View);
        for (int length = 0; length < snapshot.Length; length++)
        {
            Assert.Throws<FormatException>(() => Load(snapshot[..length]));
        }

        Assert.Throws<FormatException>(() => Load([.. snapshot, 0]));
    }

    [Fact]
    public void A_snapshot_with_any_byte_changed_is_refused_with_a_format_exception()
    {
        byte[] snapshot = Snapshot(Busy(seed: 39, steps: 60).View);
        DeterministicRandom random = new(40);
        for (int i = 0; i < snapshot.Length; i++)
        {
            // The applied index alone is not covered by the state hash; the checksum of the file covers it.
            if (i is >= 16 and < 24)
            {
                continue;
            }

            byte[] damaged = (byte[])snapshot.Clone();
            damaged[i] ^= (byte)(1 << random.Next(8));
            if (damaged[8] > GateTable.ThisBuild.Newest.Value)
            {
                Assert.Throws<UnsupportedVersionException>(() => Load(damaged));
                continue;
            }

            FormatException error = Assert.Throws<FormatException>(() => Load(damaged));
            Assert.Contains("The store snapshot", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Contents_that_do_not_have_the_hash_that_they_claim_are_refused()
    {
        byte[] snapshot = Snapshot(Busy(seed: 41).View);
        BinaryPrimitives.WriteUInt64LittleEndian(snapshot.AsSpan(72), 1234);
        FormatException error = Assert.Throws<FormatException>(() => Load(snapshot));
        Assert.Contains("state hash", error.Message, StringComparison.Ordinal);
    }

    private static StoreHarness Busy(ulong seed, int steps = 600)
    {
        StoreHarness store = new();
        RandomCommands commands = new(new DeterministicRandom(seed), keyCount: 20);
        for (int i = 0; i < steps; i++)
        {
            store.Apply(commands.Next(store.Revision, store.View.CompactedRevision.Value));
        }

        return store;
    }

    private static string DescribeAll(StoreView view) => Describe.View(
        view, [.. view.Range(new RangeRequest { Keys = KeyRange.All }).Pairs.Select(pair => Text(pair.Key)), .. Enumerable.Range(0, 20)
            .Select(i => "b" + i.ToString(CultureInfo.InvariantCulture))]);
}
