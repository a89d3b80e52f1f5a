using System.Runtime.CompilerServices;

namespace RaftKv.Core.Tests.Store;

/// <summary>Tests that measure the heap run alone: what others allocate meanwhile would be counted.</summary>
[CollectionDefinition(nameof(StoreHeapCollection), DisableParallelization = true)]
public sealed class StoreHeapCollection;

/// <summary>
/// How much of the heap one object holds: what the heap loses when it goes, one look right after the other. What earlier tests
/// have left goes at any time too, and is taken for its own when it goes between the two looks: the lesser of two measures counts.
/// </summary>
internal static class HeldHeap
{
    /// <summary>Makes an object twice, looks at it, and says how many bytes only it has held.</summary>
    public static (long Bytes, TSeen Seen) Of<T, TSeen>(Func<T> make, Func<T, TSeen> look)
        where T : class
    {
        (long first, _) = Measure(make, look);
        (long second, TSeen seen) = Measure(make, look);
        return (Math.Min(first, second), seen);
    }

    private static (long Bytes, TSeen Seen) Measure<T, TSeen>(Func<T> make, Func<T, TSeen> look)
        where T : class
    {
        T?[] holder = [null];
        TSeen seen = Fill(holder, make, look);
        long with = SettledBytes();
        holder[0] = null;
        return (with - SettledBytes(), seen);
    }

    // Not in line: its locals are gone when it returns, in whatever configuration.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static TSeen Fill<T, TSeen>(T?[] holder, Func<T> make, Func<T, TSeen> look)
        where T : class
    {
        T made = make();
        holder[0] = made;
        return look(made);
    }

    // GetTotalMemory(true) is content once two collections differ by less than a twentieth, which is more than is asked here.
    private static long SettledBytes()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: false);
    }
}
