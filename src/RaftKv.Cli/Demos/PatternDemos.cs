using System.Globalization;
using RaftKv.Client;

namespace RaftKv.Cli.Demos;

/// <summary>Patterns for what no single write can do, because it happens in several places: two-phase-commit, saga.</summary>
internal static class PatternDemos
{
    public static IReadOnlyList<Demo> All { get; } =
    [
        new("two-phase-commit", "money from one bank to another, and the one who moves it dies in between", TwoPhaseAsync),
        new("saga", "a trip in three bookings, the third fails, and the one who books dies", SagaAsync),
    ];

    private static async Task TwoPhaseAsync(DemoStage stage)
    {
        const string North = "demo/2pc/north";
        const string South = "demo/2pc/south";
        RaftKvClient user = stage.NewUser();
        await ResetAsync().ConfigureAwait(false);
        stage.Say("Two banks, 100 each. 30 go from north to south. (In one cluster a txn does it; here each bank stands for a system "
            + "of its own.)");
        await AddAsync(North, -30, "naive").ConfigureAwait(false);
        int naive = await TotalAsync().ConfigureAwait(false);
        DemoStage.Expect(naive == 170, "Half a transfer.");
        stage.Wrong($"debit, then credit, and a crash in between: the total is {naive}. Nobody knows whether to go on or back.");

        await ResetAsync().ConfigureAwait(false);
        const string Decision = "demo/2pc/transfers/1";
        await user.PutAsync(Decision, "preparing").ConfigureAwait(false);
        await user.PutAsync(North + "/prepared/1", "-30").ConfigureAwait(false);
        await user.PutAsync(South + "/prepared/1", "30").ConfigureAwait(false);
        stage.Say("Phase one: both banks note what they promise, and change nothing yet.");
        KeyValueEntry open = (await user.GetAsync(Decision).ConfigureAwait(false))!;
        await user.CompareAndSetAsync(Decision, Precondition.Unchanged(open), "commit").ConfigureAwait(false);
        stage.Curl($"curl -X PUT -H 'If-Match: \"{open.ModRevision}\"' --data-binary commit {stage.Nodes[0].Endpoint}api/v1/kv/{Decision}");
        stage.Say("Phase two: one compare-and-set is the decision. Then the coordinator dies, after north and before south.");
        await FinishAsync(North).ConfigureAwait(false);

        CompareAndSetResult abort = await stage.NewUser()
            .TryCompareAndSetAsync(Decision, Precondition.AtRevision(open.ModRevision), "abort").ConfigureAwait(false);
        DemoStage.Expect(!abort.Succeeded, "What is decided stays decided.");
        stage.Say("Another process finds the transfer. It can't abort what is decided, so it finishes; what is finished already is "
            + "not done twice.");
        await FinishAsync(North).ConfigureAwait(false);
        await FinishAsync(South).ConfigureAwait(false);
        int total = await TotalAsync().ConfigureAwait(false);
        DemoStage.Expect(total == 200 && await BalanceAsync(South).ConfigureAwait(false) == 130, "All of it, once.");
        stage.Right($"the decision is one linearizable write, and whoever comes later follows it: the total is {total}.");

        async Task ResetAsync()
        {
            await user.DeletePrefixAsync("demo/2pc/").ConfigureAwait(false);
            await user.PutAsync(North, "100").ConfigureAwait(false);
            await user.PutAsync(South, "100").ConfigureAwait(false);
        }

        // Balance and promise change together, so a second try finds no promise.
        async Task FinishAsync(string bank)
        {
            if (await user.GetAsync(bank + "/prepared/1").ConfigureAwait(false) is { } promise)
            {
                KeyValueEntry balance = (await user.GetAsync(bank).ConfigureAwait(false))!;
                int amount = int.Parse(promise.GetString(), CultureInfo.InvariantCulture);
                await user.Txn()
                    .When(Compare.Key(bank + "/prepared/1").Exists, Compare.Key(bank).ModRevision == balance.ModRevision)
                    .Then(Op.Put(bank, Text(Number(balance) + amount)), Op.Delete(bank + "/prepared/1")).CommitAsync()
                        .ConfigureAwait(false);
            }
        }

        async Task AddAsync(string bank, int amount, string key) => await user.PutAsync(
            bank, Text(await BalanceAsync(bank).ConfigureAwait(false) + amount),
                new WriteOptions { IdempotencyKey = $"demo-2pc-{key}-{bank[^5..]}" })
            .ConfigureAwait(false);

        async Task<int> BalanceAsync(string bank) => Number((await user.GetAsync(bank).ConfigureAwait(false))!);

        async Task<int> TotalAsync() => await BalanceAsync(North).ConfigureAwait(false) + await BalanceAsync(South).ConfigureAwait(false);
    }

