using RaftKv.Client;

namespace RaftKv.Cli.Demos;

/// <summary>Caps on how old an answer may be: in time and in revisions, proven and not guessed.</summary>
internal static class BoundDemos
{
    public static IReadOnlyList<Demo> All { get; } =
    [
        new("bounded", "at most so many milliseconds old, proven (RaftKv-Max-Staleness)", StalenessAsync),
        new("max-lag", "at most so many revisions behind, proven (RaftKv-Max-Lag)", LagAsync),
    ];

    private static async Task StalenessAsync(DemoStage stage)
    {
        const string Key = "demo/bounded/rate";
        await stage.PutAsync(stage.NewUser(), Key, "1.08", "The bank").ConfigureAwait(false);
        Lag lag = await stage.LagAsync().ConfigureAwait(false);
        await stage.PutAsync(stage.NewUser(lag.Leader, lag.Other), Key, "1.11", "The bank").ConfigureAwait(false);
        Sight stale = await stage.LookAsync(lag.Behind, Key, ReadLevel.Eventual).ConfigureAwait(false);
        DemoStage.Expect(stale.Value == "1.08", "The node that is cut off shows what it had.");
        stage.Wrong("eventual: an old rate, and nobody says how old.");

        var half = new ReadOptions { Level = ReadLevel.Bounded, MaxStaleness = TimeSpan.FromMilliseconds(500) };
        await stage.LookUntilAsync(lag.Behind, Key, half, static sight => sight.IsRefused, "What can't be proven young is refused.")
            .ConfigureAwait(false);
        stage.Say("bounded, 500 ms: the node can no longer prove that it is so young, and refuses.");
        Sight old = await stage.SeeAsync(lag.Behind, Key, half with { MaxStaleness = TimeSpan.FromHours(1) }).ConfigureAwait(false);
        DemoStage.Expect(old is { Value: "1.08", StalenessMs: not null }, "Within a wide bound it answers, and says its age.");
        Sight fresh = await stage.SeeAsync(lag.Leader, Key, half).ConfigureAwait(false);
        DemoStage.Expect(fresh.Value == "1.11", "A node with a majority proves its age.");
        stage.Right("bounded: within the bound or refused; RaftKv-Staleness-Ms of each answer is a proven bound, without synchronised "
            + "clocks.");
        await stage.HealAsync().ConfigureAwait(false);
    }

    private static async Task LagAsync(DemoStage stage)
    {
        const string Key = "demo/lag/stock";
        RaftKvClient user = stage.NewUser();
        await stage.PutAsync(user, Key, "9", "The shop").ConfigureAwait(false);
        Lag lag = await stage.LagAsync().ConfigureAwait(false);
        RaftKvClient shop = stage.NewUser(lag.Leader, lag.Other);
        for (int left = 8; left >= 0; left--)
        {
            await shop.PutAsync(Key, left.ToString(System.Globalization.CultureInfo.InvariantCulture)).ConfigureAwait(false);
        }

        stage.Say("The shop sells nine more, a write each.");
        Sight stale = await stage.LookAsync(lag.Behind, Key, ReadLevel.Eventual).ConfigureAwait(false);
        DemoStage.Expect(stale.Value == "9", "The node that is cut off shows what it had.");
        stage.Wrong("eventual: nine in stock, by a node that is nine writes behind.");

        var three = new ReadOptions { Level = ReadLevel.Bounded, MaxLag = 3 };
        DemoStage.Expect((await stage.LookAsync(lag.Behind, Key, three)
            .ConfigureAwait(false)).IsRefused, "Too far behind, or unproven: refused.");
        Sight near = await stage.SeeAsync(lag.Other, Key, three).ConfigureAwait(false);
        DemoStage.Expect(near.Value is "0" or "1" or "2" or "3", "At most three revisions behind.");
        stage.Right("bounded with max-lag 3: at most three writes are missing, by the leader's word, or the read is refused.");
        await stage.HealAsync().ConfigureAwait(false);
    }
}
