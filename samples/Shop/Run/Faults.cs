using System.Globalization;
using RaftKv.Client;
using RaftKv.Client.Testing;

namespace Shop.Run;

/// <summary>What goes wrong.</summary>
internal static class Faults
{
    internal static async Task<int> KillLeaderAsync(RaftKvTestCluster cluster, RaftKvClient client)
    {
        string? leader = null;
        await Wait.UntilAsync(
            async () => (leader = (await client.TryGetAsync("shop/prices/lamp")).Metadata.Leader) is { Length: > 1 }, "somebody leads");
        int index = int.Parse(leader.AsSpan(1), CultureInfo.InvariantCulture) - 1;
        await cluster.KillAsync(index);
        return index;
    }

    /// <summary>Who ships says so in the election, by its process.</summary>
    internal static Task KillShipperAsync(RaftKvClient client, Services services) => Wait.UntilAsync(
        async () => (await client.Elections.GetAsync("shop/shipping")).Leader is { } leader
            && services.Kill(int.Parse(leader.GetString().Split('/')[^1], CultureInfo.InvariantCulture)),
        "one of the two ships");
}
