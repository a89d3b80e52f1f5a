using System.Diagnostics;

namespace RaftKv.Bench.Nodes;

/// <summary>What became of the puts that were due in one part of a run. Its writers lock it.</summary>
/// <param name="name">What went on meanwhile.</param>
internal sealed class PutFigures(string name)
{
    private readonly long _begun = Stopwatch.GetTimestamp();

    internal string Name { get; } = name;

    /// <summary>How long puts were due in this part.</summary>
    internal double Seconds { get; private set; }

    /// <summary>From when a put was due to its acknowledgment, in µs, whoever gave it.</summary>
    internal Histogram Latencies { get; } = new();

    /// <summary>Attempts that another one followed, by HTTP status; 0 for a refused or lost connection, or no answer.</summary>
    internal SortedDictionary<int, long> Repeated { get; } = [];

    /// <summary>Puts that nobody acknowledged in time.</summary>
    internal long Failed { get; set; }

    /// <summary>No further put is due in it.</summary>
    internal void End() => Seconds = Stopwatch.GetElapsedTime(_begun).TotalSeconds;
}
