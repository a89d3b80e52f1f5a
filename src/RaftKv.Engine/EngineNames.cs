namespace RaftKv.Engine;

/// <summary>The engines there are, as <c>--engine</c>, a data directory and /status name them. docs/engines.md compares them.</summary>
public static class EngineNames
{
    /// <summary>RaftKv's own Raft.</summary>
    public const string Native = "native";

    /// <summary>The Raft of DotNext.AspNetCore.Cluster.</summary>
    public const string DotNext = "dotnext";
}
