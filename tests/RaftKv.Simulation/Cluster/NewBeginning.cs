namespace RaftKv.Simulation.Cluster;

/// <summary>How a cluster goes on that was given up.</summary>
internal enum NewBeginning
{
    /// <summary>A backup is restored on every node.</summary>
    RestoredByAll,

    /// <summary>A backup is restored on one node, and empty directories join it.</summary>
    RestoredByOne,

    /// <summary>A survivor of a lost majority goes on alone (<c>raftkv recover</c>), and empty directories join it.</summary>
    Recovered,
}
