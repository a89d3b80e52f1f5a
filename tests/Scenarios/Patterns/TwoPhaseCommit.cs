using RaftKv.Client;
using static RaftKv.Client.Compare;

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

/// <summary>
/// A resource manager: so many seats, rooms, coins. Its keys stand for a database of its own: none of its transactions
/// touches another participant's keys or the decision.
/// </summary>
internal sealed class Participant(RaftKvClient store, string prefix)
{
    /// <summary>How much is neither promised nor taken.</summary>
    public string FreeKey { get; } = prefix + "free";

    public Task OpenAsync(long free) => store.PutAsync(FreeKey, Numbers.Text(free));

    /// <summary>
    /// The vote. True: so much is set aside, and this participant can do either from now on. Repeating it is harmless.
    /// </summary>
    public async Task<bool> TryPrepareAsync(string id, long count)
    {
        while (true)
        {
            KeyValueEntry? free = await store.GetAsync(FreeKey);
            if (await store.GetAsync(PreparedKey(id)) is not null)
            {
                return true;
            }

            if (free is null || free.Amount() < count || await store.GetAsync(EndedKey(id)) is not null)
            {
                return false;
            }

            TxnResult prepared = await store.Txn()
                .When(Key(FreeKey).ModRevision == free.ModRevision, Key(PreparedKey(id)).IsMissing, Key(EndedKey(id)).IsMissing)
                .Then(Op.Increment(FreeKey, -count), Op.Put(PreparedKey(id), Numbers.Text(count)))
                .CommitAsync();
            if (prepared.Succeeded)
            {
                return true;
            }
        }
    }

    /// <summary>Does what was decided, once. A participant that never voted notes it, so that a late vote is refused.</summary>
    public async Task FinishAsync(string id, Decision decision)
    {
        KeyValueEntry? prepared = await store.GetAsync(PreparedKey(id));
        TxnOp[] giveBack = decision == Decision.Abort ? [Op.Increment(FreeKey, prepared.Amount())] : [];
        await store.Txn()
            .When(Key(EndedKey(id)).IsMissing, Key(PreparedKey(id)).ModRevision == (prepared?.ModRevision ?? 0))
            .Then(Op.Delete(PreparedKey(id)), Op.Put(EndedKey(id), decision.ToString()))
            .Then(giveBack)
            .CommitAsync();
    }

    /// <summary>How a transaction ended here; null while it has not.</summary>
    public async Task<Decision?> EndOfAsync(string id) =>
        await store.GetStringAsync(EndedKey(id)) is { } text ? Enum.Parse<Decision>(text) : null;

    /// <summary>True while it has voted and waits for the decision.</summary>
    public async Task<bool> IsWaitingAsync(string id) => await store.GetAsync(PreparedKey(id)) is not null;

    private string PreparedKey(string id) => $"{prefix}prepared/{id}";

    private string EndedKey(string id) => $"{prefix}ended/{id}";
}
