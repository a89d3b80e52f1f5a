using RaftKv.Client;

namespace RaftKv.Cli.Demos;

/// <summary>Levels that say how the whole cluster is seen: linearizable, lease, all, consistent-prefix, eventual.</summary>
internal static class LevelDemos
{
    public static IReadOnlyList<Demo> All { get; } =
    [
        new("linearizable", "a read sees every write that was acknowledged before it began, on any node", LinearizableAsync),
        new("lease", "the same from the leader, without asking the others each time", LeaseAsync),
        new("all", "and once it is read, nobody anywhere sees anything older", AllAsync),
        new("consistent-prefix", "never an effect without its cause, however old the view", ConsistentPrefixAsync),
        new("eventual", "an answer at once, also from a node without a majority, and it says what it is", EventualAsync),
    ];

    private static async Task LinearizableAsync(DemoStage stage)
    {
        const string Key = "demo/linearizable/door";
        RaftKvClient user = stage.NewUser();
        await stage.PutAsync(user, Key, "open", "Ann").ConfigureAwait(false);
        Lag lag = await stage.LagAsync().ConfigureAwait(false);
        await stage.PutAsync(stage.NewUser(lag.Leader, lag.Other), Key, "locked", "Ann").ConfigureAwait(false);

        Sight stale = await stage.LookAsync(lag.Behind, Key, ReadLevel.Eventual).ConfigureAwait(false);
        DemoStage.Expect(stale.Value == "open", "The node that is cut off shows what it had.");
        stage.Wrong("eventual: Bob walks to a locked door. The write was acknowledged before he looked.");

        Sight refused = await stage.LookAsync(lag.Behind, Key, ReadLevel.Linearizable).ConfigureAwait(false);
        Sight fresh = await stage.SeeAsync(lag.Other, Key, ReadLevel.Linearizable).ConfigureAwait(false);
        DemoStage.Expect(refused.IsRefused && fresh.Value == "locked", "A linearizable read is fresh or refused.");
        stage.Right("linearizable: the cut-off node refuses rather than be wrong, and any node with a majority tells the truth.");
        await stage.HealAsync().ConfigureAwait(false);
        DemoStage.Expect((await stage.SeeAsync(lag.Behind, Key, ReadLevel.Linearizable)
            .ConfigureAwait(false)).Value == "locked", "Healed, it is fresh.");
    }

    private static async Task LeaseAsync(DemoStage stage)
    {
        const string Key = "demo/lease/price";
        await stage.PutAsync(stage.NewUser(), Key, "100", "The shop").ConfigureAwait(false);
        Lag lag = await stage.LagAsync().ConfigureAwait(false);
        await stage.PutAsync(stage.NewUser(lag.Leader, lag.Other), Key, "120", "The shop").ConfigureAwait(false);

        Sight stale = await stage.LookAsync(lag.Behind, Key, ReadLevel.Eventual).ConfigureAwait(false);
        DemoStage.Expect(stale.Value == "100", "The node that is cut off shows what it had.");
        stage.Wrong("eventual: the old price, although the new one is acknowledged.");

        Sight fresh = await stage.SeeAtLeaderAsync(Key, ReadLevel.Lease).ConfigureAwait(false);
        Sight refused = await stage.LookAsync(lag.Behind, Key, ReadLevel.Lease).ConfigureAwait(false);
        DemoStage.Expect(fresh.Value == "120" && refused.IsRefused, "A lease read is the leader's, or refused.");
        stage.Right("lease: the leader answers alone while its lease lasts; it is as fresh as linearizable as long as clocks drift "
            + "within the bound.");
        await stage.HealAsync().ConfigureAwait(false);
    }

