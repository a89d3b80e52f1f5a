using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store.Commands;
using static RaftKv.Core.Tests.Disk.WalBench;

namespace RaftKv.Core.Tests.Disk;

/// <summary>What is appended and synced is what recovery reads.</summary>
public sealed class WriteAheadLogTests
{
    [Fact]
    public void What_was_synced_is_read_back_with_its_hard_state()
    {
        var device = new CrashDevice();
        using WriteAheadLog log = Fresh(device);
        log.Append(new PersistBatch(1, null, [Entry(1, 1), Entry(1, 2)], State(1, 7, 0)));
        log.Append(new PersistBatch(2, null, [Entry(1, 3, payloadBytes: 0)], State(1, 7, 2)));
        Assert.Equal(2, log.Sync());

        WalContents contents = Read(device)!;

        AssertEntries([Entry(1, 1), Entry(1, 2), Entry(1, 3, payloadBytes: 0)], contents.Entries);
        Assert.Equal(State(1, 7, 2), contents.HardState);
        Assert.Equal(EntryId.Zero, contents.LogStart);
    }

    [Fact]
    public void However_many_batches_there_are_one_sync_makes_them_durable()
    {
        var device = new CrashDevice();
        using WriteAheadLog log = Fresh(device);
        int before = device.SyncCount;
        for (int i = 1; i <= 10; i++)
        {
            log.Append(Batch(i, Entry(1, i)));
        }

        log.Sync();

        Assert.Equal(before + 1, device.SyncCount);
    }

    // What MemoryBudget.DirectoryBytes says of the log: the smallest command there is, each with a sync and a commit index.
    [Fact]
    public void Q1_the_files_hold_at_most_three_times_what_the_entries_are_in_memory_and_three_segments()
    {
        const int SegmentBytes = 64 * 1024;
        var device = new CrashDevice();
        using WriteAheadLog log = Fresh(device, new WalOptions { SegmentBytes = SegmentBytes });
        int payload = CommandEnvelope.HeaderBytes + KvCommandCodec.Encode(new CompactSliceCommand()).Length;
        long inMemory = 0;
        for (int i = 1; i <= 20_000; i++)
        {
            LogEntry entry = Entry(1, i, payload);
            inMemory += entry.SizeBytes;
            log.Append(new PersistBatch(i, null, [entry], State(1, 7, i - 1)));
            log.Sync();
            log.PrepareNextSegment();
        }

        long held = inMemory / 10;
        Assert.InRange(device.List().Sum(name => (long)device[name].Length), inMemory, (3 * inMemory) + (3 * SegmentBytes));
        log.Compact(new LogIndex(18_000), new LogIndex(18_000));
        Assert.InRange(device.List().Sum(name => (long)device[name].Length), held, (3 * held) + (3 * SegmentBytes));
    }

    [Fact]
    public void A_sync_with_nothing_appended_touches_nothing()
    {
        var device = new CrashDevice();
        using WriteAheadLog log = Fresh(device);
        int before = device.OperationCount;

        Assert.Equal(0, log.Sync());

        Assert.Equal(before, device.OperationCount);
    }

    [Fact]
    public void What_was_appended_and_not_synced_is_not_on_the_disk()
    {
        var device = new CrashDevice();
        using WriteAheadLog log = Fresh(device);
        log.Append(Batch(1, Entry(1, 1)));

        Assert.Empty(Read(device)!.Entries);
    }

    [Fact]
    public void An_entry_at_or_below_the_last_index_cuts_the_suffix()
    {
        var device = new CrashDevice();
        using WriteAheadLog log = Fresh(device);
        log.Append(Batch(1, Entry(1, 1), Entry(1, 2), Entry(1, 3)));
        log.Sync();
        log.Append(new PersistBatch(2, null, [Entry(2, 2)], State(2, 0, 0)));
        log.Sync();

        AssertEntries([Entry(1, 1), Entry(2, 2)], Read(device)!.Entries);
    }

