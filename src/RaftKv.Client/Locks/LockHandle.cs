namespace RaftKv.Client;

/// <summary>A lock, or a semaphore's place, that is held. Disposing gives it back.</summary>
/// <remarks>
/// <see cref="LostToken"/> fires when the lock may be somebody else's: pass it to the work. A process that stands still
/// can't be told in time, so let writes that must not come late carry <see cref="Fence"/>, and give
/// <see cref="FencingToken"/> to resources outside, which refuse a smaller one than they have seen.
/// </remarks>
public sealed class LockHandle : IAsyncDisposable
{
    private readonly LeaseKeeper _keeper;

    internal LockHandle(Fence fence, LockMode mode, LeaseKeeper keeper, ResponseMetadata metadata)
    {
        Fence = fence;
        Mode = mode;
        _keeper = keeper;
        Metadata = metadata;
    }

    /// <summary>The lock's name.</summary>
    public string Name => Fence.Name;

    /// <summary>Larger than every token that was given for this name before, for ever.</summary>
    public long FencingToken => Fence.Token;

    /// <summary>For <see cref="WriteOptions.Fence"/>: the write is applied only while this holder holds.</summary>
    public Fence Fence { get; }

    /// <summary>How it is held.</summary>
    public LockMode Mode { get; }

    /// <summary>The lease that it hangs on; keys put under it go when the lock goes.</summary>
    public string LeaseId => _keeper.Id;

    /// <summary>Fires when the lock is lost, may be lost, or was given back; by the local clock, whether a server answers or not.</summary>
    public CancellationToken LostToken => _keeper.LostToken;

    /// <summary>True while it is surely held, by the clock at the time of the call.</summary>
    public bool IsHeld => _keeper.IsAlive;

    /// <summary>Time for which it is surely held without a further renewal.</summary>
    public TimeSpan Remaining => _keeper.Remaining;

    /// <summary>What the server said when it gave the lock.</summary>
    public ResponseMetadata Metadata { get; }

    /// <summary>Gives it back. When no server answers, it is free after its ttl.</summary>
    public ValueTask DisposeAsync() => _keeper.DisposeAsync();
}
