using System.Globalization;
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
            long balance = entry is null ? 0 : long.Parse(entry.GetString(), CultureInfo.InvariantCulture);
            if (balance < amount)
            {
                return false;
            }

            string rest = (balance - amount).ToString(CultureInfo.InvariantCulture);
            CompareAndSetResult written = await client.TryCompareAndSetAsync(key, Precondition.Unchanged(entry), rest);
            if (written.Succeeded)
            {
                return true;
            }

            // Somebody else was faster: what we decided on is no longer true. Decide again.
        }
    }
}
