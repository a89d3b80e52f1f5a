using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.JepsenStyle.Runs;

/// <summary>What to run.</summary>
/// <param name="Workload">
/// A name, or several with "+" between: they then share the cluster and its faults, each with a history of its own.
/// </param>
/// <param name="Directory">Data, logs, history.jsonl and results.json go here.</param>
/// <param name="Server">What to start; null means the built server.</param>
/// <param name="UntilCovered">
/// Goes on beyond its time until two faults have happened and each workload has had answers: what a slow machine needs
/// more time for is still tested.
/// </param>
internal sealed record RunOptions(
    string Workload,
    string Nemesis,
    int Nodes,
    int Seconds,
    ulong Seed,
    string Directory,
    ServerCommand? Server = null,
    bool UntilCovered = false)
{
    public string[] Workloads => Workload.Split('+');

    /// <summary>
    /// The command that runs the same again. Processes keep their own time: the run is alike, not identical.
    /// </summary>
    public string ReproduceLine =>
        (BuiltServer.Engine is { } engine ? $"{BuiltServer.EngineVariable}={engine} " : "")
        + "dotnet run --project tests/Jepsen-style -- run "
        + $"--workload {Workload} --nemesis {Nemesis} --nodes {Nodes} --time {Seconds} --seed {Seed}"
        + (Server is null ? "" : $" --server {string.Join(' ', Server.Words)}");
}
