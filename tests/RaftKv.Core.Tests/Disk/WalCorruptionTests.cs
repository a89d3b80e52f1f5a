using System.Buffers.Binary;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using static RaftKv.Core.Tests.Disk.WalBench;

namespace RaftKv.Core.Tests.Disk;

/// <summary>
/// CORRECTNESS, trap 12: bytes that were synced and are not what was written stop the node, with file and offset.
/// </summary>
public sealed class WalCorruptionTests
{
    [Fact]
    public void Every_byte_of_the_synced_part_is_guarded()
    {
        CrashDevice device = TornWriteTests.Build(out List<int> groupEnds);
        OverwriteEachByte(device, WalFormat.SegmentName(1), groupEnds[^1]);
    }

    [Fact]
    public void Every_byte_of_every_segment_of_a_rolled_log_is_guarded()
    {
        CrashDevice device = Rolled(3, out int tail);
        OverwriteEachByte(device, WalFormat.SegmentName(1), SealEnd(device, 1));
        OverwriteEachByte(device, WalFormat.SegmentName(2), SealEnd(device, 2));
        OverwriteEachByte(device, WalFormat.SegmentName(3), tail);
    }

    [Fact]
    public void A_zeroed_sector_in_the_synced_part_is_refused_wherever_it_is()
    {
        CrashDevice device = TornWriteTests.Build(out List<int> groupEnds);
        string name = WalFormat.SegmentName(1);
        byte[] whole = (byte[])device[name].Clone();
        for (int sector = 0; (sector + 1) * 512 <= groupEnds[^1]; sector++)
        {
            byte[] damaged = (byte[])whole.Clone();
            damaged.AsSpan(sector * 512, 512).Clear();
            device.Replace(name, damaged);
            Assert.Throws<StorageCorruptException>(() => Read(device));
        }
    }

