using RaftKv.Client;
using RaftKv.Scenarios.Patterns;
using RaftKv.Scenarios.Support;
using static RaftKv.Scenarios.Support.ThreeNodes;

namespace RaftKv.Scenarios;

/// <summary>An account with 1000, kept in three replicas, and orders for 800 and 600. docs/scenarios/bank-account.md.</summary>
public sealed class BankAccountTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    private const int RoundCount = 20;

    [Fact]
    public async Task Of_concurrent_orders_for_800_and_600_exactly_one_is_paid()
    {
        RaftKvClient[] tills = cluster.NewUserOfEachNode();
        for (int round = 0; round < RoundCount; round++)
        {
            string key = cluster.NewPrefix("bank") + "account";
            await tills[0].PutAsync(key, "1000");
            var first = new Account(tills[round % 3], key);
            var second = new Account(tills[(round + 1) % 3], key);

            bool[] isPaid = await Task.WhenAll(first.TryWithdrawAsync(800), second.TryWithdrawAsync(600));

            Assert.Single(isPaid, static paid => paid);
            long expected = 1000 - (isPaid[0] ? 800 : 600);
            foreach (RaftKvClient till in tills)
            {
                Assert.Equal(expected, await till.AmountAsync(key));
            }
        }
    }

    [Fact]
    public async Task Wrong_two_stale_reads_and_blind_puts_pay_out_1400_of_1000()
    {
        RaftKvClient till = cluster.NewUser();
        string key = cluster.NewPrefix("bank") + "account";
        await till.PutAsync(key, "1000");
        long paidOut = 0;

        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        RaftKvClient ledger = lag.NewUserOfMajority();
        foreach (long order in (long[])[800, 600])
        {
            // The second order comes long after the first: it is the level that hides it, not a race.
            long balance = (await till.GetAsync(key, At(lag.Behind, ReadLevel.Eventual))).Amount();
            Assert.Equal(1000, balance);
            if (balance >= order)
            {
                await ledger.PutAsync(key, Numbers.Text(balance - order));
                paidOut += order;
            }
        }

        Assert.Equal(1400, paidOut);
        Assert.Equal(400, await ledger.AmountAsync(key));
    }

    [Fact]
    public async Task Wrong_linearizable_reads_with_blind_puts_are_overdrawn_too()
    {
        RaftKvClient[] tills = cluster.NewUserOfEachNode();
        string key = cluster.NewPrefix("bank") + "account";
        await tills[0].PutAsync(key, "1000");

        // Both read before either writes. No level of reading helps against that; the write must be conditional.
        long seenByFirst = await tills[1].AmountAsync(key);
        long seenBySecond = await tills[2].AmountAsync(key);
        await tills[1].PutAsync(key, Numbers.Text(seenByFirst - 800));
        await tills[2].PutAsync(key, Numbers.Text(seenBySecond - 600));

        Assert.Equal(400, await tills[0].AmountAsync(key));
    }

    [Fact]
    public async Task A_stale_read_before_a_conditional_write_costs_a_round_and_no_money()
    {
        RaftKvClient till = cluster.NewUser();
        string key = cluster.NewPrefix("bank") + "account";
        await till.PutAsync(key, "1000");

        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        RaftKvClient ledger = lag.NewUserOfMajority();
        Assert.True(await new Account(ledger, key).TryWithdrawAsync(800));
        KeyValueEntry stale = (await till.GetAsync(key, At(lag.Behind, ReadLevel.Eventual)))!;
        CompareAndSetResult second = await ledger.TryCompareAndSetAsync(key, Precondition.Unchanged(stale), "400");

        Assert.Equal(1000, stale.Amount());
        Assert.False(second.Succeeded);
        Assert.Equal(200, await ledger.AmountAsync(key));
    }
}
