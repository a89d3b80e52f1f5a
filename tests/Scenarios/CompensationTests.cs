using RaftKv.Client;
using RaftKv.Scenarios.Patterns;
using RaftKv.Scenarios.Support;

namespace RaftKv.Scenarios;

/// <summary>What undoes a step can fail, too: then the saga waits, and says so. docs/scenarios/failing-compensation.md.</summary>
[Collection(CalmCluster.Name)]
public sealed class CompensationTests(ThreeNodes cluster)
{
    [Fact]
    public async Task A_saga_whose_compensation_fails_stands_where_it_is_until_somebody_can_undo_it()
    {
        RaftKvClient client = cluster.NewUser();
        string prefix = cluster.NewPrefix("refund");
        var bank = new Bank();
        var saga = new Saga(client, prefix + "saga", StepsWith(prefix, bank));

        await Assert.ThrowsAsync<BankIsClosedException>(saga.RunAsync);
        await Assert.ThrowsAsync<BankIsClosedException>(saga.RunAsync);

        // Neither done nor undone, and the record says which step is open: a list of such records is the work of the morning.
        Assert.Equal(new SagaRecord(SagaPhase.Back, 1, "no courier"), (await Saga.HistoryAsync(client, prefix + "saga"))[^1]);
        bank.IsOpen = true;
        Assert.Equal(new SagaRecord(SagaPhase.Undone, 0, "no courier"), await saga.RunAsync());
        Assert.Equal(0, await client.AmountAsync(prefix + "charged"));
    }

    [Fact]
    public async Task A_refund_that_is_tried_again_is_paid_once()
    {
        RaftKvClient client = cluster.NewUser();
        string prefix = cluster.NewPrefix("refund");
        var bank = new Bank { IsOpen = true, LosesAnswers = true };
        var saga = new Saga(client, prefix + "saga", StepsWith(prefix, bank));

        await Assert.ThrowsAsync<BankIsClosedException>(saga.RunAsync);
        bank.LosesAnswers = false;
        await saga.RunAsync();

        // The bank knows the refund by the saga's own id, so the second order is the first one.
        Assert.Equal((2, 1), (bank.OrderCount, bank.Refunds.Count));
    }

    [Fact]
    public async Task Wrong_a_compensation_that_is_given_up_leaves_the_customer_charged_and_the_saga_undone()
    {
        RaftKvClient client = cluster.NewUser();
        string prefix = cluster.NewPrefix("refund");
        var bank = new Bank();
        SagaStep[] steps = StepsWith(prefix, bank);
        steps[0] = steps[0] with { Undo = static _ => Task.FromResult(new StepPlan([], [])) };

        SagaRecord end = await new Saga(client, prefix + "saga", steps).RunAsync();

        Assert.Equal((SagaPhase.Undone, 30L, 0), (end.Phase, await client.AmountAsync(prefix + "charged"), bank.Refunds.Count));
    }

    // A charge, and a courier that is never there. The refund goes through a bank outside of the store.
    private static SagaStep[] StepsWith(string prefix, Bank bank) =>
    [
        new(
            "charge",
            _ => Task.FromResult(new StepPlan([], [Op.Increment(prefix + "charged", 30)])),
            _ =>
            {
                bank.Refund(prefix + "saga", 30);
                return Task.FromResult(new StepPlan([], [Op.Increment(prefix + "charged", -30)]));
            }),
        new("courier", static _ => Task.FromResult(StepPlan.Refuse("no courier")), static _ => Task.FromResult(new StepPlan([], []))),
    ];

    private sealed class BankIsClosedException : Exception;

    private sealed class Bank
    {
        public bool IsOpen { get; set; }

        public bool LosesAnswers { get; set; }

        public int OrderCount { get; private set; }

        public Dictionary<string, long> Refunds { get; } = [];

        public void Refund(string id, long amount)
        {
            if (!IsOpen)
            {
                throw new BankIsClosedException();
            }

            OrderCount++;
            Refunds[id] = amount;
            if (LosesAnswers)
            {
                throw new BankIsClosedException();
            }
        }
    }
}
