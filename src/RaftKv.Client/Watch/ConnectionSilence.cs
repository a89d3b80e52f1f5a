namespace RaftKv.Client.Watch;

/// <summary>Ends a read of a connection that says nothing for too long. One reader.</summary>
internal sealed class ConnectionSilence : IDisposable
{
    private readonly TimeSpan _limit;
    private readonly CancellationTokenSource _timer;
    private readonly CancellationTokenSource _both;

    internal ConnectionSilence(TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        _limit = limit;
        _timer = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _timer.Token);
    }

    public void Dispose()
    {
        _both.Dispose();
        _timer.Dispose();
    }

    /// <summary>The token for one read, which has the whole limit.</summary>
    internal CancellationToken Begin()
    {
        _timer.CancelAfter(_limit);
        return _both.Token;
    }

    /// <summary>The read is over; the consumer may take its time.</summary>
    internal void End() => _timer.CancelAfter(Timeout.InfiniteTimeSpan);
}
