namespace RaftKv.Node;

/// <summary>
/// A caller that waits for the loop. Pooled: an object serves one call, then another. The loop decides alone, and once,
/// how it ends (answer, deadline, cancellation or stop), so no race between those exists. The result becomes visible on
/// a thread of the pool, never on the loop's.
/// </summary>
internal abstract class PendingCall
{
    private CancellationTokenRegistration _cancellation;
    private Mailbox? _mailbox;

    /// <summary>Number under which the loop knows the call; 0 before it does. Loop thread only.</summary>
    public long Number { get; set; }

    /// <summary>How long the caller waits.</summary>
    public TimeSpan Timeout { get; protected set; }

    /// <summary>Names this use of the object.</summary>
    public abstract short Token { get; }

    // Links of the deadline wheel. Loop thread only.
    internal PendingCall? NextInBucket { get; set; }

    internal PendingCall? PreviousInBucket { get; set; }

    internal long DeadlineTick { get; set; }

    internal int Bucket { get; set; } = DeadlineWheel.NoBucket;

    /// <summary>
    /// Shows the result to the caller and may run its continuation. The object may belong to someone else afterwards.
    /// </summary>
    public abstract void Publish();

    /// <summary>Ends the wait when the token is cancelled. By the caller's thread, after the call was posted.</summary>
    public void ObserveCancellation(CancellationToken cancellationToken, Mailbox mailbox)
    {
        _mailbox = mailbox;
        _cancellation = cancellationToken.UnsafeRegister(static state => ((PendingCall)state!).PostCancel(), this);
    }

    /// <summary>Waits for a running cancellation callback, so that none meets the object's next use.</summary>
    protected void EndCancellation()
    {
        _cancellation.Dispose();
        _cancellation = default;
        _mailbox = null;
    }

    private void PostCancel() => _mailbox?.PostInternal(new LoopInput(LoopInputKind.Cancel, this, Token));
}
