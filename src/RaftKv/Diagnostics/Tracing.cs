using System.Diagnostics;

namespace RaftKv.Diagnostics;

/// <summary>
/// What a request's trace shows of this node, besides the span that ASP.NET Core makes of the request: how long it waited for consensus.
/// Costs one look when nobody listens.
/// </summary>
internal static class Tracing
{
    /// <summary>Name of the source.</summary>
    public const string Name = "RaftKv";

    private static readonly ActivitySource _source = new(Name);

    /// <summary>A write waits until it is applied here; null when nobody listens.</summary>
    public static Activity? Proposing() => _source.StartActivity("raftkv.propose");

    /// <summary>A read waits for what its level needs; null when nobody listens.</summary>
    public static Activity? Waiting(string level)
    {
        Activity? span = _source.StartActivity("raftkv.read.wait");
        span?.SetTag("raftkv.level", level);
        return span;
    }

    /// <summary>Says how it ended.</summary>
    public static void Ended(this Activity? span, string outcome) => span?.SetTag("raftkv.outcome", outcome);
}
