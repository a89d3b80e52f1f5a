namespace RaftKv.Client;

/// <summary>Where traces and metrics come from.</summary>
/// <remarks><code>
/// services.AddOpenTelemetry()
///     .WithTracing(t => t.AddSource(RaftKvTelemetry.Name))
///     .WithMetrics(m => m.AddMeter(RaftKvTelemetry.Name));
/// </code></remarks>
public static class RaftKvTelemetry
{
    /// <summary>Name of the client's ActivitySource and of its Meter.</summary>
    public const string Name = "RaftKv.Client";
}
