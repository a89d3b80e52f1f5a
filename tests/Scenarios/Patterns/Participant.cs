using RaftKv.Client;
using static RaftKv.Client.Compare;

namespace RaftKv.Scenarios.Patterns;

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

    /// <summary>Does what was decided, once. One that never voted notes it too, so that a late vote is refused.</summary>
    public async Task FinishAsync(string id, Decision decision)
    {
        while (await EndOfAsync(id) is null)
        {
            KeyValueEntry? prepared = await store.GetAsync(PreparedKey(id));
            TxnOp[] giveBack = decision == Decision.Abort ? [Op.Increment(FreeKey, prepared.Amount())] : [];
            await store.Txn()
                .When(Key(EndedKey(id)).IsMissing, Key(PreparedKey(id)).ModRevision == (prepared?.ModRevision ?? 0))
                .Then(Op.Delete(PreparedKey(id)), Op.Put(EndedKey(id), decision.ToString()))
                .Then(giveBack)
                .CommitAsync();
        }
    }

    /// <summary>How a transaction ended here; null while it has not.</summary>
    public async Task<Decision?> EndOfAsync(string id) =>
        await store.GetStringAsync(EndedKey(id)) is { } text ? Enum.Parse<Decision>(text) : null;

    /// <summary>True while it has voted and waits for the decision.</summary>
    public async Task<bool> IsWaitingAsync(string id) => await store.GetAsync(PreparedKey(id)) is not null;

    private string PreparedKey(string id) => $"{prefix}prepared/{id}";

    private string EndedKey(string id) => $"{prefix}ended/{id}";
}