    private static async Task SagaAsync(DemoStage stage)
    {
        const string Root = "demo/saga/";
        RaftKvClient user = stage.NewUser();
        await ResetAsync().ConfigureAwait(false);
        stage.Say("A trip: a seat, then a room, then the payment. One seat, one room; the card is refused.");
        await TakeAsync("seat", "wrong-1").ConfigureAwait(false);
        await TakeAsync("room", "wrong-2").ConfigureAwait(false);
        DemoStage.Expect(await LeftAsync("seat").ConfigureAwait(false) == 0, "The seat is taken.");
        stage.Wrong("steps without a log: the payment fails, the program dies, and a seat and a room are taken for ever by nobody.");

        await ResetAsync().ConfigureAwait(false);
        await user.PutAsync(Root + "trips/1", "started").ConfigureAwait(false);
        await StepAsync("seat-taken", "started", () => TakeAsync("seat", "trip-1-seat")).ConfigureAwait(false);
        await StepAsync("room-taken", "seat-taken", () => TakeAsync("room", "trip-1-room")).ConfigureAwait(false);
        await StepAsync("payment-refused", "room-taken", static () => Task.CompletedTask).ConfigureAwait(false);
        stage.Say("Each step is noted by compare-and-set before the next one begins. The payment is refused; then the program dies.");

        LockHandle takeover = await stage.NewUser().Locks.AcquireAsync(Root + "trips/1", TimeSpan.FromSeconds(30)).ConfigureAwait(false);
        await using (takeover.ConfigureAwait(false))
        {
            string found = (await user.GetAsync(Root + "trips/1").ConfigureAwait(false))!.GetString();
            stage.Say($"Another process takes the lock of the trip (token {takeover.FencingToken}), reads {found}, and undoes the "
                + $"steps in reverse.");
            await GiveBackAsync("room", "trip-1-undo-room", takeover.Fence).ConfigureAwait(false);
            await GiveBackAsync("room", "trip-1-undo-room", takeover.Fence).ConfigureAwait(false);
            await GiveBackAsync("seat", "trip-1-undo-seat", takeover.Fence).ConfigureAwait(false);
            await StepAsync("undone", "payment-refused", static () => Task.CompletedTask).ConfigureAwait(false);
        }

        DemoStage.Expect(
            await LeftAsync("seat").ConfigureAwait(false) == 1 && await LeftAsync("room")
                .ConfigureAwait(false) == 1, "All is given back, once.");
        stage.Curl($"curl -X POST -H 'Idempotency-Key: trip-1-undo-room' -H 'RaftKv-Fence: {takeover.Fence}' -d "
            + $"'{{\"by\":1}}' {stage.Nodes[0].Endpoint}api/v1/counters/{Root}room");
        stage.Right("a saga: each step noted, each compensation under its own idempotency key (the room's was sent twice and counted "
            + "once), by one process at a time.");

        async Task ResetAsync()
        {
            await user.DeletePrefixAsync(Root).ConfigureAwait(false);
            await user.PutAsync(Root + "seat", "1").ConfigureAwait(false);
            await user.PutAsync(Root + "room", "1").ConfigureAwait(false);
        }

        async Task StepAsync(string next, string after, Func<Task> act)
        {
            KeyValueEntry at = (await user.GetAsync(Root + "trips/1").ConfigureAwait(false))!;
            DemoStage.Expect(at.GetString() == after, $"The trip stands at {after}.");
            await act().ConfigureAwait(false);
            await user.CompareAndSetAsync(Root + "trips/1", Precondition.Unchanged(at), next).ConfigureAwait(false);
        }

        Task TakeAsync(string what, string key) =>
            user.IncrementAsync(Root + what, -1, new WriteOptions { IdempotencyKey = $"demo-saga-{key}" });

        Task GiveBackAsync(string what, string key, Fence fence) =>
            user.IncrementAsync(Root + what, 1, new WriteOptions { IdempotencyKey = $"demo-saga-{key}", Fence = fence });

        async Task<int> LeftAsync(string what) => Number((await user.GetAsync(Root + what).ConfigureAwait(false))!);
    }

    private static int Number(KeyValueEntry entry) => int.Parse(entry.GetString(), CultureInfo.InvariantCulture);

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
