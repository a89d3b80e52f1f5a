using System.Threading.Tasks.Sources;
using RaftKv.Core.Calls;
using RaftKv.Core.Reads;

namespace RaftKv.Node;

/// <summary>A reader that waits for its barrier. Pooled: an object serves one call, then another.</summary>
internal sealed class AwaitedBarrier : BarrierCall, IAwaitedCall, IValueTaskSource<ReadBarrierResult>
{
    private ManualResetValueTaskSourceCore<ReadBarrierResult> _core;
    private CallPool<AwaitedBarrier>? _pool;
    private Cancellation _cancellation;

    /// <inheritdoc/>
    public override short Token => _core.Version;

    /// <summary>Prepares the object for a call.</summary>
    public void Begin(CallPool<AwaitedBarrier> pool, ReadDemand demand, TimeSpan timeout)
    {
        Begin(TickSource.TicksOf(timeout));
        _pool = pool;
        Demand = demand;
    }

    /// <summary>Ends the wait when the token is cancelled. By the caller's thread, after the call was posted.</summary>
    public void Observe(CancellationToken cancellationToken, Mailbox mailbox) => _cancellation.Observe(cancellationToken, this, mailbox);

    /// <inheritdoc/>
    public void PostCancel() => _cancellation.Post(this);

    /// <inheritdoc/>
    public void Publish() => _core.SetResult(Result);

    /// <inheritdoc/>
    public ReadBarrierResult GetResult(short token)
    {
        ReadBarrierResult result = _core.GetResult(token);
        _cancellation.End();
        Recycle();
        return result;
    }

    /// <summary>Gives the object back; also after a post that was refused.</summary>
    public void Recycle()
    {
        Demand = default;
        Result = default;
        _core.Reset();
        _pool!.Return(this);
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
