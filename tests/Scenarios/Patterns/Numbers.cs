using System.Globalization;
using RaftKv.Client;

namespace RaftKv.Scenarios.Patterns;

/// <summary>Amounts are stored as decimal text, as counters are, so that a GET shows them.</summary>
internal static class Numbers
{
    /// <summary>The amount of an entry; 0 when it is missing.</summary>
    public static long Amount(this KeyValueEntry? entry) =>
        entry is null ? 0 : long.Parse(entry.GetString(), CultureInfo.InvariantCulture);

    /// <summary>The text of an amount.</summary>
    public static string Text(long amount) => amount.ToString(CultureInfo.InvariantCulture);

    /// <summary>The amount under a key, linearizable; 0 when it is missing.</summary>
    public static async Task<long> AmountAsync(this RaftKvClient client, string key) => (await client.GetAsync(key)).Amount();
}
