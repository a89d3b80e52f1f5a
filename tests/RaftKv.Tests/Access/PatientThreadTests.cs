using System.Collections.Concurrent;
using System.Globalization;
using RaftKv.Service.Access;
using RaftKv.Tests.Client;
using RaftKv.Tests.Support;

namespace RaftKv.Tests.Access;

/// <summary>Passwords are checked where that makes no call wait.</summary>
public sealed class PatientThreadTests
{
    private const int IdlePolicy = 5;

    [Fact]
    public async Task Slow_work_gives_way_and_leaves_the_threads_of_others_as_they_are()
    {
        (int nice, int policy) = OwnPriority();
        var work = new Work(static () => { });
        await new PatientThreads(1, TimeProvider.System).RunAsync(work);
        (int Thread, int Nice, int Policy) turn = work.Turns.First();
        Assert.NotEqual(Environment.CurrentManagedThreadId, turn.Thread);
        if (OperatingSystem.IsLinux())
        {
            // Where the policy is refused, or there is no such call, the nice value has to do.
            Assert.True(turn.Policy == IdlePolicy || turn.Nice == Math.Min(nice + 10, 19), turn.ToString());
            Assert.Equal((nice, policy), await Task.Run(OwnPriority));
        }
    }

    [Fact]
    public async Task What_is_starved_is_done_by_a_thread_that_is_only_nice_and_so_is_what_comes_after_it()
    {
        var time = new ManualTimeProvider();
        var threads = new PatientThreads(1, time);
        using var fed = new ManualResetEventSlim();
        using var begun = new ManualResetEventSlim();
        int runs = 0;
        var starved = new Work(() =>
        {
            if (Interlocked.Increment(ref runs) == 1)
            {
                begun.Set();
                fed.Wait();
            }
        });
        Task<byte[]> done = threads.RunAsync(starved);
        begun.Wait();
        await time.TimerSetAsync(TimeSpan.FromSeconds(1));
        Assert.False(done.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        await done;
        var next = new Work(static () => { });
        await threads.RunAsync(next).WaitAsync(TimeSpan.FromMinutes(1));
        fed.Set();
        await Eventually.TrueAsync(() => starved.Turns.Count == 2);
        (int Thread, int Nice, int Policy)[] turns = [.. starved.Turns, .. next.Turns];

        // The one that was fed at last is told of last.
        Assert.Equal(3, turns.Length);
        Assert.Equal(turns[0].Thread, turns[2].Thread);
        Assert.NotEqual(turns[0].Thread, turns[1].Thread);
        if (OperatingSystem.IsLinux())
        {
            Assert.NotEqual(IdlePolicy, turns[0].Policy);
        }
    }

    [Fact]
    public async Task A_thread_is_kept_and_no_more_are_begun_than_may_run_at_once()
    {
        var threads = new PatientThreads(2, TimeProvider.System);
        Work[] works = [.. Enumerable.Range(0, 40).Select(static _ => new Work(static () => { }))];
        await Task.WhenAll(works.Select(threads.RunAsync));

        // Two of each lane.
        Assert.InRange(works.SelectMany(static work => work.Turns).Select(static turn => turn.Thread).Distinct().Count(), 1, 4);
    }

    [Fact]
    public async Task Its_failure_is_its_callers()
    {
        var failing = new Work(static () => throw new InvalidOperationException("as it is"));
        var threads = new PatientThreads(1, TimeProvider.System);
        Assert.Equal("as it is", (await Assert.ThrowsAsync<InvalidOperationException>(() => threads.RunAsync(failing))).Message);
        await threads.RunAsync(new Work(static () => { }));
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
