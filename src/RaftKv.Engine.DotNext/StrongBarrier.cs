namespace RaftKv.Engine.DotNext;

/// <summary>A round of replication that begins after it was asked for, and that a majority answers in the leader's term.</summary>
/// <remarks>
/// Danger, in DotNext 6.12: 1. A leader stands still for seconds, and others elect another. 2. It wakes; a read asks for a round, and
/// looks which round is under way. 3. Just then its heartbeats begin the next one, so that the read's place in the queue counts as
/// served, before anybody has answered: the call returns at once, and the read shows what is old. So what returns at once has
/// proven nothing and is asked again: if that returns at once too, another round has begun since, and none begins before the
/// one before it was answered by a majority. See StrongBarrierTests.
/// </remarks>
internal static class StrongBarrier
{
    /// <summary>Passes when a majority has followed this leader after the call. Throws when it leads no more.</summary>
    /// <param name="force">DotNext's ForceReplicationAsync.</param>
    public static async Task PassAsync(Func<CancellationToken, ValueTask> force, CancellationToken cancellationToken)
    {
        ValueTask round = force(cancellationToken);
        bool isUnproven = round.IsCompletedSuccessfully;
        await round.ConfigureAwait(false);
        if (isUnproven)
        {
            await force(cancellationToken).ConfigureAwait(false);
        }
    }
}
