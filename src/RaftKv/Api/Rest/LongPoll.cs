using RaftKv.Core.Store;
using RaftKv.Node;

namespace RaftKv.Api.Rest;

/// <summary>
/// One request that waits for the published view to change. Belongs to that request; dispose it to leave.
/// </summary>
internal sealed class LongPoll : IAsyncDisposable
{
    private readonly LongPolls _owner;
    private readonly long _deadline;

    public LongPoll(LongPolls owner, long deadline)
    {
        _owner = owner;
        _deadline = deadline;
    }

    /// <summary>True once the node is no longer serving.</summary>
    public bool IsNodeStopping => _owner.Node.Phase is NodePhase.Draining or NodePhase.Failed;

    /// <summary>A view other than <paramref name="seen"/>, or null at the deadline or when the node stops.</summary>
    public async ValueTask<StoreView?> NextAsync(StoreView seen, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task changed = _owner.NextLook;
            StoreView view = _owner.Node.View;
            if (!ReferenceEquals(view, seen))
            {
                return view;
            }

            if (IsNodeStopping || _owner.Time.GetTimestamp() >= _deadline)
            {
                return null;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _owner.Leave();
        return ValueTask.CompletedTask;
    }
}
