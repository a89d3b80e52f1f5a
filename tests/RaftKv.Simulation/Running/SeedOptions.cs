using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Running;

/// <summary>How worlds are run.</summary>
internal sealed record SeedOptions
{
    /// <summary>Simulated seconds with faults, before the liveness phase.</summary>
    public int Seconds { get; init; } = 30;

    /// <summary>Voters; 0 lets the seed draw 1, 3, 5 or 7.</summary>
    public int Nodes { get; init; }

    /// <summary>Real log and snapshot files over a simulated disk in every seed; else the seed draws it.</summary>
    public bool HasRealDisks { get; init; }

    /// <summary>A healthy cluster instead of the drawn faults; for measuring speed.</summary>
    public bool IsCalm { get; init; }

    /// <summary>Everything that fills a table, at small limits: no table grows over many of its windows.</summary>
    public bool IsSoak { get; init; }

    /// <summary>How many of a thousand seeds give their cluster up and restore it, of those that can.</summary>
    public int Restores { get; init; } = SwarmProfile.RestoresPerMille;

    /// <summary>How many of a thousand seeds restore one node, which empty ones join.</summary>
    public int LoneRestores { get; init; } = SwarmProfile.LoneRestoresPerMille;

    /// <summary>How many of a thousand seeds lose a majority for good, and recover a survivor.</summary>
    public int Recoveries { get; init; } = SwarmProfile.RecoveriesPerMille;

    /// <summary>How many of a thousand seeds upgrade their cluster node by node, and go back on the way.</summary>
    public int Rollbacks { get; init; } = SwarmProfile.RollbacksPerMille;

    /// <summary>What is taken away after the draws.</summary>
    public Reduction Reduction { get; init; } = new();

    /// <summary>Gets every trace line at once; null for none.</summary>
    public Action<string>? Verbose { get; init; }

    /// <summary>Called when the faults have ended; tests of the liveness checks break the cluster here.</summary>
    public Action<SimulatedCluster>? AfterFaults { get; init; }

    /// <summary>The options that ask for the same world, as the command line takes them.</summary>
    public string ToText()
    {
        string kind = (HasRealDisks ? " --disks" : "") + (IsCalm ? " --calm" : "") + (IsSoak ? " --soak" : "")
            + (Restores == 1000 ? " --restores" : "") + (LoneRestores == 1000 ? " --lone-restores" : "")
            + (Recoveries == 1000 ? " --recoveries" : "") + (Rollbacks == 1000 ? " --rollbacks" : "");
        return FormattableString.Invariant($"--time {Seconds} --nodes {Nodes}{kind}{Reduction.ToText()}");
    }
}