    [Fact]
    public void A_flipped_length_in_the_last_segment_is_refused_and_not_taken_for_the_end()
    {
        CrashDevice device = TornWriteTests.Build(out List<int> groupEnds);
        string name = WalFormat.SegmentName(1);
        int lengthOfSecondRecord = groupEnds[3] + WalFormat.RecordHeaderBytes + 4;
        device[name][lengthOfSecondRecord + 3] ^= 0x40;

        StorageCorruptException refused = Assert.Throws<StorageCorruptException>(() => Read(device));

        Assert.Equal(name, refused.File);
        Assert.Equal(groupEnds[3], refused.Offset);
        Assert.Contains("no torn write", refused.Message, StringComparison.Ordinal);
        Assert.Contains("add it as a new member", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damage_to_the_last_group_of_an_idle_log_is_refused_thanks_to_the_mark_behind_it()
    {
        CrashDevice device = TornWriteTests.Build(out List<int> groupEnds);
        device[WalFormat.SegmentName(1)][groupEnds[^1] - 20] ^= 1;

        Assert.Throws<StorageCorruptException>(() => Read(device));
    }

    [Fact]
    public void A_missing_segment_in_the_middle_is_a_gap()
    {
        CrashDevice device = Rolled(4, out _);
        device.Lose(WalFormat.SegmentName(2));

        WalContents contents = Read(device)!;

        StorageCorruptException refused = Assert.Throws<StorageCorruptException>(() => RecoveredLog.Reconcile(contents, snapshot: null));
        Assert.Contains(WalFormat.SegmentName(2) + " is missing", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_last_segment_is_noticed_by_the_seal_before_it()
    {
        CrashDevice device = Rolled(3, out _);
        device.Lose(WalFormat.SegmentName(3));

        StorageCorruptException refused = Assert.Throws<StorageCorruptException>(() => Read(device));

        Assert.Contains(WalFormat.SegmentName(3), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_last_segment_emptied_is_refused_when_its_neighbour_shows_nothing_but_it_was_synced_beyond_one_group()
    {
        CrashDevice device = Rolled(3, out _);
        device[WalFormat.SegmentName(3)].AsSpan(0, WalFormat.SegmentHeaderBytes).Clear();

        Assert.Throws<StorageCorruptException>(() => Read(device));
    }

    [Fact]
    public void Segments_that_changed_places_are_refused()
    {
        CrashDevice device = Rolled(4, out _);
        byte[] second = (byte[])device[WalFormat.SegmentName(2)].Clone();
        device.Replace(WalFormat.SegmentName(2), device[WalFormat.SegmentName(3)]);
        device.Replace(WalFormat.SegmentName(3), second);

        Assert.Throws<StorageCorruptException>(() => Read(device));
    }

    [Fact]
    public void A_segment_of_another_history_of_the_same_node_is_refused()
    {
        CrashDevice device = Rolled(3, out _, payloadBytes: 300);
        CrashDevice other = Rolled(3, out _, payloadBytes: 301);
        device.Replace(WalFormat.SegmentName(2), other[WalFormat.SegmentName(2)]);

        StorageCorruptException refused = Assert.Throws<StorageCorruptException>(() => Read(device));

        Assert.Contains("not of one history", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_copied_to_another_place_is_refused()
    {
        CrashDevice device = TornWriteTests.Build(out List<int> groupEnds);
        byte[] bytes = device[WalFormat.SegmentName(1)];
        bytes.AsSpan(groupEnds[1], groupEnds[2] - groupEnds[1]).CopyTo(bytes.AsSpan(groupEnds[4]));

        Assert.Throws<StorageCorruptException>(() => Read(device));
    }

    [Fact]
    public void A_log_of_another_cluster_or_node_is_refused_with_both_names()
    {
        CrashDevice device = TornWriteTests.Build(out _);

        StorageCorruptException cluster = Assert.Throws<StorageCorruptException>(() => WalRecovery.Read(device, 0xC2, Self, out _));
        StorageCorruptException node = Assert.Throws<StorageCorruptException>(() => WalRecovery.Read(device, Cluster, new NodeId(0xB2), out _));

        Assert.Contains("cluster 00000000000000c1", cluster.Message, StringComparison.Ordinal);
        Assert.Contains("cluster 00000000000000c2", cluster.Message, StringComparison.Ordinal);
        Assert.Contains("00000000000000b2", node.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_newer_format_version_is_refused_as_such()
    {
        CrashDevice device = TornWriteTests.Build(out _);
        byte[] bytes = device[WalFormat.SegmentName(1)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), 2);
        uint crc = Crc32C.Append(Crc32C.Append(0, bytes.AsSpan(0, 12)), bytes.AsSpan(16, 112));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), crc);

        StorageCorruptException refused = Assert.Throws<StorageCorruptException>(() => Read(device));

        Assert.Contains("newer version", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_prepared_file_without_any_content_of_its_own_is_no_damage()
    {
        CrashDevice device = Rolled(2, out _);
        int before = Read(device)!.Entries.Count;
        device.Replace(WalFormat.SegmentName(3), new byte[4096]);

        WalContents zeros = Read(device)!;
        Assert.Equal(before, zeros.Entries.Count);
        Assert.Equal([WalFormat.SegmentName(3)], zeros.Leftovers);

        device.Replace(WalFormat.SegmentName(3), (byte[])device[WalFormat.SegmentName(1)].Clone());
        Assert.Equal(before, Read(device)!.Entries.Count);
    }

    [Fact]
    public void A_log_that_starts_behind_the_snapshot_is_refused()
    {
        var device = new CrashDevice();
        using WriteAheadLog log = Fresh(device);
        log.Append(new PersistBatch(1, Id(2, 50), [Entry(2, 51)], State(2, 0, 50)));
        log.Sync();
        var older = new SnapshotInfo(Id(2, 40), new Membership([Self]));

        Assert.Throws<StorageCorruptException>(() => RecoveredLog.Reconcile(Read(device)!, older));
        Assert.Throws<StorageCorruptException>(() => RecoveredLog.Reconcile(Read(device)!, snapshot: null));
    }

    private static CrashDevice Rolled(int segments, out int tail, int payloadBytes = 300)
    {
        var device = new CrashDevice();
        using WriteAheadLog log = Fresh(device);
        int i = 1;
        for (; log.Segments.Count < segments; i++)
        {
            log.Append(Batch(i, Entry(1, i, payloadBytes)));
            log.Sync();
        }

        log.Append(Batch(i, Entry(1, i, payloadBytes)));
        log.Sync();
        tail = Read(device)!.TailOffset;
        return device;
    }

    private static int SealEnd(CrashDevice device, ulong sequence)
    {
        int end = 0;
        WalRecovery.Read(device, Cluster, Self, out _, seen =>
        {
            if (seen.File == WalFormat.SegmentName(sequence) && seen.Record.Type == WalRecordType.Seal)
            {
                end = seen.Record.Offset + seen.Record.TotalBytes;
            }
        });
        return end;
    }

    private static void OverwriteEachByte(CrashDevice device, string name, int end)
    {
        WalContents whole = Read(device)!;
        byte[] bytes = device[name];
        Assert.InRange(end, 1, bytes.Length);
        for (int offset = 0; offset < end; offset++)
        {
            byte original = bytes[offset];
            foreach (byte pattern in (ReadOnlySpan<byte>)[(byte)(original ^ 0x01), (byte)~original, 0])
            {
                bytes[offset] = pattern;
                if (pattern != original)
                {
                    Assert.Throws<StorageCorruptException>(() => Read(device));
                }
            }

            bytes[offset] = original;
        }

        // In the free rest nothing is guarded, because nothing is said there.
        for (int offset = end; offset < Math.Min(end + 600, bytes.Length); offset++)
        {
            byte original = bytes[offset];
            bytes[offset] = (byte)~original;
            WalContents contents = Read(device)!;
            Assert.Equal(whole.LastEntry, contents.LastEntry);
            Assert.Equal(whole.Entries.Count, contents.Entries.Count);
            bytes[offset] = original;
        }
    }
}
