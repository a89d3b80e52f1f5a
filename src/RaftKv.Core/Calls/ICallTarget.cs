namespace RaftKv.Core.Calls;

/// <summary>
/// What calls are made of: the engine beneath <see cref="CallTable"/>. Each number is answered exactly once, by the
/// engine's next effects or later ones, never from within the call.
/// </summary>
public interface ICallTarget
{
    /// <summary>Offers a command; numbers grow strictly. The envelope is the engine's from now on.</summary>
    void Propose(long requestNumber, byte[] envelope);

    /// <summary>
    /// The caller waits no longer. Answers <see cref="ProposalOutcome.NoLeader"/> when the proposal surely has and will
    /// have no effect, else <see cref="ProposalOutcome.Unknown"/>; nothing when it was answered before.
    /// </summary>
    void Abandon(long requestNumber);

    /// <summary>Asks for a read barrier.</summary>
    void Read(long readNumber, ReadDemand demand);

    /// <summary>Asks for the time of leases, and renews them when <paramref name="isRenewal"/> is set.</summary>
    void AskLeases(long number, IReadOnlyList<LeaseId> leases, bool isRenewal);
}
