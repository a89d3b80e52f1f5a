using System.Diagnostics;

namespace RaftKv.JepsenStyle.History;

/// <summary>Collects what happens during a run. Safe from any thread.</summary>
internal sealed class HistoryRecorder
{
    private readonly long _origin;
    private readonly List<HistoryLine> _lines = [];
    private readonly Lock _gate = new();

    /// <param name="clock">Another recorder whose clock is shared, so that their lines can be put together; null for an own one.</param>
    public HistoryRecorder(HistoryRecorder? clock = null) => _origin = clock?._origin ?? Stopwatch.GetTimestamp();

    /// <summary>Nanoseconds since the recorder, or the one whose clock it shares, was made; monotonic.</summary>
    public long NowNs => (long)(Stopwatch.GetElapsedTime(_origin).TotalMilliseconds * 1_000_000);

    public void Add(HistoryLine line)
    {
        lock (_gate)
        {
            _lines.Add(line);
        }
    }

    /// <summary>A copy of all lines so far, in the order in which they were added.</summary>
    public IReadOnlyList<HistoryLine> Snapshot()
    {
        lock (_gate)
        {
            return [.. _lines];
        }
    }
}
