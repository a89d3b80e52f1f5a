namespace RaftKv.Core.Driver;

/// <summary>
/// What a round needs of the world: the server's thread with its mailbox and clock, or the simulator's. Called by
/// <see cref="ReplicaDriver"/> only, in the order of its round.
/// </summary>
public interface IRoundHost
{
    /// <summary>The own monotonic clock.</summary>
    MonotonicTime Now { get; }

    /// <summary>
    /// Ticks since the host began, by its clock, those of a pause included: what callers' patience is measured in.
    /// </summary>
    long ElapsedTicks { get; }

    /// <summary>True while somebody waits for all voters: the leader then asks them once a tick.</summary>
    bool IsAwaitingAll { get; }

    /// <summary>Takes everything that has arrived; valid until the next call, or until the inputs are closed.</summary>
    IReadOnlyList<DriverInput> TakeInputs();

    /// <summary>Takes nothing more, and gives what had arrived.</summary>
    IReadOnlyList<DriverInput> CloseInputs();

    /// <summary>
    /// How many ticks of logical time are due, few even after a long pause: logical time may run slower than the clock,
    /// never faster.
    /// </summary>
    int TakeDueTicks();

    /// <summary>Does it; false when the node did not outlive it, and nothing more is to be done.</summary>
    bool CarryOut(Effect effect);
}
