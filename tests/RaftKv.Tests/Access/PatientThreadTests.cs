using System.Globalization;
using RaftKv.Service.Access;

namespace RaftKv.Tests.Access;

/// <summary>Passwords are checked where that makes no call wait.</summary>
public sealed class PatientThreadTests
{
    [Fact]
    public async Task Slow_work_gives_way_and_leaves_the_threads_of_others_as_they_are()
    {
        int own = Environment.CurrentManagedThreadId;
        int before = NiceOfThisThread();
        (int thread, int nice) = await PatientThread.RunAsync(static () => (Environment.CurrentManagedThreadId, NiceOfThisThread()));
        Assert.NotEqual(own, thread);
        if (OperatingSystem.IsLinux())
        {
            Assert.Equal(Math.Min(before + 10, 19), nice);
            Assert.Equal(before, await Task.Run(NiceOfThisThread));
        }
    }

    [Fact]
    public async Task Its_failure_is_its_callers()
    {
        Task<int> failing = PatientThread.RunAsync<int>(static () => throw new InvalidOperationException("as it is"));
        Assert.Equal("as it is", (await Assert.ThrowsAsync<InvalidOperationException>(() => failing)).Message);
    }

    // Field 19 of proc(5)'s stat; the name before it may hold blanks.
    private static int NiceOfThisThread()
    {
        if (!OperatingSystem.IsLinux())
        {
            return 0;
        }

        string stat = File.ReadAllText("/proc/thread-self/stat");
        return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[16], CultureInfo.InvariantCulture);
    }
}
