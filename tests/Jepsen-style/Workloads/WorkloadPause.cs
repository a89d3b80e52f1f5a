using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Workloads;

/// <summary>How long a client waits between two operations.</summary>
internal static class WorkloadPause
{
    /// <summary>
    /// A little after a success, so that the cores are left to the servers; more after a failure, so that no client
    /// spins on a dead node.
    /// </summary>
    public static Task AfterAsync(ClientAction done, Random random) =>
        Task.Delay(done.Outcome == Outcome.Ok ? random.Next(1, 6) : random.Next(10, 40), CancellationToken.None);
}
