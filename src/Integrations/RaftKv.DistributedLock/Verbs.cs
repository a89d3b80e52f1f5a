namespace RaftKv.DistributedLock;

/// <summary>The library's four ways to ask for one thing, on top of one that waits.</summary>
/// <param name="what">What is asked for, for the text of a time-out.</param>
/// <param name="acquire">Asks; null when the wait ended without it. A wait of null is one without end.</param>
internal sealed class Verbs<T>(string what, Func<TimeSpan?, CancellationToken, Task<T?>> acquire)
    where T : class
{
    /// <exception cref="ArgumentOutOfRangeException">The time-out is none.</exception>
    internal T? Try(TimeSpan timeout, CancellationToken cancellationToken)
    {
        TimeSpan? wait = Waits.Of(timeout);
        cancellationToken.ThrowIfCancellationRequested();
        return Waits.Block(() => acquire(wait, cancellationToken));
    }

    /// <exception cref="ArgumentOutOfRangeException">The time-out is none.</exception>
    /// <exception cref="TimeoutException">It was not got in time.</exception>
    internal T Must(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        TimeSpan? wait = Waits.Of(timeout);
        cancellationToken.ThrowIfCancellationRequested();
        return Waits.Block(() => OrTimeoutAsync(acquire(wait, cancellationToken)));
    }

    /// <summary>Throws at once for wrong arguments; a cancelled token gives a cancelled task.</summary>
    internal ValueTask<T?> TryAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        TimeSpan? wait = Waits.Of(timeout);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<T?>(cancellationToken)
            : new ValueTask<T?>(acquire(wait, cancellationToken));
    }

    /// <inheritdoc cref="TryAsync"/>
    internal ValueTask<T> MustAsync(TimeSpan? timeout, CancellationToken cancellationToken)
    {
        TimeSpan? wait = Waits.Of(timeout);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<T>(cancellationToken)
            : new ValueTask<T>(OrTimeoutAsync(acquire(wait, cancellationToken)));
    }

    private async Task<T> OrTimeoutAsync(Task<T?> asked) =>
        await asked.ConfigureAwait(false) ?? throw new TimeoutException($"The {what} was not got in time: others hold it.");
}

/// <summary>Time-outs, and calls that block.</summary>
internal static class Waits
{
    /// <summary>The wait; null for one without end.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative and not infinite, or above some 24 days.</exception>
    internal static TimeSpan? Of(TimeSpan? timeout) => timeout switch
    {
        null => null,
        { } value when value == Timeout.InfiniteTimeSpan => null,
        { } value when value >= TimeSpan.Zero && value.TotalMilliseconds <= int.MaxValue => value,
        _ => throw new ArgumentOutOfRangeException(
            nameof(timeout), timeout, $"A time-out is infinite, or from zero to {int.MaxValue} ms."),
    };

    /// <summary>
    /// Runs to the end of it. The library's interfaces have synchronous verbs; the work runs on other threads and needs
    /// none of the caller's context, so it can't wait for the thread that waits for it.
    /// </summary>
    internal static T Block<T>(Func<Task<T>> work) => Task.Run(work).GetAwaiter().GetResult();

    /// <summary>The same result under the type of an interface.</summary>
    internal static async ValueTask<TTo> AsAsync<TFrom, TTo>(ValueTask<TFrom> task)
        where TFrom : TTo =>
        await task.ConfigureAwait(false);
}
