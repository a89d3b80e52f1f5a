namespace RaftKv.Core.Raft.Messages;

/// <summary>What a member tells its leader about itself with each answer to a heartbeat; Raft only carries it.</summary>
/// <param name="StoreBytes">How much of the state it can hold, by its memory budget; 0 when it says nothing.</param>
/// <param name="IsDiskLow">True while its disk has less room than the log needs to go on safely.</param>
public readonly record struct MemberFacts(long StoreBytes, bool IsDiskLow)
{
    /// <summary>How slow its disk is, in ticks; see <see cref="RaftCore.OwnDelayTicks"/>.</summary>
    public long DelayTicks { get; init; }
}
