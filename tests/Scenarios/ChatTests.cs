using RaftKv.Client;
using RaftKv.Scenarios.Support;
using static RaftKv.Scenarios.Support.ThreeNodes;

namespace RaftKv.Scenarios;

/// <summary>
/// A reply is never seen before the post that it answers, though three people talk to three nodes.
/// docs/scenarios/chat.md.
/// </summary>
public sealed class ChatTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    [Fact]
    public async Task Who_has_seen_the_reply_sees_the_post_on_every_node()
    {
        string room = cluster.NewPrefix("chat");
        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        RaftKvSession carol = await PostAndReplyAsync(lag, room);

        // Carol read the reply on a node that was up to date. Her next page is served by the one that lags.
        Assert.Equal("at eight", await carol.GetStringAsync(room + "reply"));
        RaftKvClient page = cluster.NewUser(lag.Behind);
        await Refusal.IsBehindAsync(() => page.GetAsync(room + "post", At(lag.Behind, ReadLevel.Causal, carol.Token)));
        Task<string?> waiting = page.GetStringAsync(
            room + "post", At(lag.Behind, ReadLevel.Causal, carol.Token) with { OnUnmet = UnmetPolicy.Wait });
        await lag.HealAsync();

        Assert.Equal("when do we meet?", await waiting);
    }

    [Fact]
    public async Task A_reply_is_after_its_post_when_the_token_goes_from_hand_to_hand()
    {
        string room = cluster.NewPrefix("chat");
        RaftKvSession[] people = [.. cluster.NewUserOfEachNode().Select(static client => client.BeginSession(ReadLevel.Causal))];
        string? token = null;

        // A chain over all nodes: each reads what the one before wrote, and answers it. Nobody waits for a replica.
        for (int i = 0; i < 30; i++)
        {
            RaftKvSession person = people[i % 3];
            if (token is not null)
            {
                person.Merge(token);
                Assert.Equal($"message {i - 1}", await person.GetStringAsync(room + (i - 1)));
            }

            await person.PutAsync(room + i, $"message {i}");
            token = person.Token;
        }
    }

    [Fact]
    public async Task Wrong_two_replicas_read_at_eventual_show_a_reply_to_nothing()
    {
        string room = cluster.NewPrefix("chat");
        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        await PostAndReplyAsync(lag, room);
        RaftKvClient carol = cluster.NewUser();

        // The third node has the reply once it has applied it; a linearizable read sees to that, so that no time plays a part.
        await carol.GetAsync(room + "reply", At(lag.Other, ReadLevel.Linearizable));
        string? reply = await carol.GetStringAsync(room + "reply", At(lag.Other, ReadLevel.Eventual));
        string? post = await carol.GetStringAsync(room + "post", At(lag.Behind, ReadLevel.Eventual));

        Assert.Equal(("at eight", null), (reply, post));
    }

    /// <summary>Alice posts; Bob reads that and answers; gives Carol, who has seen nothing yet.</summary>
    private static async Task<RaftKvSession> PostAndReplyAsync(LaggingReplica lag, string room)
    {
        RaftKvSession alice = lag.NewUserOfMajority().BeginSession(ReadLevel.Causal);
        await alice.PutAsync(room + "post", "when do we meet?");
        RaftKvSession bob = lag.NewUserOfMajority().BeginSession(ReadLevel.Causal, alice.Token);
        Assert.Equal("when do we meet?", await bob.GetStringAsync(room + "post"));
        await bob.PutAsync(room + "reply", "at eight");
        return lag.NewUserOfMajority().BeginSession(ReadLevel.Causal, bob.Token);
    }
}
