namespace RaftKv.Core.Raft.Roles;

/// <summary>
/// How long records take from being handed to the disk until they are known to be durable, in ticks: the worst of the present
/// and the last window, so that one answer is neither forgotten at once nor held against the disk for long.
/// </summary>
public sealed class SyncDelay(int windowTicks)
{
    private long _worst;
    private long _worstBefore;
    private int _elapsed;

    /// <summary>Ticks since the start.</summary>
    public long Now { get; private set; }

    /// <summary>One unit of logical time.</summary>
    public void Tick()
    {
        Now++;
        if (++_elapsed >= windowTicks)
        {
            _elapsed = 0;
            _worstBefore = _worst;
            _worst = 0;
        }
    }

    /// <summary>What was handed over then is durable.</summary>
    public void Ended(long handedAt) => _worst = Math.Max(_worst, Now - handedAt);

    /// <summary>The delay as it shows now.</summary>
    /// <param name="oldestHandedAt">Since when the oldest records wait; null when none do.</param>
    public long Ticks(long? oldestHandedAt) =>
        Math.Max(Math.Max(_worst, _worstBefore), oldestHandedAt is { } at ? Now - at : 0);
}