    private static async Task AllAsync(DemoStage stage)
    {
        const string Key = "demo/all/flag";
        await stage.PutAsync(stage.NewUser(), Key, "off", "Ann").ConfigureAwait(false);
        Lag lag = await stage.LagAsync().ConfigureAwait(false);
        await stage.PutAsync(stage.NewUser(lag.Leader, lag.Other), Key, "on", "Ann").ConfigureAwait(false);

        Sight first = await stage.SeeAsync(lag.Other, Key, ReadLevel.Linearizable).ConfigureAwait(false);
        Sight then = await stage.LookAsync(lag.Behind, Key, ReadLevel.Eventual).ConfigureAwait(false);
        DemoStage.Expect(first.Value == "on" && then.Value == "off", "A later eventual read may be older.");
        stage.Wrong("linearizable, then eventual elsewhere: Ann has seen on, tells Bob, and Bob's cheap read still says off.");

        Sight refused = await stage.LookAsync(lag.Other, Key, ReadLevel.All).ConfigureAwait(false);
        DemoStage.Expect(refused.IsRefused, "all waits for every voter.");
        stage.Say("all: while one voter lacks it, the read is not answered.");
        await stage.HealAsync().ConfigureAwait(false);
        Sight all = await stage.LookUntilAsync(lag.Other, Key, ReadLevel.All, static sight =>
            !sight.IsRefused, "All voters have it in the end.")
            .ConfigureAwait(false);
        Sight cheap = await stage.LookAsync(lag.Behind, Key, ReadLevel.Eventual).ConfigureAwait(false);
        DemoStage.Expect(all.Value == "on" && cheap.Value == "on", "After a read at all, every voter shows it.");
        stage.Right("all: once it is answered, the cheapest read on any voter shows it too.");
    }

    private static async Task ConsistentPrefixAsync(DemoStage stage)
    {
        const string Post = "demo/prefix/1-post";
        const string Reply = "demo/prefix/2-reply";
        await stage.NewUser().DeletePrefixAsync("demo/prefix/").ConfigureAwait(false);
        Lag lag = await stage.LagAsync().ConfigureAwait(false);
        RaftKvClient users = stage.NewUser(lag.Leader, lag.Other);
        await stage.PutAsync(users, Post, "lunch?", "Ann").ConfigureAwait(false);
        await stage.PutAsync(users, Reply, "yes!", "Bob").ConfigureAwait(false);

        Sight reply = await stage.LookAsync(lag.Other, Reply, ReadLevel.Eventual).ConfigureAwait(false);
        Sight post = await stage.LookAsync(lag.Behind, Post, ReadLevel.Eventual).ConfigureAwait(false);
        DemoStage.Expect(post.Value is null, "The node that is cut off lacks the post.");
        stage.Wrong($"two reads on two nodes: the reply is {(reply.Value is null ? "on its way" : "there")}, the post that it answers "
            + $"is not.");

        var seen = new List<string>();
        await foreach (KeyValueEntry entry in stage.NewUser(lag.Behind)
            .RangeAsync(RaftKvRange.Prefix("demo/prefix/"), options: ReadLevel.ConsistentPrefix).ConfigureAwait(false))
        {
            seen.Add(entry.Key.ToString());
        }

        DemoStage.Expect(!seen.Contains(Reply) || seen.Contains(Post), "A prefix of the log has no reply without its post.");
        stage.Curl($"curl -H 'RaftKv-Consistency: consistent-prefix' '{lag.Behind.Endpoint}api/v1/kv?prefix=demo/prefix/'");
        stage.Right($"consistent-prefix: one read of one prefix of the log. Here it "
            + $"shows {(seen.Count == 0 ? "neither" : string.Join(", ", seen))}; never the reply alone.");
        await stage.HealAsync().ConfigureAwait(false);
    }

    private static async Task EventualAsync(DemoStage stage)
    {
        const string Key = "demo/eventual/menu";
        await stage.PutAsync(stage.NewUser(), Key, "soup", "The kitchen").ConfigureAwait(false);
        Lag lag = await stage.LagAsync().ConfigureAwait(false);
        Sight refused = await stage.LookUntilAsync(
            lag.Behind, Key, ReadLevel.Linearizable, static sight =>
                sight.IsRefused, "Without a majority nothing linearizable is served.").ConfigureAwait(false);
        DemoStage.Expect(refused.IsRefused, "Refused.");
        stage.Wrong("linearizable where an old menu would do: no answer at all in a minority.");

        Sight served = await stage.LookAsync(lag.Behind, Key, ReadLevel.Eventual).ConfigureAwait(false);
        DemoStage.Expect(served.Value == "soup", "eventual answers in a minority.");
        stage.Right("eventual: the node's own state, at once. Its answer says which revision it is and how old it is at most, if that "
            + "can be proven.");
        await stage.HealAsync().ConfigureAwait(false);
    }
}
