using System.Runtime.InteropServices;

namespace RaftKv.Service.Access;

/// <summary>
/// Runs work that takes a core for a tenth of a second and more on a thread of its own, which gives way to all others: on a
/// pool's thread it would take turns with those that serve calls, whose slowest would wait for it. Any thread.
/// </summary>
/// <remarks>
/// Linux looks at no priority of a thread but its nice value and its policy, which are the thread's and not the process'. An idle policy
/// (SCHED_IDLE) would give way at once, and is not used: such a thread may be off for seconds while it holds what others wait for, be it
/// a lock of the runtime's. On a machine that has nothing to spare a nice thread may get no turn for many seconds: what is not done
/// by then is begun anew beside it, on a thread that takes turns with all others.
/// </remarks>
internal static partial class PatientThread
{
    // About a tenth of another thread's turns where both want the same core.
    private const int Steps = 10;

    // Threads that were not done in time and still run. With as many, nothing gives way any more.
    private const int MostOverdue = 8;

    // What runs is a few frames deep.
    private const int StackBytes = 256 * 1024;

    private static int _overdueCount;

    /// <summary>How long work gives way; less than half of what a client of etcd's waits.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromSeconds(2);

    /// <summary>The result of the work, or its failure. All that it takes is allocated by who asks.</summary>
    /// <param name="work">Is run a second time, beside the first, when that is not done within <see cref="Patience"/>.</param>
    public static async Task<byte[]> RunAsync(IPatientWork work, TimeProvider time)
    {
        if (Volatile.Read(ref _overdueCount) >= MostOverdue)
        {
            return await StartAsync(work, givesWay: false);
        }

        Task<byte[]> patient = StartAsync(work, givesWay: true);
        using var done = new CancellationTokenSource();
        if (await Task.WhenAny(patient, Task.Delay(Patience, time, done.Token)) != patient)
        {
            _ = CountAsync(patient);
            return await await Task.WhenAny(patient, StartAsync(work, givesWay: false));
        }

        await done.CancelAsync();
        return await patient;
    }

    private static async Task CountAsync(Task overdue)
    {
        Interlocked.Increment(ref _overdueCount);
        await overdue.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Interlocked.Decrement(ref _overdueCount);
    }

    private static Task<byte[]> StartAsync(IPatientWork work, bool givesWay)
    {
        var done = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        byte[] result = new byte[work.ResultBytes];
        new Thread(() => Run(work, result, done, givesWay), StackBytes)
        {
            IsBackground = true,
            Name = "patient",
            Priority = givesWay ? ThreadPriority.Lowest : ThreadPriority.Normal,
        }.Start();
        return done.Task;
    }

    private static void Run(IPatientWork work, byte[] result, TaskCompletionSource<byte[]> done, bool givesWay)
    {
        if (givesWay && OperatingSystem.IsLinux())
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
