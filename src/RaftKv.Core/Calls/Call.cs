namespace RaftKv.Core.Calls;

/// <summary>
/// A caller that waits for the loop. Whoever waits may use an object again once its result was brought to them. How a
/// call ends (answer, deadline, cancellation or stop) is decided by the loop alone, and once, so no race between those
/// exists. Owned by the loop from when it was posted to when it is in the decided ones.
/// </summary>
public abstract class Call
{
    private protected Call()
    {
    }

    /// <summary>To whom the host brings the result; the core only carries it.</summary>
    public object? Owner { get; set; }

    /// <summary>Number under which the engine knows the call; 0 before it does.</summary>
    public long Number { get; internal set; }

    /// <summary>How many ticks of the host's clock the caller waits.</summary>
    public long TimeoutTicks { get; private set; }

    /// <summary>Names this use of the object.</summary>
    public short Token { get; private set; }

    /// <summary>True from when the loop knows the call until it is decided.</summary>
    public bool IsWaiting => Bucket != DeadlineWheel.NoBucket;

    // Links of the deadline wheel.
    internal Call? NextInBucket { get; set; }

    internal Call? PreviousInBucket { get; set; }

    internal long DeadlineTick { get; set; }

    internal int Bucket { get; set; } = DeadlineWheel.NoBucket;

    // A new use: known to nobody. Before it is posted.
    private protected void BeginUse(long timeoutTicks)
    {
        Check.That(!IsWaiting, "a call that waits is not begun anew", Number, DeadlineTick);
        TimeoutTicks = Math.Max(0, timeoutTicks);
        Number = 0;
        Token = unchecked((short)(Token + 1));
    }
}

/// <summary>A call that ends with a result of this kind.</summary>
public abstract class Call<TResult> : Call
    where TResult : struct
{
    private protected Call()
    {
    }

    /// <summary>How it ended; set once decided.</summary>
    public TResult Result { get; internal set; }

    /// <summary>Lets go of what it asked for and how that ended, until its next use.</summary>
    public virtual void Forget() => Result = default;
}

/// <summary>A proposal that waits for its outcome.</summary>
public sealed class ProposalCall : Call<ProposeResult>
{
    private byte[]? _envelope;

    /// <summary>A new use.</summary>
    /// <param name="envelope">The command with its headroom; the engine's once the call is posted.</param>
    public void Begin(byte[] envelope, long timeoutTicks)
    {
        BeginUse(timeoutTicks);
        _envelope = envelope;
    }

    /// <inheritdoc/>
    public override void Forget()
    {
        base.Forget();
        _envelope = null;
    }

    internal byte[] TakeEnvelope()
    {
        byte[] envelope = _envelope!;
        _envelope = null;
        return envelope;
    }
}

/// <summary>A reader that waits for its barrier.</summary>
public sealed class BarrierCall : Call<ReadBarrierResult>
{
    /// <summary>What its barrier must give.</summary>
    public ReadDemand Demand { get; private set; }

    // The readers that share its barrier, and its place among them; null before the loop knows it.
    internal ReadGroup? Group { get; set; }

    internal int GroupSlot { get; set; }

    /// <summary>A new use.</summary>
    public void Begin(ReadDemand demand, long timeoutTicks)
    {
        BeginUse(timeoutTicks);
        Demand = demand;
    }
}

/// <summary>A caller that waits for the time of leases.</summary>
public sealed class LeaseCall : Call<LeaseTimesResult>
{
    /// <summary>Most leases of one question.</summary>
    public const int MaxLeases = 1_000;

    /// <summary>Which leases, 1 to <see cref="MaxLeases"/>; must not change until it is decided.</summary>
    public IReadOnlyList<LeaseId> Leases { get; private set; } = [];

    /// <summary>True for a keepalive.</summary>
    public bool IsRenewal { get; private set; }

    /// <summary>A new use.</summary>
    public void Begin(IReadOnlyList<LeaseId> leases, bool isRenewal, long timeoutTicks)
    {
        BeginUse(timeoutTicks);
        Leases = leases;
        IsRenewal = isRenewal;
    }

    /// <inheritdoc/>
    public override void Forget()
    {
        base.Forget();
        Leases = [];
    }
}
