using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Driver;
using RaftKv.Core.Replica;

namespace RaftKv.Node;

internal sealed partial class RaftNode
{
    /// <inheritdoc/>
    public ValueTask<LeaseTimesResult> KeepAliveAsync(LeaseId lease, TimeSpan timeout, CancellationToken cancellationToken) =>
        AskLeasesAsync([lease], isRenewal: true, timeout, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<LeaseTimesResult> LeaseTimesAsync(
        IReadOnlyList<LeaseId> leases, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(leases.Count, nameof(leases));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(leases.Count, ReplicaCore.MaxLeasesPerAsk, nameof(leases));
        return AskLeasesAsync(leases, isRenewal: false, timeout, cancellationToken);
    }

    private ValueTask<LeaseTimesResult> AskLeasesAsync(
        IReadOnlyList<LeaseId> leases, bool isRenewal, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        AwaitedLeases call = _leasePool.Rent();
        call.Begin(_leasePool, leases, isRenewal, timeout);
        short token = call.Token;
        PostAnswer answer = _mailbox.TryPostClient(DriverInput.Begin(call), leases.Count * sizeof(long));
        if (answer != PostAnswer.Accepted)
        {
            call.Recycle();
            return new ValueTask<LeaseTimesResult>(
                LeaseTimesResult.Refused(isShuttingDown: answer == PostAnswer.Closed));
        }

        if (cancellationToken.CanBeCanceled)
        {
            call.Observe(cancellationToken, _mailbox);
        }

        return new ValueTask<LeaseTimesResult>(call, token);
    }
}
