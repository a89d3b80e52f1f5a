namespace RaftKv.JepsenStyle.Tests;

/// <summary>
/// Tests that start server processes of their own: one after the other, beside <see cref="WholeRuns"/>. Both mostly wait.
/// </summary>
[CollectionDefinition(Name)]
public sealed class RealProcesses
{
    public const string Name = "real processes";
}
