namespace RaftKv.Core.Tests.Store;

/// <summary>What the heap holds, for tests that run alone.</summary>
internal static class Heap
{
    /// <summary>
    /// Bytes that are alive, garbage of tests before not among them. GetTotalMemory(true) is content once two collections
    /// differ by less than a twentieth of the whole heap, which can be more than a test has made.
    /// </summary>
    public static long Bytes()
    {
        for (int i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: false);
    }
}
