using RaftKv.Api.ErrorMapping;
using RaftKv.Node;

namespace RaftKv.Api.Rest;

/// <summary>
/// Looks at the published view on behalf of every long poll: one timer for all, which runs only while somebody waits.
/// The node offers no signal of its own yet; when watches bring one, it takes this timer's place. Any thread.
/// </summary>
internal sealed class LongPolls : IDisposable
{
    private readonly RestApiOptions _options;
    private readonly Lock _lock = new();
    private readonly ITimer _timer;
    private TaskCompletionSource _nextLook = NewLook();
    private int _waiterCount;

    public LongPolls(INode node, RestApiOptions options)
    {
        Node = node;
        _options = options;
        _timer = options.Time.CreateTimer(static state => ((LongPolls)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public INode Node { get; }

    public TimeProvider Time => _options.Time;

    /// <summary>Completes at the timer's next look.</summary>
    public Task NextLook => Volatile.Read(ref _nextLook).Task;

    /// <summary>Joins; throws overloaded when too many wait.</summary>
    public LongPoll Start(TimeSpan wait)
    {
        lock (_lock)
        {
            if (_waiterCount >= _options.MaxLongPolls)
            {
                throw new ApiException(new ApiError(
                    ErrorCode.Overloaded, "Too many requests wait on this node. Poll without wait, or try another node."));
            }

            if (++_waiterCount == 1)
            {
                _timer.Change(_options.LongPollInterval, _options.LongPollInterval);
            }
        }

        long ticks = (long)(wait.TotalSeconds * Time.TimestampFrequency);
        return new LongPoll(this, Time.GetTimestamp() + ticks);
    }

    /// <summary>Leaves.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            if (--_waiterCount == 0)
            {
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Look() => Interlocked.Exchange(ref _nextLook, NewLook()).TrySetResult();

    private static TaskCompletionSource NewLook() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
