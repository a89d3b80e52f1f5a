using RaftKv.Client;

namespace RaftKv.Scenarios.Patterns;

/// <summary>Runs the order saga in a process of its own, and stands still before a chosen step until it is killed.</summary>
internal static class SagaCoordinator
{
    /// <summary>What it prints when it stands still.</summary>
    public const string Reached = "reached";

    /// <param name="stopBefore">The index of the step, from 0.</param>
    public static async Task<int> RunAsync(string endpoint, string prefix, int stopBefore)
    {
        await using var client = new RaftKvClient(endpoint);
        SagaStep[] steps = [.. OrderSaga.Steps(prefix)];
        steps[stopBefore] = steps[stopBefore] with { Do = StandStillAsync };
        await new Saga(client, prefix + "saga", steps).RunAsync();
        return 0;
    }

    private static async Task<StepPlan> StandStillAsync(RaftKvClient client)
    {
        Console.WriteLine(Reached);
        await Task.Delay(Timeout.Infinite);
        return StepPlan.Refuse("never");
    }
}
