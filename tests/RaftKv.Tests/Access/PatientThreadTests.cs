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
        await PatientThread.RunAsync(work);
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
        Assert.Equal("as it is", (await Assert.ThrowsAsync<InvalidOperationException>(() => PatientThread.RunAsync(failing))).Message);
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
