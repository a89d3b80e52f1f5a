using RaftKv.Client;
using static RaftKv.Client.Compare;

namespace RaftKv.Scenarios.Patterns;

/// <summary>Moves money between accounts: all of it or nothing, and never more than there is.</summary>
internal sealed class Transfer(RaftKvClient client, string prefix)
{
    /// <summary>True when the amount was moved; false when the payer has too little.</summary>
    public async Task<bool> TryMoveAsync(string from, string to, long amount)
    {
        (string payer, string payee) = (prefix + from, prefix + to);
        while (true)
        {
            KeyValueEntry? seen = await client.GetAsync(payer);
            if (seen is null || seen.Amount() < amount)
            {
                return false;
            }

            // Only the payer's balance was decided on. The payee's may change meanwhile: adding is right for any value.
            TxnResult moved = await client.Txn()
                .When(Key(payer).ModRevision == seen.ModRevision)
                .Then(Op.Increment(payer, -amount), Op.Increment(payee, amount))
                .CommitAsync();
            if (moved.Succeeded)
            {
                return true;
            }
        }
    }
}
