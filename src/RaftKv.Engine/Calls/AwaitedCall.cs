using System.Threading.Tasks.Sources;
using RaftKv.Core.Calls;

namespace RaftKv.Engine.Calls;

/// <summary>Whoever awaits a call's result, whatever its kind.</summary>
internal interface IAwaitedCall
{
    /// <summary>
    /// Shows the result to the caller and may run its continuation. The object may belong to someone else afterwards.
    /// Pool thread, never the engine's.
    /// </summary>
    void Publish();
}

/// <summary>
/// A call and the task that its caller awaits. Pooled: an object serves one call, then another, and costs no allocation.
/// </summary>
internal sealed class AwaitedCall<TCall, TResult> : IAwaitedCall, IValueTaskSource<TResult>
    where TCall : Call<TResult>, new()
    where TResult : struct
{
    private ManualResetValueTaskSourceCore<TResult> _core;
    private CallPool<AwaitedCall<TCall, TResult>>? _pool;
    private CancellationTokenRegistration _registration;
    private ICallInbox? _inbox;

    public AwaitedCall() => Call.Owner = this;

    /// <summary>What is posted.</summary>
    public TCall Call { get; } = new();

    /// <summary>Posts the call, begun by its caller; null when it was not taken, and then the object is back in its pool.</summary>
    public ValueTask<TResult>? TryPost(
        CallPool<AwaitedCall<TCall, TResult>> pool, ICallInbox inbox, int bytes, CancellationToken cancellationToken, out PostAnswer answer)
    {
        _pool = pool;
        short version = _core.Version;
        answer = inbox.TryBegin(Call, bytes);
        if (answer != PostAnswer.Accepted)
        {
            Recycle();
            return null;
        }

        if (cancellationToken.CanBeCanceled)
        {
            _inbox = inbox;
            _registration = cancellationToken.UnsafeRegister(
                static state => ((AwaitedCall<TCall, TResult>)state!).PostCancel(), this);
        }

        return new ValueTask<TResult>(this, version);
    }

    /// <inheritdoc/>
    public void Publish() => _core.SetResult(Call.Result);

    /// <inheritdoc/>
    public TResult GetResult(short token)
    {
        TResult result = _core.GetResult(token);

        // Waits for a callback that runs, so that none meets the object's next use.
        _registration.Dispose();
        _registration = default;
        _inbox = null;
        Recycle();
        return result;
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    private void PostCancel() => _inbox?.Cancel(Call, Call.Token);

    private void Recycle()
    {
        Call.Forget();
        _core.Reset();
        _pool!.Return(this);
    }
}
