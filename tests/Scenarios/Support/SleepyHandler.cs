namespace RaftKv.Scenarios.Support;

/// <summary>
/// A process that stands still: what it sends from the moment it falls asleep leaves only when it wakes up, keepalives
/// included. It notices nothing of the time between.
/// </summary>
internal sealed class SleepyHandler() : DelegatingHandler(new SocketsHttpHandler())
{
    private volatile TaskCompletionSource _awake = Awake();

    public void FallAsleep() => _awake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public void WakeUp() => _awake.TrySetResult();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await _awake.Task.WaitAsync(cancellationToken);
        return await base.SendAsync(request, cancellationToken);
    }

    private static TaskCompletionSource Awake()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
