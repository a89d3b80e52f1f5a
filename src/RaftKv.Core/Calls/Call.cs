using RaftKv.Core.Reads;

namespace RaftKv.Core.Calls;

/// <summary>
/// A caller that waits for the loop. Hosts derive from the three kinds to bring the result to whoever waits, and may use
/// an object again once that has happened. How a call ends (answer, deadline, cancellation or stop) is decided by the
/// loop alone, and once, so no race between those exists. Owned by the loop from when it was posted to when it is in
/// the decided ones.
/// </summary>
public abstract class Call
{
    private protected Call()
    {
    }

    /// <summary>Number under which the engine knows the call; 0 before it does.</summary>
    public long Number { get; internal set; }

    /// <summary>How many ticks of the host's clock the caller waits.</summary>
    public long TimeoutTicks { get; protected set; }

    /// <summary>Names this use of the object.</summary>
    public abstract short Token { get; }

    /// <summary>True from when the loop knows the call until it is decided.</summary>
    public bool IsWaiting => Bucket != DeadlineWheel.NoBucket;

    // Links of the deadline wheel.
    internal Call? NextInBucket { get; set; }

    internal Call? PreviousInBucket { get; set; }

    internal long DeadlineTick { get; set; }

    internal int Bucket { get; set; } = DeadlineWheel.NoBucket;

    /// <summary>A new use: known to nobody. Before it is posted.</summary>
    protected void Begin(long timeoutTicks)
    {
        Check.That(!IsWaiting, "a call that waits is not begun anew", Number, DeadlineTick);
        TimeoutTicks = Math.Max(0, timeoutTicks);
        Number = 0;
    }
}

/// <summary>A proposal that waits for its outcome.</summary>
public abstract class ProposalCall : Call
{
    /// <summary>The command with its headroom; null once the engine has it.</summary>
    public byte[]? Envelope { get; protected set; }

    /// <summary>How it ended; set once decided.</summary>
    public ProposeResult Result { get; protected internal set; }

    internal byte[] TakeEnvelope()
    {
        byte[] envelope = Envelope!;
        Envelope = null;
        return envelope;
    }
}

/// <summary>A reader that waits for its barrier.</summary>
public abstract class BarrierCall : Call
{
    /// <summary>What its barrier must give.</summary>
    public ReadDemand Demand { get; protected set; }

    /// <summary>How it ended; set once decided.</summary>
    public ReadBarrierResult Result { get; protected internal set; }

    // The readers that share its barrier, and its place among them; null before the loop knows it.
    internal ReadGroup? Group { get; set; }

    internal int GroupSlot { get; set; }
}

/// <summary>A caller that waits for the time of leases.</summary>
public abstract class LeaseCall : Call
{
    /// <summary>Which leases; must not change until it is decided.</summary>
    public IReadOnlyList<LeaseId> Leases { get; protected set; } = [];

    /// <summary>True for a keepalive.</summary>
    public bool IsRenewal { get; protected set; }

    /// <summary>How it ended; set once decided.</summary>
    public LeaseTimesResult Result { get; protected internal set; }
}
