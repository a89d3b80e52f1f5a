using RaftKv.Client;

namespace RaftKv.Scenarios.Patterns;

/// <summary>An account that is never overdrawn: each withdrawal is conditional on the balance that it was decided on.</summary>
internal sealed class Account(RaftKvClient client, string key)
{
    /// <summary>True when the amount was taken; false when there is not enough.</summary>
    public async Task<bool> TryWithdrawAsync(long amount)
    {
        while (true)
        {
            KeyValueEntry? entry = await client.GetAsync(key);
            long balance = entry.Amount();
            if (balance < amount)
            {
                return false;
            }

            if ((await client.TryCompareAndSetAsync(key, Precondition.Unchanged(entry), Numbers.Text(balance - amount))).Succeeded)
            {
                return true;
            }

            // Somebody else was faster: what we decided on is no longer true. Decide again.
        }
    }
}