    [Fact]
    public void A_log_start_empties_the_log_and_entries_go_on_after_it()
    {
        var device = new CrashDevice();
        using WriteAheadLog log = Fresh(device);
        log.Append(Batch(1, Entry(1, 1), Entry(1, 2)));
        log.Append(new PersistBatch(2, Id(3, 100), [Entry(3, 101)], State(3, 0, 100)));
        log.Sync();

        WalContents contents = Read(device)!;

        Assert.Equal(Id(3, 100), contents.LogStart);
        AssertEntries([Entry(3, 101)], contents.Entries);
    }

    [Fact]
    public void The_log_rolls_over_many_segments_and_goes_on_after_each_restart()
    {
        var device = new CrashDevice();
        List<LogEntry> expected = [];
        Fresh(device).Dispose();
        for (int start = 0; start < 5; start++)
        {
            using WriteAheadLog log = Reopen(device, out WalContents contents);
            AssertEntries(expected, contents.Entries);
            for (int i = 1; i <= 40; i++)
            {
                expected.Add(Entry(1, expected.Count + 1, payloadBytes: i * 5));
                log.Append(Batch(i, expected[^1]));
                log.Sync();
            }
        }

        WalContents last = Read(device)!;
        AssertEntries(expected, last.Entries);
        Assert.True(last.Segments.Count > 5);
    }

    [Fact]
    public void A_group_larger_than_a_segment_gets_a_segment_of_its_own()
    {
        var device = new CrashDevice();
        using WriteAheadLog log = Fresh(device);
        log.Append(Batch(1, Entry(1, 1, payloadBytes: 20_000), Entry(1, 2, payloadBytes: 9_000)));
        log.Sync();
        log.Append(Batch(2, Entry(1, 3)));
        log.Sync();

        AssertEntries([Entry(1, 1, payloadBytes: 20_000), Entry(1, 2, payloadBytes: 9_000), Entry(1, 3)], Read(device)!.Entries);
    }

    [Fact]
    public void Compaction_drops_whole_segments_and_the_hard_state_stays()
    {
        var device = new CrashDevice();
        using WriteAheadLog log = Fresh(device);
        log.Append(new PersistBatch(1, null, [], State(5, 9, 0)));
        for (int i = 1; i <= 100; i++)
        {
            log.Append(Batch(i + 1, Entry(5, i, payloadBytes: 200)));
            log.Sync();
        }

        int before = log.Segments.Count;
        log.Compact(new LogIndex(60), snapshotIndex: new LogIndex(80));

        Assert.True(log.Segments.Count < before);
        WalContents contents = Read(device)!;
        Assert.Equal(State(5, 9, 0), contents.HardState);
        Assert.InRange(contents.LogStart.Index.Value, 1, 60);
        AssertEntries(
            Enumerable.Range(1, 100).Skip((int)contents.LogStart.Index.Value).Select(i => Entry(5, i, payloadBytes: 200)), contents.Entries);
    }

    [Fact]
    public void Compaction_never_passes_the_newest_snapshot()
    {
        var device = new CrashDevice();
        using WriteAheadLog log = Fresh(device);
        for (int i = 1; i <= 100; i++)
        {
            log.Append(Batch(i, Entry(1, i, payloadBytes: 200)));
            log.Sync();
        }

        log.Compact(new LogIndex(100), snapshotIndex: new LogIndex(30));

        Assert.InRange(Read(device)!.LogStart.Index.Value, 1, 30);
    }

