using System.Threading.Tasks.Sources;
using RaftKv.Core.Calls;

namespace RaftKv.Node;

/// <summary>A proposal that waits for its outcome. Pooled: an object serves one call, then another.</summary>
internal sealed class AwaitedProposal : ProposalCall, IAwaitedCall, IValueTaskSource<ProposeResult>
{
    private ManualResetValueTaskSourceCore<ProposeResult> _core;
    private CallPool<AwaitedProposal>? _pool;
    private Cancellation _cancellation;

    /// <inheritdoc/>
    public override short Token => _core.Version;

    /// <summary>Prepares the object for a call.</summary>
    public void Begin(CallPool<AwaitedProposal> pool, byte[] envelope, TimeSpan timeout)
    {
        Begin(TickSource.TicksOf(timeout));
        _pool = pool;
        Envelope = envelope;
    }

    /// <summary>Ends the wait when the token is cancelled. By the caller's thread, after the call was posted.</summary>
    public void Observe(CancellationToken cancellationToken, Mailbox mailbox) => _cancellation.Observe(cancellationToken, this, mailbox);

    /// <inheritdoc/>
    public void PostCancel() => _cancellation.Post(this);

    /// <inheritdoc/>
    public void Publish() => _core.SetResult(Result);

    /// <inheritdoc/>
    public ProposeResult GetResult(short token)
    {
        ProposeResult result = _core.GetResult(token);
        _cancellation.End();
        Recycle();
        return result;
    }

    /// <summary>Gives the object back; also after a post that was refused.</summary>
    public void Recycle()
    {
        Envelope = null;
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
