namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// Tests that start server processes: one after the other, and not beside the rest, since they measure time.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealProcesses
{
    public const string Name = "real processes";
}
