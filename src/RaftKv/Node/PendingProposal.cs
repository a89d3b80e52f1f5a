using System.Threading.Tasks.Sources;

namespace RaftKv.Node;

/// <summary>A proposal that waits for its outcome.</summary>
internal sealed class PendingProposal : PendingCall, IValueTaskSource<ProposeResult>
{
    private ManualResetValueTaskSourceCore<ProposeResult> _core;
    private CallPool<PendingProposal>? _pool;
    private ProposeResult _result;

    /// <summary>The command with its headroom; null once the replica has it.</summary>
    public byte[]? Envelope { get; private set; }

    /// <inheritdoc/>
    public override short Token => _core.Version;

    /// <summary>Prepares the object for a call.</summary>
    public void Begin(CallPool<PendingProposal> pool, byte[] envelope, TimeSpan timeout)
    {
        _pool = pool;
        Envelope = envelope;
        Timeout = timeout;
        Number = 0;
    }

    /// <summary>Hands the envelope over. Loop thread only.</summary>
    public byte[] TakeEnvelope()
    {
        byte[] envelope = Envelope!;
        Envelope = null;
        return envelope;
    }

    /// <summary>Decides the result; <see cref="PendingCall.Publish"/> shows it. Loop thread only.</summary>
    public void Complete(in ProposeResult result) => _result = result;

    /// <inheritdoc/>
    public override void Publish() => _core.SetResult(_result);

    /// <inheritdoc/>
    public ProposeResult GetResult(short token)
    {
        ProposeResult result = _core.GetResult(token);
        EndCancellation();
        Recycle();
        return result;
    }

    /// <summary>Gives the object back after a post that was refused.</summary>
    public void Recycle()
    {
        Envelope = null;
        _result = default;
        _core.Reset();
        _pool!.Return(this);
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