    [Fact]
    public void A_suffix_that_began_in_a_deleted_segment_is_cut_all_the_same()
    {
        // 1. Entries 1..20 of term 1 fill segments; 2. a new leader overwrites from 15 in a later segment and goes on
        // to 60;
        // 3. a snapshot covers 50 and the first segments go. The entry before 15 is nowhere on the disk.
        var device = new CrashDevice();
        using WriteAheadLog log = Fresh(device);
        long number = 0;
        for (int i = 1; i <= 20; i++)
        {
            log.Append(Batch(++number, Entry(1, i, payloadBytes: 700)));
            log.Sync();
        }

        for (int i = 15; i <= 60; i++)
        {
            log.Append(new PersistBatch(++number, null, [Entry(2, i, payloadBytes: i == 15 ? 700 : 40)], i == 15 ? State(2, 0, 0) : null));
            log.Sync();
        }

        log.Compact(new LogIndex(20), snapshotIndex: new LogIndex(50));

        Assert.Equal(Id(1, 20), log.Segments[0].Base);
        WalContents contents = Read(device)!;
        Assert.Equal(Id(2, 15), contents.LogStart);
        AssertEntries(Enumerable.Range(16, 45).Select(i => Entry(2, i)), contents.Entries);
    }

    [Fact]
    public void Recycled_segments_never_show_what_they_held_before()
    {
        var device = new CrashDevice();
        WriteAheadLog log = Fresh(device);
        int created = 0;
        for (int i = 1; i <= 400; i++)
        {
            log.Append(Batch(i, Entry(1, i, payloadBytes: 150)));
            log.Sync();
            log.Compact(new LogIndex(i - 5), new LogIndex(i));
            created = device.List().Count;
            WalContents contents = Read(device)!;
            Assert.Equal(i, contents.LastEntry.Index.Value);
            Assert.All(contents.Entries, e => Assert.True(e.Payload.Span.SequenceEqual(Entry(1, e.Index.Value, 150).Payload.Span)));
        }

        Assert.True(created <= 4, $"{created} files");
        log.Dispose();
        using WriteAheadLog again = Reopen(device, out WalContents recovered);
        Assert.Equal(400, recovered.LastEntry.Index.Value);
    }

    [Fact]
    public void A_prepared_segment_is_used_by_the_next_roll()
    {
        var device = new CrashDevice();
        using WriteAheadLog log = Fresh(device);
        Assert.True(log.NeedsSpareSegment);
        log.PrepareNextSegment();
        Assert.False(log.NeedsSpareSegment);
        log.PrepareNextSegment();
        int files = device.List().Count;
        for (int i = 1; log.Segments.Count == 1; i++)
        {
            log.Append(Batch(i, Entry(1, i, payloadBytes: 500)));
            log.Sync();
        }

        Assert.Equal(files, device.List().Count);
        Assert.True(log.NeedsSpareSegment);
    }

    [Fact]
    public void A_fresh_directory_holds_no_log() => Assert.Null(Read(new CrashDevice()));

    [Fact]
    public void After_a_failed_sync_nothing_is_tried_again()
    {
        var device = new CrashDevice();
        using WriteAheadLog log = Fresh(device);
        log.Append(Batch(1, Entry(1, 1)));
        device.FailAt = device.OperationCount + 2;
        Assert.Throws<StorageFailedException>(() => log.Sync());

        Assert.Throws<StorageFailedException>(() => log.Sync());
        Assert.Throws<StorageFailedException>(() => log.Append(Batch(2, Entry(1, 2))));
        Assert.Throws<StorageFailedException>(() => log.Compact(default, default));
        Assert.Equal(0, device.OperationsAfterFailure);
    }

    [Fact]
    public void A_batch_out_of_order_or_with_a_gap_is_a_broken_invariant()
    {
        using WriteAheadLog log = Fresh(new CrashDevice());
        Assert.Throws<InvariantViolationException>(() => log.Append(Batch(2, Entry(1, 1))));
        Assert.Throws<InvariantViolationException>(() => log.Append(Batch(1, Entry(1, 2))));
    }

    [Fact]
    public void A_term_never_goes_back_and_a_vote_never_changes_within_a_term()
    {
        using WriteAheadLog log = Fresh(new CrashDevice());
        log.Append(new PersistBatch(1, null, [], State(3, 1, 0)));
        Assert.Throws<InvariantViolationException>(() => log.Append(new PersistBatch(2, null, [], State(2, 1, 0))));
        Assert.Throws<InvariantViolationException>(() => log.Append(new PersistBatch(2, null, [], State(3, 2, 0))));
    }
}
