using RaftKv.Dashboard.Cluster;

namespace RaftKv.Dashboard.Tests.Cluster;

/// <summary>The one sentence that somebody reads who has just been called.</summary>
public sealed class ClusterPictureTests
{
    [Fact]
    public void All_up_is_good_and_says_how_many_may_go()
    {
        ClusterPicture picture = Of(Up("n1"), Up("n2", leads: true), Up("n3"));

        Assert.Equal(ClusterHealth.Good, picture.Health);
        Assert.Equal("All 3 nodes are up. n2 leads.", picture.Headline);
        Assert.Equal("Reads and writes go on, and would go on without one of them.", picture.Meaning);
    }

    [Fact]
    public void One_down_of_three_is_strained_and_says_that_the_next_one_stops_it()
    {
        ClusterPicture picture = Of(Up("n1"), Up("n2", leads: true), Down("n3"));

        Assert.Equal(ClusterHealth.Strained, picture.Health);
        Assert.Equal("Two of 3 nodes are up. n2 leads.", picture.Headline);
        Assert.Contains("one more node would stop them", picture.Meaning, StringComparison.Ordinal);
    }

    [Fact]
    public void One_down_of_five_says_nothing_of_a_next_one() =>
        Assert.Equal("Reads and writes go on.", Of(Up("n1"), Up("n2", leads: true), Up("n3"), Up("n4"), Down("n5")).Meaning);

    [Fact]
    public void A_minority_is_halted_even_when_it_still_takes_itself_for_the_leader()
    {
        ClusterPicture picture = Of(Up("n1", leads: true), Down("n2"), Down("n3"));

        Assert.Equal(ClusterHealth.Halted, picture.Health);
        Assert.Equal("One of 3 answers: no majority.", picture.Headline);
        Assert.Contains("eventual reads are still answered", picture.Meaning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_majority_without_a_leader_is_halted_by_an_election() =>
        Assert.Equal("No leader right now: an election is on.", Of(Up("n1"), Up("n2"), Down("n3")).Headline);

    [Fact]
    public void Of_two_that_say_they_lead_the_newer_term_counts() =>
        Assert.Equal("n3", Of(Up("n1", leads: true, term: 4), Up("n2", term: 5), Up("n3", leads: true, term: 5)).Leader!.Name);

    [Fact]
    public void What_a_node_said_before_it_went_down_makes_it_no_leader() =>
        Assert.Null(Of(Up("n1"), Up("n2"), Up("n3", leads: true) with { IsUp = false }).Leader);

    [Fact]
    public void An_alarm_is_not_good_and_is_listed_once()
    {
        var alarm = new AlarmBody { Kind = "space", Node = "n2" };
        ClusterPicture picture = Of(Up("n1", alarm: alarm), Up("n2", leads: true, alarm: alarm), Up("n3"));

        Assert.Equal(ClusterHealth.Strained, picture.Health);
        Assert.Single(picture.Alarms);
    }

    [Fact]
    public void Nothing_known_is_no_verdict() => Assert.Equal(ClusterHealth.Unknown, ClusterPicture.Empty.Health);

    internal static ClusterPicture Of(params NodeSight[] nodes) => new(nodes, DateTimeOffset.UnixEpoch);

    internal static NodeSight Up(string name, bool leads = false, long term = 2, AlarmBody? alarm = null) => new()
    {
        Name = name,
        Url = new Uri($"http://{name}.test:1"),
        IsUp = true,
        SeenAt = DateTimeOffset.UnixEpoch,
        Status = new StatusAnswer
        {
            Name = name,
            Role = leads ? NodeRoles.Leader : NodeRoles.Follower,
            Phase = NodePhases.Ready,
            Term = term,
            FirstIndex = 1,
            LastIndex = 10,
            PersistedIndex = 10,
            CommitIndex = 10,
            AppliedIndex = 10,
            Alarms = alarm is null ? [] : [alarm],
        },
    };

    internal static NodeSight Down(string name) => Up(name) with { IsUp = false };
}
