using System.Runtime.InteropServices;

namespace RaftKv.Service.Access;

/// <summary>
/// Runs work that takes a core for a tenth of a second and more on a thread of its own, which gives way to all others: on a
/// pool's thread it would take turns with those that serve calls, whose slowest would wait for it. Any thread.
/// </summary>
/// <remarks>
/// Linux looks at no priority of a thread but its nice value, which is the thread's and not the process'. Whoever has to wait
/// for such work waits longer on a machine that has nothing to spare.
/// </remarks>
internal static partial class PatientThread
{
    // About a tenth of another thread's turns where both want the same core.
    private const int Steps = 10;

    /// <summary>The result of the work, or its failure.</summary>
    public static Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Run(work, done)) { IsBackground = true, Name = "patient", Priority = ThreadPriority.Lowest }.Start();
        return done.Task;
    }

    private static void Run<T>(Func<T> work, TaskCompletionSource<T> done)
    {
        if (OperatingSystem.IsLinux())
        {
            // Of no consequence when it is refused.
            _ = GiveWay(Steps);
        }

        try
        {
            done.SetResult(work());
        }
        catch (Exception failure)
        {
            done.SetException(failure);
        }
    }

    [LibraryImport("libc", EntryPoint = "nice")]
    private static partial int GiveWay(int steps);
}
