using RaftKv.Client;

namespace RaftKv.Resilience;

/// <summary>How often, and what is done about an outcome that is not known.</summary>
public sealed record RaftKvRetryOptions
{
    /// <summary>Most repeats after the first attempt, 1 or more. Default 3.</summary>
    public int MaxRetryAttempts { get; init; } = 3;

    /// <summary>The pause before the first repeat; doubled each time, with jitter. Default 200 ms.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest pause. Default 5 s.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Asked when the outcome of a write is not known. <see cref="Outcome.NotApplied"/> repeats it;
    /// <see cref="Outcome.Applied"/> and <see cref="Outcome.Unknown"/> don't, and the exception reaches the caller. Null,
    /// the default, never repeats it. A work that may run twice answers <see cref="Outcome.NotApplied"/> always; one that
    /// may not looks the write up, or reads what it wrote.
    /// </summary>
    public Func<RaftKvOutcomeUnknownException, CancellationToken, ValueTask<Outcome>>? FindOutcome { get; init; }
}
