using System.Text;
using RaftKv.Dashboard.Api;
using RaftKv.Dashboard.Cluster;

namespace RaftKv.Dashboard.Tests.Cluster;

/// <summary>What can be done with a member, and how far a change of one is.</summary>
public sealed class MemberActionTests
{
    [Fact]
    public void A_follower_may_lead_drain_lose_its_vote_and_go()
    {
        ClusterPicture picture = Cluster(Member("n1", leads: true), Member("n2"));

        Assert.Equal(["Make it lead", "Drain", "Take its vote", "Remove"], NamesOf(picture, "n2"));
        Assert.Equal(["Drain", "Take its vote", "Remove"], NamesOf(picture, "n1"));
        Assert.All(
            MemberAction.Of(picture.Nodes[1], picture).Skip(1), static action => Assert.True(action.IsGrave && action.Meaning.Length > 40));
        Assert.Equal("/api/v1/cluster/members/id-n2/lead", MemberAction.Of(picture.Nodes[1], picture)[0].Request.Target);
    }

    [Fact]
    public void A_learner_may_get_a_vote_and_one_that_does_not_answer_or_drains_can_only_be_changed()
    {
        NodeSight learner = Member("n2") with { IsVoter = false, Member = new MemberBody { Name = "n2", Id = "id-n2" } };
        NodeSight silent = Member("n3") with { IsUp = false };
        NodeSight draining = Member("n4");
        draining = draining with { Status = draining.Status! with { Phase = NodePhases.Draining } };
        ClusterPicture picture = Cluster(Member("n1", leads: true), learner, silent, draining);

        Assert.Equal(["Drain", "Give it a vote", "Remove"], NamesOf(picture, "n2"));
        Assert.Equal(["Take its vote", "Remove"], NamesOf(picture, "n3"));
        Assert.Equal(["Take its vote", "Remove"], NamesOf(picture, "n4"));
    }

    [Fact]
    public void Who_leaves_or_is_replaced_already_is_left_alone()
    {
        NodeSight leaving = Member("n2") with { IsUp = false, Member = new MemberBody { Name = "n2", Id = "id-n2", Leaving = true } };
        NodeSight replaced = Member("n3");
        ClusterPicture picture = Cluster(Member("n1", leads: true), leaving, replaced) with
        {
            Members = [new MemberBody { Name = "n3", Id = "id-new", Replaces = replaced.Id }],
        };

        Assert.Empty(MemberAction.Of(leaving, picture));
        Assert.False(MemberAction.MayReplace(leaving, picture));
        Assert.False(MemberAction.MayReplace(replaced, picture));
        Assert.True(MemberAction.MayReplace(picture.Nodes[0], picture));
    }

    [Fact]
    public void A_replacement_of_the_same_name_has_no_body_and_another_one_says_which()
    {
        Assert.Null(MemberAction.Replace("id", null, null).Body);
        ApiRequest other = MemberAction.Replace("id", "n4", "http://h4:1");
        Assert.Equal("""{"name":"n4","peerUrl":"http://h4:1"}""", Encoding.UTF8.GetString(other.Body!.Value.Span));
        ApiRequest learner = MemberAction.Add("n5", "http://h5:1", isLearner: true);
        Assert.Equal("""{"name":"n5","peerUrl":"http://h5:1","learner":true}""", Encoding.UTF8.GetString(learner.Body!.Value.Span));
    }

    [Fact]
    public async Task A_change_is_followed_from_its_place_to_its_end_and_then_stays_to_be_seen()
    {
        string answer = """{"id":"member-add-a","state":"pending","progress":{"phase":"waiting"}}""";
        var nodes = new StubNodes(_ => StubNodes.Json(answer));
        var courses = new MemberCourses(nodes.Client());
        ClusterPicture picture = Cluster(Member("n1", leads: true)) with
        {
            Members = [new MemberBody { Name = "n4", Id = "a", Role = NodeRoles.Pending, Joining = true }],
        };

        await courses.FollowAsync(picture, default);
        Assert.Equal((MemberPhases.Waiting, false), (courses.All[0].Phase, courses.All[0].IsOver));
        answer = """{"id":"member-add-a","state":"pending","progress":{"phase":"catching-up","percent":40}}""";
        await courses.FollowAsync(picture, default);
        Assert.Equal((MemberPhases.CatchingUp, 40), (courses.All[0].Phase, courses.All[0].Percent));
        answer = """{"id":"member-add-a","state":"applied","progress":{"phase":"done"}}""";
        await courses.FollowAsync(picture with { Members = [] }, default);
        Assert.True(Assert.Single(courses.All).IsOver);

        // What is over is not asked for again.
        int asked = nodes.Asked.Count;
        await courses.FollowAsync(picture with { Members = [] }, default);
        Assert.Equal(asked, nodes.Asked.Count);
        courses.PutAway(courses.All[0]);
        Assert.Empty(courses.All);
    }

    [Fact]
    public async Task Two_members_of_one_name_are_two_nodes_and_a_place_is_none()
    {
        var nodes = new StubNodes(request => StubNodes.Json(request.RequestUri!.AbsolutePath switch
        {
            "/api/v1/cluster" => """
                {"clusterId":"c","term":1,"leader":null,"members":[
                {"name":"n1","id":"a","role":"leader","voter":true,"leader":true,"self":true,"clientUrl":null},
                {"name":"n2","id":"b","role":"follower","voter":true,"clientUrl":"http://n2.test:1"},
                {"name":"n2","id":"c","role":"learner","joining":true,"replaces":"b","clientUrl":"http://n2.test:1"},
                {"name":"n3","id":"d","role":"pending","joining":true,"clientUrl":null}]}
                """,
            _ => "{}",
        }));
        var feed = new ClusterFeed(nodes.Client(), TimeProvider.System);

        await feed.RefreshAsync();

        Assert.Equal(["a", "b", "c"], feed.Picture.Nodes.Select(static node => node.Id).Order());
        Assert.Equal(["n1", "n2", "n2"], feed.Picture.Nodes.Select(static node => node.Name));
        Assert.Equal(4, feed.Picture.Members.Count);

        // What every user may ask: who lacks the right to the metrics is not refused something on each page.
        Assert.Equal(["GET /api/v1/cluster", "GET /api/v1/status"], nodes.Asked.Distinct());
    }

    private static string[] NamesOf(ClusterPicture picture, string name) =>
        [.. MemberAction.Of(picture.Nodes.Single(node => node.Name == name), picture).Select(static action => action.Name)];

    private static ClusterPicture Cluster(params NodeSight[] nodes) => ClusterPictureTests.Of(nodes);

    private static NodeSight Member(string name, bool leads = false) => ClusterPictureTests.Up(name, leads) with
    {
        Member = new MemberBody { Name = name, Id = "id-" + name, Voter = true, Leader = leads },
    };
}
