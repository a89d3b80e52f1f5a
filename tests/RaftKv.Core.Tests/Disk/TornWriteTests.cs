using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Raft.Log;
using static RaftKv.Core.Tests.Disk.WalBench;

namespace RaftKv.Core.Tests.Disk;

/// <summary>
/// CORRECTNESS, trap 12 and gate "torn write at every byte of a 64-record WAL": a torn last group goes, everything
/// before it stays.
/// </summary>
public sealed class TornWriteTests
{
    private const int GroupCount = 16;
    private const int EntriesPerGroup = 4;
    private static readonly WalOptions OneSegment = Small with { SegmentBytes = 16384 };
    private static readonly string First = WalFormat.SegmentName(1);

    [Fact]
    public void Zeros_from_any_byte_on_keep_every_group_before_it()
    {
        CrashDevice device = Build(out List<int> groupEnds);
        byte[] whole = (byte[])device[First].Clone();
        for (int from = 0; from <= groupEnds[^1]; from++)
        {
            byte[] torn = (byte[])whole.Clone();
            torn.AsSpan(from).Clear();
            AssertKeepsWholeGroups(device, torn, whole, groupEnds);
        }
    }

    [Fact]
    public void Bytes_of_an_earlier_use_of_the_file_from_any_byte_on_keep_every_group_before_it()
    {
        CrashDevice device = Build(out List<int> groupEnds);
        byte[] whole = (byte[])device[First].Clone();
        byte[] stale = StaleSegment();
        for (int from = 0; from <= groupEnds[^1]; from++)
        {
            byte[] torn = (byte[])stale.Clone();
            whole.AsSpan(0, from).CopyTo(torn);
            AssertKeepsWholeGroups(device, torn, whole, groupEnds);
        }
    }

    [Fact]
    public void A_file_cut_at_any_byte_is_refused_because_no_crash_shortens_a_synced_file()
    {
        CrashDevice device = Build(out List<int> groupEnds);
        byte[] whole = (byte[])device[First].Clone();
        for (int length = WalFormat.SegmentHeaderBytes; length < whole.Length; length += length < groupEnds[^1] + 64 ? 1 : 97)
        {
            device.Replace(First, whole[..length]);
            StorageCorruptException refused = Assert.Throws<StorageCorruptException>(() => Read(device));
            Assert.Contains("it was cut", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Whichever_sectors_of_the_last_group_survive_it_is_kept_whole_or_cut_whole()
    {
        var device = new CrashDevice();
        using WriteAheadLog log = Fresh(device, OneSegment);
        log.Append(Batch(1, Entry(1, 1), Entry(1, 2)));
        log.Sync();
        byte[] before = (byte[])device[First].Clone();
        log.Append(Batch(2, [.. Enumerable.Range(3, 16).Select(i => Entry(1, i, payloadBytes: 230))]));
        log.Append(new PersistBatch(3, null, [Entry(1, 19)], State(1, 3, 2)));
        log.Sync();
        byte[] after = (byte[])device[First].Clone();

        // The mark behind the group is written after its sync: while the group is torn, it is not there.
        after.AsSpan(Read(device)!.TailOffset).Clear();
        int[] changed = [.. Enumerable.Range(0, after.Length / 512).Where(
            s => !before.AsSpan(s * 512, 512).SequenceEqual(after.AsSpan(s * 512, 512)))];
        Assert.InRange(changed.Length, 8, 12);

        for (int subset = 0; subset < 1 << changed.Length; subset++)
        {
            byte[] torn = (byte[])before.Clone();
            for (int i = 0; i < changed.Length; i++)
            {
                if ((subset & (1 << i)) != 0)
                {
                    after.AsSpan(changed[i] * 512, 512).CopyTo(torn.AsSpan(changed[i] * 512));
                }
            }

            device.Replace(First, torn);
            bool isWhole = subset == (1 << changed.Length) - 1;
            WalContents contents = Read(device)!;
            Assert.Equal(isWhole ? 19 : 2, contents.LastEntry.Index.Value);
            Assert.Equal(isWhole ? State(1, 3, 2) : default, contents.HardState);
        }
    }

    [Fact]
    public void A_torn_tail_is_cut_and_the_log_goes_on_over_it()
    {
        CrashDevice device = Build(out List<int> groupEnds);
        byte[] torn = (byte[])device[First].Clone();
        torn.AsSpan(groupEnds[^2] + 100).Clear();
        torn[^1] = 0x77;
        device.Replace(First, torn);

        using (WriteAheadLog log = Reopen(device, out WalContents contents, OneSegment))
        {
            Assert.Equal((GroupCount - 1) * EntriesPerGroup, contents.LastEntry.Index.Value);
            log.Append(Batch(1, Entry(1, ((GroupCount - 1) * EntriesPerGroup) + 1, payloadBytes: 8)));
            log.Sync();
        }

        Assert.Equal(0, device[First][^1]);
        Assert.Equal(((GroupCount - 1) * EntriesPerGroup) + 1, Read(device)!.LastEntry.Index.Value);
    }

    /// <summary>64 entries in 16 groups; where each group ends. Group 1 is the one that opening writes.</summary>
    internal static CrashDevice Build(out List<int> groupEnds)
    {
        var device = new CrashDevice();
        using WriteAheadLog log = Fresh(device, OneSegment);
        groupEnds = [Read(device)!.TailOffset];
        for (int group = 0; group < GroupCount; group++)
        {
            log.Append(Batch(group + 1, [.. Enumerable.Range((group * EntriesPerGroup) + 1, EntriesPerGroup).Select(i => Entry(1, i, i))]));
            log.Sync();
            groupEnds.Add(Read(device)!.TailOffset);
        }

        return device;
    }

    private static byte[] StaleSegment()
    {
        var device = new CrashDevice();
        using WriteAheadLog log = Fresh(device, OneSegment);
        for (int i = 1; log.Segments.Count < 3; i++)
        {
            log.Append(Batch(i, Entry(1, i, payloadBytes: 24 + (i % 5 * 8))));
            log.Sync();
        }

        return (byte[])device[WalFormat.SegmentName(2)].Clone();
    }

    private static void AssertKeepsWholeGroups(CrashDevice device, byte[] torn, byte[] whole, List<int> groupEnds)
    {
        device.Replace(First, torn);
        WalContents? contents = Read(device);
        int wholeGroups = groupEnds.Count(end => torn.AsSpan(0, end).SequenceEqual(whole.AsSpan(0, end)));
        if (wholeGroups == 0)
        {
            // Opening itself was torn: the node never ran.
            Assert.Null(contents);
            return;
        }

        int entries = (wholeGroups - 1) * EntriesPerGroup;
        AssertEntries(Enumerable.Range(1, entries).Select(i => Entry(1, i, i)), contents!.Entries);
        Assert.Equal(groupEnds[wholeGroups - 1], contents.TailOffset);
    }
}
