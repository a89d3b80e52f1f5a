using System.Threading.Tasks.Sources;
using RaftKv.Core;

namespace RaftKv.Node;

/// <summary>A caller that waits for the time of leases.</summary>
internal sealed class PendingLeaseAsk : PendingCall, IValueTaskSource<LeaseTimesResult>
{
    private ManualResetValueTaskSourceCore<LeaseTimesResult> _core;
    private CallPool<PendingLeaseAsk>? _pool;
    private LeaseTimesResult _result;

    /// <summary>Which leases.</summary>
    public IReadOnlyList<LeaseId> Leases { get; private set; } = [];

    /// <summary>True for a keepalive.</summary>
    public bool IsRenewal { get; private set; }

    /// <inheritdoc/>
    public override short Token => _core.Version;

    /// <summary>Prepares the object for a call.</summary>
    public void Begin(CallPool<PendingLeaseAsk> pool, IReadOnlyList<LeaseId> leases, bool isRenewal, TimeSpan timeout)
    {
        _pool = pool;
        Leases = leases;
        IsRenewal = isRenewal;
        Timeout = timeout;
        Number = 0;
    }

    /// <summary>Decides the result; <see cref="PendingCall.Publish"/> shows it. Loop thread only.</summary>
    public void Complete(in LeaseTimesResult result) => _result = result;

    /// <inheritdoc/>
    public override void Publish() => _core.SetResult(_result);

    /// <inheritdoc/>
    public LeaseTimesResult GetResult(short token)
    {
        LeaseTimesResult result = _core.GetResult(token);
        EndCancellation();
        Recycle();
        return result;
    }

    /// <summary>Gives the object back after a post that was refused.</summary>
    public void Recycle()
    {
        Leases = [];
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
