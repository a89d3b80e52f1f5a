using System.Text;

namespace RaftKv.Client;

/// <summary>An item that this worker has claimed. Disposing without completing gives it back.</summary>
public sealed class WorkItem : IAsyncDisposable
{
    private readonly WorkQueue _queue;
    private readonly LeaseKeeper _keeper;

    internal WorkItem(WorkQueue queue, string id, ReadOnlyMemory<byte> payload, long deliveryCount, long claimRevision, LeaseKeeper keeper)
    {
        _queue = queue;
        _keeper = keeper;
        Id = id;
        Payload = payload;
        DeliveryCount = deliveryCount;
        ClaimRevision = claimRevision;
    }

    /// <summary>The item's id; grows with each item of the queue.</summary>
    public string Id { get; }

    /// <summary>What there is to do.</summary>
    public ReadOnlyMemory<byte> Payload { get; }

    /// <summary>How often it was claimed, this time included. Above 1 it may have been done in part, or wholly.</summary>
    public long DeliveryCount { get; }

    /// <summary>Fires when another worker may get the item; by the local clock, whether a server answers or not.</summary>
    public CancellationToken LostToken => _keeper.LostToken;

    /// <summary>Grows with each claim: for resources that must refuse a worker who came back late.</summary>
    public long FencingToken => ClaimRevision;

    internal long ClaimRevision { get; }

    /// <summary>The payload as UTF-8 text.</summary>
    public string GetString() => Encoding.UTF8.GetString(Payload.Span);

    /// <summary>Removes the item for good; false when the claim was lost, and another worker does it again.</summary>
    /// <exception cref="RaftKvOutcomeUnknownException">It may or may not be removed; if not, it comes again.</exception>
    /// <exception cref="RaftKvException">Other failures; it is not removed.</exception>
    public Task<bool> CompleteAsync(CancellationToken cancellationToken = default) => _queue.CompleteAsync(this, cancellationToken);

    /// <summary>Ends the claim; an item that is not complete is free for others at once.</summary>
    public ValueTask DisposeAsync() => _keeper.DisposeAsync();
}
