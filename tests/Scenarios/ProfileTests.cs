using RaftKv.Client;
using RaftKv.Scenarios.Support;
using static RaftKv.Scenarios.Support.ThreeNodes;

namespace RaftKv.Scenarios;

/// <summary>
/// Somebody changes their name and looks at their own page; others look too. docs/scenarios/profile.md.
/// </summary>
public sealed class ProfileTests(ThreeNodes cluster) : IClassFixture<ThreeNodes>
{
    [Fact]
    public async Task The_own_page_shows_the_own_change_or_says_that_it_can_not_yet()
    {
        string name = cluster.NewPrefix("profile") + "name";
        RaftKvClient reader = cluster.NewUser();
        await reader.PutAsync(name, "Ada Byron");

        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        RaftKvSession ada = lag.NewUserOfMajority().BeginSession();
        await ada.PutAsync(name, "Ada Lovelace");
        ReadOptions own = At(lag.Behind, ReadLevel.ReadYourWrites, ada.Token);

        // The replica that lags knows from the token that it lacks Ada's write: it says so, or waits until it has it.
        await Refusal.IsBehindAsync(() => reader.GetAsync(name, own));
        Task<string?> waiting = reader.GetStringAsync(name, own with { OnUnmet = UnmetPolicy.Wait });
        await lag.HealAsync();

        Assert.Equal("Ada Lovelace", await waiting);
        Assert.Equal("Ada Lovelace", await reader.GetStringAsync(name, own));
    }

    [Fact]
    public async Task Others_see_the_old_name_for_a_while_and_that_is_fine()
    {
        string name = cluster.NewPrefix("profile") + "name";
        RaftKvClient bob = cluster.NewUser();
        await bob.PutAsync(name, "Ada Byron");

        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        await lag.NewUserOfMajority().PutAsync(name, "Ada Lovelace");
        string? seenAtOnce = await bob.GetStringAsync(name, At(lag.Behind, ReadLevel.Eventual));
        await lag.HealAsync();
        string? seenLater = await bob.GetStringAsync(name, At(lag.Behind, ReadLevel.Eventual));

        Assert.Equal(("Ada Byron", "Ada Lovelace"), (seenAtOnce, seenLater));
    }

    [Fact]
    public async Task Wrong_the_own_page_at_eventual_shows_the_old_name()
    {
        string name = cluster.NewPrefix("profile") + "name";
        RaftKvClient reader = cluster.NewUser();
        await reader.PutAsync(name, "Ada Byron");

        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        RaftKvSession ada = lag.NewUserOfMajority().BeginSession();
        await ada.PutAsync(name, "Ada Lovelace");

        // "Saved", says the page, and shows the name of before. The token alone does not help: it is the level that counts.
        Assert.Equal("Ada Byron", await reader.GetStringAsync(name, At(lag.Behind, ReadLevel.Eventual, ada.Token)));
    }

    [Fact]
    public async Task Read_your_writes_asks_nothing_about_what_the_reader_has_seen_of_others()
    {
        string name = cluster.NewPrefix("profile") + "name";
        RaftKvClient reader = cluster.NewUser();
        await reader.PutAsync(name, "Ada Byron");

        await using LaggingReplica lag = await cluster.CutOffAFollowerAsync();
        await lag.NewUserOfMajority().PutAsync(name, "Ada Lovelace");
        RaftKvSession bob = lag.NewUserOfMajority().BeginSession();

        // His first page may come from a replica that is behind, for he has no token yet: he asks for the newest, and sees it.
        Assert.Equal("Ada Lovelace", await bob.GetStringAsync(name, new ReadOptions { Level = ReadLevel.Linearizable }));

        // Bob wrote nothing, so there is nothing of his to show; to keep what he has seen is another guarantee.
        Assert.Equal("Ada Byron", await reader.GetStringAsync(name, At(lag.Behind, ReadLevel.ReadYourWrites, bob.Token)));
        await Refusal.IsBehindAsync(() => reader.GetAsync(name, At(lag.Behind, ReadLevel.MonotonicReads, bob.Token)));
    }
}
