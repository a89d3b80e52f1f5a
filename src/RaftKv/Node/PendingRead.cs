using System.Threading.Tasks.Sources;
using RaftKv.Core.Reads;

namespace RaftKv.Node;

/// <summary>A reader that waits for its barrier.</summary>
internal sealed class PendingRead : PendingCall, IValueTaskSource<ReadBarrierResult>
{
    private ManualResetValueTaskSourceCore<ReadBarrierResult> _core;
    private CallPool<PendingRead>? _pool;
    private ReadBarrierResult _result;

    /// <summary>What its barrier must give.</summary>
    public ReadDemand Demand { get; private set; }

    /// <summary>The readers that share its barrier; null before the loop knows it. Loop thread only.</summary>
    public ReadGroup? Group { get; set; }

    /// <summary>Its place in the group. Loop thread only.</summary>
    public int GroupSlot { get; set; }

    /// <inheritdoc/>
    public override short Token => _core.Version;

    /// <summary>Prepares the object for a call.</summary>
    public void Begin(CallPool<PendingRead> pool, ReadDemand demand, TimeSpan timeout)
    {
        _pool = pool;
        Demand = demand;
        Timeout = timeout;
        Number = 0;
    }

    /// <summary>Decides the result; <see cref="PendingCall.Publish"/> shows it. Loop thread only.</summary>
    public void Complete(in ReadBarrierResult result)
    {
        _result = result;
        Group = null;
    }

    /// <inheritdoc/>
    public override void Publish() => _core.SetResult(_result);

    /// <inheritdoc/>
    public ReadBarrierResult GetResult(short token)
    {
        ReadBarrierResult result = _core.GetResult(token);
        EndCancellation();
        Recycle();
        return result;
    }

    /// <summary>Gives the object back after a post that was refused.</summary>
    public void Recycle()
    {
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
