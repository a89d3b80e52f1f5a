using System.Runtime.InteropServices;

namespace RaftKv.Service.Access;

/// <summary>
/// Runs work that takes a core for a tenth of a second and more on a thread of its own, which gives way to all others: on a
/// pool's thread it would take turns with those that serve calls, whose slowest would wait for it. Any thread.
/// </summary>
/// <remarks>
/// Linux looks at no priority of a thread but its nice value and its policy, which are the thread's and not the process'. An idle policy
/// (SCHED_IDLE) would give way at once, and is not used: such a thread may be off for seconds while it holds what others wait for, be it
/// a lock of the runtime's. Whoever has to wait for such work waits longer on a machine that has nothing to spare.
/// </remarks>
internal static partial class PatientThread
{
    // About a tenth of another thread's turns where both want the same core.
    private const int Steps = 10;

    // What runs is a few frames deep.
    private const int StackBytes = 256 * 1024;

    /// <summary>The result of the work, or its failure. All that it takes is allocated by who asks.</summary>
    public static Task<byte[]> RunAsync(IPatientWork work)
    {
        var done = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        byte[] result = new byte[work.ResultBytes];
        new Thread(() => Run(work, result, done), StackBytes)
        {
            IsBackground = true,
            Name = "patient",
            Priority = ThreadPriority.Lowest,
        }.Start();
        return done.Task;
    }

    private static void Run(IPatientWork work, byte[] result, TaskCompletionSource<byte[]> done)
    {
        if (OperatingSystem.IsLinux())
        {
            // Of no consequence when it is refused.
            _ = GiveWay(Steps);
        }

        try
        {
            work.Run(result);
        }
        catch (Exception failure)
        {
            done.SetException(failure);
            return;
        }

        done.SetResult(result);
    }

    [LibraryImport("libc", EntryPoint = "nice")]
    private static partial int GiveWay(int steps);
}
