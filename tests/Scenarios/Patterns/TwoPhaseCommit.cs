using RaftKv.Client;

namespace RaftKv.Scenarios.Patterns;

/// <summary>How a distributed transaction ends.</summary>
internal enum Decision
{
    Abort = 0,
    Commit = 1,
}

/// <summary>
/// Two-phase commit over participants that each have a store of their own. The one idea: the decision is not the
/// coordinator's but the log's. It is a key that is created once; whoever creates it first has decided, for all. A
/// coordinator that dies before that can be overruled by any participant that is tired of waiting; one that dies after
/// it has left the answer where everybody can read it. So nobody stays blocked, and no two ever decide differently.
/// </summary>
internal sealed class TwoPhaseCommit(RaftKvClient log, string prefix)
{
    /// <summary>The coordinator's part. Each participant votes, the decision is written, each is told.</summary>
    public async Task<Decision> RunAsync(string id, IReadOnlyList<(Participant Participant, long Count)> parts)
    {
        Decision wish = Decision.Commit;
        foreach ((Participant participant, long count) in parts)
        {
            if (!await participant.TryPrepareAsync(id, count))
            {
                wish = Decision.Abort;
                break;
            }
        }

        // The wish is one thing, the log's word another: a participant may have aborted while we were slow.
        Decision decision = await DecideAsync(id, wish);
        foreach ((Participant participant, _) in parts)
        {
            await participant.FinishAsync(id, decision);
        }

        return decision;
    }

    /// <summary>
    /// A participant's way out of the wait: asks for an abort, takes whatever the log says, and is free. Needs neither
    /// the coordinator nor the other participants.
    /// </summary>
    public async Task<Decision> ResolveAsync(string id, Participant participant)
    {
        Decision decision = await DecideAsync(id, Decision.Abort);
        await participant.FinishAsync(id, decision);
        return decision;
    }

    /// <summary>Writes the wish unless there is a decision; returns the decision.</summary>
    private async Task<Decision> DecideAsync(string id, Decision wish)
    {
        string key = $"{prefix}decisions/{id}";
        while (true)
        {
            if (await log.GetStringAsync(key) is { } text)
            {
                return Enum.Parse<Decision>(text);
            }

            try
            {
                await log.TryCompareAndSetAsync(key, Precondition.Missing, wish.ToString());
            }
            catch (RaftKvOutcomeUnknownException)
            {
                // The read tells.
            }
        }
    }
}
