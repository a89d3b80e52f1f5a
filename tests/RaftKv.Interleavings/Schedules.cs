using Microsoft.Coyote;
using Microsoft.Coyote.SystematicTesting;

namespace RaftKv.Interleavings;

/// <summary>
/// Runs a scenario in many orders of its threads' steps, chosen and repeatable, in place of those that a machine happens
/// to take.
/// </summary>
internal static class Schedules
{
    private const uint Orders = 400;

    // Where not every thread is in the scheduler's hand, a hang is told by the clock: late where none is expected, soon
    // where one is.
    private const uint PatienceMs = 60_000;
    private const uint ImpatienceMs = 2_000;

    /// <summary>Every order that was tried is sound.</summary>
    public static void Pass(Func<Task> scenario)
    {
        string? found = Explore(scenario, PatienceMs);
        Assert.True(found is null, found);
    }

    /// <summary>Some order shows this mistake: the scenario can fail.</summary>
    public static void Fail(Func<Task> scenario, string mistake) =>
        Assert.Contains(mistake, Explore(scenario, ImpatienceMs) ?? "nothing found");

    // Null when nothing was found.
    private static string? Explore(Func<Task> scenario, uint hangMs)
    {
        Configuration configuration = Configuration.Create()
            .WithTestingIterations(Orders).WithRandomGeneratorSeed(1).WithDeadlockTimeout(hangMs).WithMaxSchedulingSteps(5_000)
            .WithPartiallyControlledConcurrencyAllowed();
        TestingEngine engine = TestingEngine.Create(configuration, scenario);
        engine.Run();
        return engine.TestReport.NumOfFoundBugs == 0 ? null : string.Join('\n', engine.TestReport.BugReports);
    }
}
