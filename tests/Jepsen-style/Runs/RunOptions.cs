namespace RaftKv.JepsenStyle.Runs;

/// <summary>What to run.</summary>
/// <param name="Directory">Data, logs, history.jsonl and results.json go here.</param>
internal sealed record RunOptions(string Workload, string Nemesis, int Nodes, int Seconds, ulong Seed, string Directory)
{
    /// <summary>The command that runs the same again. Processes and the network keep their own time: a run is alike, not identical.</summary>
    public string ReproduceLine =>
        $"dotnet run --project tests/Jepsen-style -- run --workload {Workload} --nemesis {Nemesis} --nodes {Nodes} --time {Seconds} --seed {Seed}";
}
