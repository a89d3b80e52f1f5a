using System.Globalization;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using Xunit.Abstractions;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>
/// What is kept for repeats is flat after the first window, however many keyed writes there are (Q1). RAFTKV_SOAK=1 takes
/// 20,000,000 of them over three days of cluster time, under the limits of a real cluster.
/// </summary>
[Collection(nameof(StoreHeapCollection))]
public sealed class OnceMemoryTests(ITestOutputHelper output)
{
    private const int Sessions = 100;
    private const int Windows = 3;
    private const int StepsPerWindow = 96;

    private static readonly bool IsSoak = Environment.GetEnvironmentVariable("RAFTKV_SOAK") == "1";

    [Fact]
    public void Q1_records_and_bytes_are_flat_after_the_first_of_three_windows_and_nothing_is_refused()
    {
        int total = IsSoak ? 20_000_000 : 120_000;
        OnceLimits limits = IsSoak ? OnceLimits.Default : new() { SharedBytes = 600_000, MaxSessions = Sessions };
        StoreHarness store = new();
        store.Apply(new SetOnceLimitsCommand(limits));
        for (int i = 1; i <= Sessions; i++)
        {
            store.Apply(new OpenSessionCommand(new ClientSessionId(i)));
        }

        int done = 0;
        int perStep = total / (Windows * StepsPerWindow);
        long mostBytes = 0;
        List<(long Records, long Heap)> ends = [];
        for (int window = 0; window < Windows; window++)
        {
            for (int step = 0; step < StepsPerWindow; step++)
            {
                for (int i = 0; i < perStep; i++)
                {
                    Assert.Equal(CommandStatus.Ok, store.Store.Apply(store.Store.AppliedIndex.Next, Next(done++)).Status);
                }

                store.Apply(new AdvanceTimeCommand(limits.WindowMs / StepsPerWindow));
                mostBytes = Math.Max(mostBytes, store.View.Once.KeyBytes);
            }

            long heap = GC.GetTotalMemory(forceFullCollection: true);
            ends.Add((store.View.Records.Root.LiveCount, heap));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{done:n0} keyed writes: {ends[^1].Records:n0} records, {store.View.Once.KeyBytes:n0} bytes counted, heap {heap:n0}"));
        }

        Assert.InRange(mostBytes, limits.SharedBytes / 2, limits.SharedBytes + 10_000);
        Assert.InRange(store.View.Once.SessionAnswers, Sessions, 3 * Sessions);
        Assert.All(ends, end => Assert.InRange(end.Records, ends[0].Records * 9 / 10, ends[0].Records * 11 / 10));
        Assert.True(!IsSoak || ends[^1].Heap < ends[0].Heap * 11 / 10, "the heap grows from window to window");
        GC.KeepAlive(store);
    }

    [Fact]
    public void A_record_counts_for_about_what_it_takes()
    {
        const int Records = 20_000;
        (long held, long bytes) = HeldHeap.Of(() => WithRecords(Records), static store => store.View.Once.KeyBytes);
        long taken = held / Records;
        long counted = bytes / Records;
        output.WriteLine($"a record takes {taken} bytes and counts for {counted}");

        // The count is replicated, and older than records that hold their bytes in themselves.
        Assert.InRange(counted, taken * 3 / 4, taken * 5 / 2);
    }

    private static StoreHarness WithRecords(int count)
    {
        StoreHarness store = new();
        for (int i = 0; i < count; i++)
        {
            store.Apply(Plain(i));
        }

        return store;
    }

    // Writes that leave no version behind, so that only the tables are weighed. A third under plain keys; the others in
    // sessions whose clients acknowledge all but their last few.
    private static byte[] Next(int number)
    {
        if (number % 3 == 0)
        {
            return KvCommandCodec.Encode(Plain(number));
        }

        long sequence = (number / Sessions) + 1;
        SessionStamp stamp = new(new ClientSessionId((number % Sessions) + 1), sequence, Math.Max(0, sequence - 3), new byte[16]);
        return KvCommandCodec.Encode(new MutateCommand(Delete("none")) { Session = stamp });
    }

    private static MutateCommand Plain(int number) => new(Delete("none"))
    {
        Idempotency = new CommandKey(
            Bytes(string.Create(CultureInfo.InvariantCulture, $"order-{number:d12}-0123456789abcdef")), new byte[16]),
    };
}
