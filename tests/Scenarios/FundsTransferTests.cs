using RaftKv.Client;
using RaftKv.Scenarios.Patterns;
using RaftKv.Scenarios.Support;
using static RaftKv.Client.Compare;
using static RaftKv.Scenarios.Support.ThreeNodes;

namespace RaftKv.Scenarios;

/// <summary>Money moves between accounts in one serializable transaction. docs/scenarios/funds-transfer.md.</summary>
public sealed class FundsTransferTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    private const int AccountCount = 4;
    private const int TellerCount = 6;
    private const int TransfersPerTeller = 15;
    private const int Seed = 2026;

    [Fact]
    public async Task Every_audit_during_concurrent_transfers_sees_the_same_total()
    {
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        string prefix = cluster.NewPrefix("transfer");
        await Task.WhenAll(Enumerable.Range(0, AccountCount).Select(i => nodes[0].PutAsync($"{prefix}{i}", "100")));

        // Each node has the accounts before the first audit at eventual.
        await Task.WhenAll(nodes.Select(node => node.AmountAsync(prefix + "0")));

        Task<int> tellers = Task.Run(async () => (await Task.WhenAll(Enumerable.Range(0, TellerCount).Select(
            teller => TransferManyAsync(nodes[teller % 3], prefix, new Random(Seed + teller))))).Sum());
        int auditCount = 0;
        do
        {
            // A range is one view: no transfer is seen by half, at any level.
            RaftKvClient auditor = nodes[auditCount++ % 3];
            ReadLevel level = auditCount % 2 == 0 ? ReadLevel.Linearizable : ReadLevel.Eventual;
            List<long> balances = await auditor.RangeAsync(RaftKvRange.Prefix(prefix), options: new ReadOptions { Level = level })
                .Select(static entry => entry.Amount()).ToListAsync();
            Assert.Equal(AccountCount * 100, balances.Sum());
            Assert.DoesNotContain(balances, static balance => balance < 0);
        }
        while (!tellers.IsCompleted);

        Assert.True(await tellers > 0, "No transfer went through.");
        List<KeyValueEntry> end = await nodes[0].RangeAsync(RaftKvRange.Prefix(prefix)).ToListAsync();
        Assert.Equal(AccountCount * 100, end.Sum(static entry => entry.Amount()));
    }

    [Fact]
    public async Task Transfers_between_regions_far_apart_take_longer_and_are_as_whole()
    {
        // Each way between two regions takes 40 ms: a transfer crosses it twice or three times, and nobody sees half of one.
        RaftKvClient[] regions = cluster.NewUserOfEachNode();
        string prefix = cluster.NewPrefix("regions");
        await Task.WhenAll(Enumerable.Range(0, 3).Select(i => regions[0].PutAsync($"{prefix}{i}", "100")));
        await Task.WhenAll(regions.Select(region => region.AmountAsync(prefix + "0")));
        using (cluster.PutFarApart(delayMs: 40))
        {
            Task<bool>[] transfers = [.. regions.Select((region, i) => new Transfer(region, prefix).TryMoveAsync(
                Numbers.Text(i), Numbers.Text((i + 1) % 3), 10 * (i + 1)))];
            foreach (ReadLevel level in (ReadLevel[])[ReadLevel.Eventual, ReadLevel.Linearizable])
            {
                foreach (RaftKvClient region in regions)
                {
                    List<long> balances = await region.RangeAsync(RaftKvRange.Prefix(prefix), options: new ReadOptions { Level = level })
                        .Select(static entry => entry.Amount()).ToListAsync();
                    Assert.Equal(300, balances.Sum());
                }
            }

            Assert.All(await Task.WhenAll(transfers), Assert.True);
        }

        long[] end = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => regions[i].AmountAsync($"{prefix}{i}")));
        Assert.Equal([120, 90, 90], end);
    }

    [Fact]
    public async Task Wrong_two_writes_one_after_the_other_show_an_auditor_money_that_is_nowhere()
    {
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        string prefix = cluster.NewPrefix("transfer");
        await nodes[0].PutAsync(prefix + "ada", "100");
        await nodes[0].PutAsync(prefix + "bob", "100");

        await nodes[0].PutAsync(prefix + "ada", "70");
        List<KeyValueEntry> audit = await nodes[1].RangeAsync(RaftKvRange.Prefix(prefix)).ToListAsync();
        await nodes[0].PutAsync(prefix + "bob", "130");

        // And if the teller had died in between, it would have stayed so.
        Assert.Equal(170, audit.Sum(static entry => entry.Amount()));
    }

    [Fact]
    public async Task Wrong_an_audit_over_two_replicas_at_eventual_counts_money_twice()
    {
        RaftKvClient auditor = cluster.NewUser();
        string prefix = cluster.NewPrefix("transfer");
        await auditor.PutAsync(prefix + "ada", "100");
        await auditor.PutAsync(prefix + "bob", "100");

        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        Assert.True(await new Transfer(lag.NewUserOfMajority(), prefix).TryMoveAsync("ada", "bob", 30));
        long ada = (await auditor.GetAsync(prefix + "ada", At(lag.Behind, ReadLevel.Eventual))).Amount();
        long bob = (await auditor.GetAsync(prefix + "bob", At(lag.Ahead, ReadLevel.Linearizable))).Amount();

        Assert.Equal((100, 130), (ada, bob));
    }

    [Fact]
    public async Task Two_withdrawals_that_each_leave_enough_alone_do_not_both_happen()
    {
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        string prefix = cluster.NewPrefix("joint");

        // The rule is about both accounts together, so each transaction compares both, also the one that it does not write.
        (TxnResult first, TxnResult second) = await WithdrawFromEachAsync(nodes, prefix, comparesBoth: true);

        Assert.Equal((true, false), (first.Succeeded, second.Succeeded));
        Assert.Equal(20, await nodes[0].AmountAsync(prefix + "ada") + await nodes[0].AmountAsync(prefix + "bob"));
    }

    [Fact]
    public async Task Wrong_comparing_only_what_is_written_lets_both_happen()
    {
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        string prefix = cluster.NewPrefix("joint");

        // Write skew: each transaction is right by itself, and the rule is broken.
        (TxnResult first, TxnResult second) = await WithdrawFromEachAsync(nodes, prefix, comparesBoth: false);

        Assert.Equal((true, true), (first.Succeeded, second.Succeeded));
        Assert.Equal(-60, await nodes[0].AmountAsync(prefix + "ada") + await nodes[0].AmountAsync(prefix + "bob"));
    }

    /// <summary>
    /// Accounts of 50 and 50 whose sum must not fall below zero; 80 is taken from each, decided on the same state.
    /// </summary>
    private static async Task<(TxnResult First, TxnResult Second)> WithdrawFromEachAsync(
        RaftKvClient[] nodes, string prefix, bool comparesBoth)
    {
        (string ada, string bob) = (prefix + "ada", prefix + "bob");
        long adaRevision = (await nodes[0].PutAsync(ada, "50")).ModRevision;
        long bobRevision = (await nodes[0].PutAsync(bob, "50")).ModRevision;
        TxnBuilder first = nodes[1].Txn().When(Key(ada).ModRevision == adaRevision).Then(Op.Increment(ada, -80));
        TxnBuilder second = nodes[2].Txn().When(Key(bob).ModRevision == bobRevision).Then(Op.Increment(bob, -80));
        if (comparesBoth)
        {
            first.When(Key(bob).ModRevision == bobRevision);
            second.When(Key(ada).ModRevision == adaRevision);
        }

        return (await first.CommitAsync(), await second.CommitAsync());
    }

    private static async Task<int> TransferManyAsync(RaftKvClient client, string prefix, Random random)
    {
        var transfer = new Transfer(client, prefix);
        int movedCount = 0;
        for (int i = 0; i < TransfersPerTeller; i++)
        {
            int from = random.Next(AccountCount);
            int to = (from + 1 + random.Next(AccountCount - 1)) % AccountCount;
            movedCount += await transfer.TryMoveAsync(Numbers.Text(from), Numbers.Text(to), random.Next(1, 60)) ? 1 : 0;
        }

        return movedCount;
    }
}
