using RaftKv.Client;
using RaftKv.Scenarios.Support;
using static RaftKv.Client.Compare;
using static RaftKv.Scenarios.Support.ThreeNodes;

namespace RaftKv.Scenarios;

/// <summary>Whoever has logged out is out on every node. docs/scenarios/login-session.md.</summary>
public sealed class LoginSessionTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    [Fact]
    public async Task A_logout_is_seen_by_every_node_from_its_answer_on()
    {
        string login = cluster.NewPrefix("logins") + "4711";
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        for (int i = 0; i < 10; i++)
        {
            await nodes[i % 3].PutAsync(login, "ada");
            Assert.Equal("ada", await nodes[(i + 1) % 3].GetStringAsync(login));
            await nodes[(i + 2) % 3].DeleteAsync(login);
            Assert.All(await Task.WhenAll(nodes.Select(node => node.GetStringAsync(login))), Assert.Null);
        }
    }

    [Fact]
    public async Task What_an_order_needs_of_the_login_is_compared_in_the_orders_own_transaction()
    {
        string prefix = cluster.NewPrefix("logins");
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        await nodes[0].PutAsync(prefix + "4711", "ada");
        Assert.Equal("ada", await nodes[1].GetStringAsync(prefix + "4711"));

        // She logs out between the look and the order.
        await nodes[2].DeleteAsync(prefix + "4711");
        TxnResult order = await nodes[1].Txn()
            .When(Key(prefix + "4711").Value == "ada")
            .Then(Op.Put(prefix + "order", "lamp"))
            .CommitAsync();

        Assert.False(order.Succeeded);
        Assert.Null(await nodes[0].GetAsync(prefix + "order"));
    }

    [Fact]
    public async Task A_login_that_nobody_uses_ends_with_its_lease()
    {
        string login = cluster.NewPrefix("logins") + "4711";
        RaftKvClient client = cluster.NewUser();
        string? lease = null;
        while (lease is null)
        {
            lease = await TryLogInAsync(client, login);
        }

        while (await client.GetAsync(login) is not null)
        {
            // Never early, and soon after: the lease's own tests say how soon.
        }

        Assert.Null(await client.Leases.GetAsync(lease));
    }

    [Fact]
    public async Task Wrong_at_eventual_a_node_that_lags_lets_in_who_has_logged_out()
    {
        string login = cluster.NewPrefix("logins") + "4711";
        RaftKvClient client = cluster.NewUser();
        await client.PutAsync(login, "ada");
        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        await lag.NewUserOfMajority().DeleteAsync(login);

        Assert.Equal("ada", await client.GetStringAsync(login, At(lag.Behind, ReadLevel.Eventual)));
    }

    /// <summary>Null when the lease was over before the login hung on it: the machine stood still in between.</summary>
    private static async Task<string?> TryLogInAsync(RaftKvClient client, string login)
    {
        LeaseGrant lease = await client.Leases.GrantAsync(TimeSpan.FromMilliseconds(500));
        try
        {
            await client.PutAsync(login, "ada", new WriteOptions { Lease = lease.Id });
            return lease.Id;
        }
        catch (RaftKvRequestException over) when (over.Code == "lease-not-found")
        {
            return null;
        }
    }
}
