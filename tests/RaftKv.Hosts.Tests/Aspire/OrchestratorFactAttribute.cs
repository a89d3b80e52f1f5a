using System.Reflection;

namespace RaftKv.Hosts.Tests.Aspire;

/// <summary>Needs Aspire's own orchestrator: with RAFTKV_ASPIRE=1, which also has to be set when these tests are built.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OrchestratorFactAttribute : FactAttribute
{
    public OrchestratorFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("RAFTKV_ASPIRE") != "1" || Orchestrator is null)
        {
            Skip = "Aspire's orchestrator is a package of its own: RAFTKV_ASPIRE=1, for the build too, runs it.";
        }
    }

    /// <summary>Where the build has put it; null when it was not asked for.</summary>
    internal static string? Orchestrator { get; } = typeof(OrchestratorFactAttribute).Assembly
        .GetCustomAttributes<AssemblyMetadataAttribute>()
        .FirstOrDefault(static one => one.Key == "Orchestrator")?.Value;
}
