namespace RaftKv.JepsenStyle.Workloads;

/// <summary>What clients do during a run. A seam of the suite: one class a workload.</summary>
internal interface IWorkload
{
    /// <summary>Name on the command line.</summary>
    string Name { get; }

    /// <summary>Prefix of every key that it touches.</summary>
    string Prefix { get; }

    /// <summary>How many clients at once.</summary>
    int ClientCount { get; }

    /// <summary>One client's work, until cancelled between two operations.</summary>
    Task RunClientAsync(int number, WorkloadClient client, Random random, CancellationToken cancellationToken);
}
