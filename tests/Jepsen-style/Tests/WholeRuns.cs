namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// Tests that are whole runs, with workload, nemesis and verdict: one after the other, beside <see cref="RealProcesses"/>.
/// </summary>
[CollectionDefinition(Name)]
public sealed class WholeRuns
{
    public const string Name = "whole runs";
}
