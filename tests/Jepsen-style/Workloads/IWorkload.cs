using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Workloads;

/// <summary>
/// What clients do during a run, and what must hold of it afterwards. A seam of the suite: one class a workload.
/// </summary>
internal interface IWorkload
{
    /// <summary>Name on the command line.</summary>
    string Name { get; }

    /// <summary>Prefix of the keys that are read from every node in the end; null when they come and go by themselves.</summary>
    string? Prefix { get; }

    /// <summary>How many clients at once.</summary>
    int ClientCount { get; }

    /// <summary>Lays the ground before the first client and the first fault.</summary>
    Task PrepareAsync(WorkloadClient client) => Task.CompletedTask;

    /// <summary>One client's work, until cancelled between two operations.</summary>
    Task RunClientAsync(int number, WorkloadClient client, Random random, CancellationToken cancellationToken);

    /// <summary>Reads more than the pairs in the calm at the end.</summary>
    Task FinishAsync(LocalCluster cluster, HistoryRecorder history) => Task.CompletedTask;

    /// <summary>Holds a history, fresh or from a file, against what the workload promises.</summary>
    IEnumerable<Verdict> Check(IReadOnlyList<HistoryLine> history, RunHeader header);
}
