using RaftKv.Client;

namespace RaftKv.Cli.Demos;

/// <summary>Levels of a session: what one client has seen goes with its token, from node to node.</summary>
internal static class SessionDemos
{
    public static IReadOnlyList<Demo> All { get; } =
    [
        new("read-your-writes", "who has written sees it, on whatever node the next page is served",
            stage => OwnAsync(stage, "demo/own/profile", ReadLevel.ReadYourWrites, "Ann saves her profile, reloads, and it is gone.")),
        new("monotonic-reads", "what was seen once is never unseen", MonotonicAsync),
        new("session", "the four guarantees of a session together",
            stage => OwnAsync(stage, "demo/session/cart", ReadLevel.Session, "Ann puts a book in her cart, and the cart is empty again.")),
        new("sequential", "one order for all, each client's own order kept",
            stage =>
                OwnAsync(stage, "demo/sequential/step",
                    ReadLevel.Sequential, "Ann's next step does not find what her last one has done.")),
        new("causal", "what somebody knew when they wrote is seen with what they wrote", CausalAsync),
    ];

    private static async Task OwnAsync(DemoStage stage, string key, ReadLevel level, string harm)
    {
        string name = Output.LevelWords.ToName(level);
        await stage.PutAsync(stage.NewUser(), key, "before", "Ann").ConfigureAwait(false);
        Lag lag = await stage.LagAsync().ConfigureAwait(false);
        PutResult own = await stage.PutAsync(stage.NewUser(lag.Leader, lag.Other), key, "after", "Ann").ConfigureAwait(false);
        string token = own.Metadata.SessionToken!;

        Sight stale = await stage.LookAsync(lag.Behind, key, ReadLevel.Eventual).ConfigureAwait(false);
        DemoStage.Expect(stale.Value == "before", "Without her token the node that is cut off shows what it had.");
        stage.Wrong($"eventual: {harm}");

        var mine = new ReadOptions { Level = level, SessionToken = token };
        Sight refused = await stage.LookAsync(lag.Behind, key, mine).ConfigureAwait(false);
        Sight elsewhere = await stage.SeeAsync(lag.Other, key, mine with { Level = ReadLevel.Linearizable }).ConfigureAwait(false);
        DemoStage.Expect(refused.IsRefused && elsewhere.Value == "after", "With the token nothing older is served.");
        stage.Say($"{name}: the token of her write (header RaftKv-Session of the answer) goes with the read; the node that lacks it "
            + $"says so.");
        await stage.HealAsync().ConfigureAwait(false);
        Sight seen = await stage.SeeAsync(lag.Behind, key, mine).ConfigureAwait(false);
        DemoStage.Expect(seen.Value == "after", "Once the node has caught up, it serves the token.");
        stage.Right($"{name}: any node that has reached the token answers by itself, without asking the leader.");
    }

    private static async Task MonotonicAsync(DemoStage stage)
    {
        const string Key = "demo/monotonic/score";
        await stage.PutAsync(stage.NewUser(), Key, "1:0", "The referee").ConfigureAwait(false);
        Lag lag = await stage.LagAsync().ConfigureAwait(false);
        await stage.PutAsync(stage.NewUser(lag.Leader, lag.Other), Key, "2:0", "The referee").ConfigureAwait(false);

        Sight first = await stage.LookUntilAsync(
            lag.Leader, Key, ReadLevel.Eventual, static sight => sight.Value == "2:0", "The leader shows what was acknowledged.")
            .ConfigureAwait(false);
        Sight second = await stage.LookAsync(lag.Behind, Key, ReadLevel.Eventual).ConfigureAwait(false);
        DemoStage.Expect(first.Value == "2:0" && second.Value == "1:0", "Two eventual reads may go backwards.");
        stage.Wrong("eventual: the goal is taken back when the balancer picks another node.");

        var mine = new ReadOptions { Level = ReadLevel.MonotonicReads, SessionToken = first.Token };
        DemoStage.Expect((await stage.LookAsync(lag.Behind, Key, mine)
            .ConfigureAwait(false)).IsRefused, "Nothing older than what was read.");
        await stage.HealAsync().ConfigureAwait(false);
        DemoStage.Expect((await stage.SeeAsync(lag.Behind, Key, mine).ConfigureAwait(false)).Value == "2:0", "Caught up, it answers.");
        stage.Right("monotonic-reads: the token of the first answer goes with the second read; time never runs backwards for one reader.");
    }

    private static async Task CausalAsync(DemoStage stage)
    {
        const string Photo = "demo/causal/photo";
        const string Comment = "demo/causal/comment";
        await stage.NewUser().DeletePrefixAsync("demo/causal/").ConfigureAwait(false);
        Lag lag = await stage.LagAsync().ConfigureAwait(false);
        RaftKvClient ann = stage.NewUser(lag.Leader, lag.Other);
        RaftKvClient bob = stage.NewUser(lag.Leader, lag.Other);
        await stage.PutAsync(ann, Photo, "sunset.jpg", "Ann").ConfigureAwait(false);
        GetResult seen = await bob.TryGetAsync(Photo).ConfigureAwait(false);
        PutResult said = await stage.PutAsync(bob, Comment, "beautiful!", "Bob, who has seen the photo,").ConfigureAwait(false);
        DemoStage.Expect(seen.Found, "Bob has seen it.");

        Sight photo = await stage.LookAsync(lag.Behind, Photo, ReadLevel.Eventual).ConfigureAwait(false);
        DemoStage.Expect(photo.Value is null, "The node that is cut off lacks the photo.");
        stage.Wrong("eventual: Carol is told of Bob's comment, opens the page on another node, and there is no photo.");

        var told = new ReadOptions { Level = ReadLevel.Causal, SessionToken = said.Metadata.SessionToken };
        DemoStage.Expect((await stage.LookAsync(lag.Behind, Photo, told).ConfigureAwait(false)).IsRefused, "Nothing without its cause.");
        await stage.HealAsync().ConfigureAwait(false);
        DemoStage.Expect((await stage.SeeAsync(lag.Behind, Photo, told)
            .ConfigureAwait(false)).Value == "sunset.jpg", "Cause and effect together.");
        stage.Right("causal: Bob's token goes to Carol with the message; whatever Bob had seen, she sees.");
    }
}
