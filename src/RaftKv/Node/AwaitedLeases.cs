using System.Threading.Tasks.Sources;
using RaftKv.Core;
using RaftKv.Core.Calls;

namespace RaftKv.Node;

/// <summary>A caller that waits for the time of leases. Pooled: an object serves one call, then another.</summary>
internal sealed class AwaitedLeases : LeaseCall, IAwaitedCall, IValueTaskSource<LeaseTimesResult>
{
    private ManualResetValueTaskSourceCore<LeaseTimesResult> _core;
    private CallPool<AwaitedLeases>? _pool;
    private Cancellation _cancellation;

    /// <inheritdoc/>
    public override short Token => _core.Version;

    /// <summary>Prepares the object for a call.</summary>
    public void Begin(CallPool<AwaitedLeases> pool, IReadOnlyList<LeaseId> leases, bool isRenewal, TimeSpan timeout)
    {
        Begin(TickSource.TicksOf(timeout));
        _pool = pool;
        Leases = leases;
        IsRenewal = isRenewal;
    }

    /// <summary>Ends the wait when the token is cancelled. By the caller's thread, after the call was posted.</summary>
    public void Observe(CancellationToken cancellationToken, Mailbox mailbox) => _cancellation.Observe(cancellationToken, this, mailbox);

    /// <inheritdoc/>
    public void PostCancel() => _cancellation.Post(this);

    /// <inheritdoc/>
    public void Publish() => _core.SetResult(Result);

    /// <inheritdoc/>
    public LeaseTimesResult GetResult(short token)
    {
        LeaseTimesResult result = _core.GetResult(token);
        _cancellation.End();
        Recycle();
        return result;
    }

    /// <summary>Gives the object back; also after a post that was refused.</summary>
    public void Recycle()
    {
        Leases = [];
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
