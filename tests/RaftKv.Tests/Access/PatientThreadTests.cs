using System.Collections.Concurrent;
using System.Globalization;
using RaftKv.Service.Access;

namespace RaftKv.Tests.Access;

/// <summary>Passwords are checked where that makes no call wait.</summary>
public sealed class PatientThreadTests
{
    [Fact]
    public async Task Slow_work_gives_way_and_leaves_the_threads_of_others_as_they_are()
    {
        (int nice, int policy) = OwnPriority();
        var work = new Work(static () => { });
        await PatientThread.RunAsync(work, TimeProvider.System);
        (int Thread, int Nice, int Policy) turn = work.Turns.First();
        Assert.NotEqual(Environment.CurrentManagedThreadId, turn.Thread);
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal((Math.Min(nice + 10, 19), policy), (turn.Nice, turn.Policy));
            Assert.Equal((nice, policy), await Task.Run(OwnPriority));
        }
    }

    [Fact]
    public async Task Its_failure_is_its_callers()
    {
        var failing = new Work(static () => throw new InvalidOperationException("as it is"));
        Exception failure =
            await Assert.ThrowsAsync<InvalidOperationException>(() => PatientThread.RunAsync(failing, TimeProvider.System));
        Assert.Equal("as it is", failure.Message);
    }

    // Bug 119: on a machine that others keep busy a thread that gives way got no turn before etcdctl gave up.
    [Fact]
    public async Task Work_that_gets_no_turn_in_time_is_done_beside_the_thread_that_gives_way()
    {
        int begun = 0;
        using var held = new ManualResetEventSlim();
        var work = new Work(() =>
        {
            if (Interlocked.Increment(ref begun) == 1)
            {
                held.Wait();
            }
        });
        var time = new Client.ManualTimeProvider();
        Task<byte[]> done = PatientThread.RunAsync(work, time);
        await time.TimerSetAsync(PatientThread.Patience);
        Assert.False(done.IsCompleted);
        time.Advance(PatientThread.Patience);
        await done;
        (int nice, int policy) = OwnPriority();
        (_, int itsNice, int itsPolicy) = Assert.Single(work.Turns);
        Assert.Equal((nice, policy), (itsNice, itsPolicy));
        held.Set();
    }

    [Fact]
    public void Turning_a_password_allocates_nothing()
    {
        (PasswordWork work, _) = PasswordHash.Begin("a password", turns: 10);
        byte[] hash = new byte[work.ResultBytes];
        work.Run(hash);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            work.Run(hash);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    // Fields 19 and 41 of proc(5)'s stat; the name before them may hold blanks.
    private static (int Nice, int Policy) OwnPriority()
    {
        if (!OperatingSystem.IsLinux())
        {
            return default;
        }

        string stat = File.ReadAllText("/proc/thread-self/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (int.Parse(fields[16], CultureInfo.InvariantCulture), int.Parse(fields[38], CultureInfo.InvariantCulture));
    }

    private sealed class Work(Action run) : IPatientWork
    {
        public ConcurrentQueue<(int Thread, int Nice, int Policy)> Turns { get; } = new();

        public int ResultBytes => 1;

        public void Run(Span<byte> result)
        {
            run();
            (int nice, int policy) = OwnPriority();
            Turns.Enqueue((Environment.CurrentManagedThreadId, nice, policy));
        }
    }
}
