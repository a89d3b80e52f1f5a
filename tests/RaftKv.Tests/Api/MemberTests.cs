using System.Net;
using System.Text.Json;
using RaftKv.Core;
using RaftKv.Engine;
using RaftKv.Service.Calls;

namespace RaftKv.Tests.Api;

/// <summary>Changes of members at the REST door: what is asked of the engine, and what its answers become.</summary>
public sealed class MemberTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task An_added_member_is_a_place_and_its_operation_is_told_by_any_node()
    {
        HttpResponseMessage answer = await _host.PostAsync("/api/v1/cluster/members", """{"name":"n4","peerUrl":"http://h4:2380/"}""");

        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        MemberInfo place = Assert.Single(Assert.Single(_host.Node.MemberChanges).Add);
        Assert.Equal(("n4", "http://h4:2380", true, true), (place.Name, place.PeerUrl, place.IsPending, place.IsJoining));
        Assert.Equal($"/api/v1/operations/member-add-{place.Id}", answer.Headers.Location!.ToString());
        JsonElement operation = await LookAsync(answer);
        Assert.Equal("pending", operation.GetProperty("state").GetString());
        Assert.Equal("waiting", operation.GetProperty("progress").GetProperty("phase").GetString());
        Assert.Equal("pending", operation.GetProperty("member").GetProperty("role").GetString());

        _host.Node.Members = [.. _host.Node.Members.Select(member => member with { IsPending = false })];
        _host.Node.Progress = new MemberProgress("snapshot", new LogIndex(5), new LogIndex(50), LastSeenMs: 3)
        {
            SnapshotSentBytes = 250,
            SnapshotBytes = 1000,
        };
        JsonElement progress = (await LookAsync(answer)).GetProperty("progress");
        Assert.Equal("catching-up", progress.GetProperty("phase").GetString());
        Assert.Equal(25, progress.GetProperty("percent").GetInt32());
        Assert.Equal(1000, progress.GetProperty("snapshotBytes").GetInt64());

        _host.Node.Members = [.. _host.Node.Members.Where(member => member.IsSelf)];
        JsonElement gone = await LookAsync(answer);
        Assert.Equal(("not-applied", "member-not-found"), (gone.GetProperty("state").GetString(), gone.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task Each_verb_asks_for_its_change()
    {
        await _host.SendAsync("DELETE", "/api/v1/cluster/members/n1");
        await _host.SendAsync("POST", "/api/v1/cluster/members/0000000000000001/promote");
        await _host.SendAsync("POST", "/api/v1/cluster/members/n1/demote");
        await _host.SendAsync("PATCH", "/api/v1/cluster/members/n1", """{"peerUrl":"http://h9:1"}""", "application/json");
        await _host.PostAsync("/api/v1/cluster/members/n1/replace", """{"name":"n4","peerUrl":"http://h4:1"}""");
        await _host.PostAsync("/api/v1/cluster/members", """{"name":"n5","peerUrl":"http://h5:1","learner":true}""");

        NodeId[] one = [new NodeId(1)];
        List<MemberChange> asked = _host.Node.MemberChanges;
        Assert.Equal(one, asked[0].Leave);
        Assert.Equal(one, asked[1].Promote);
        Assert.Equal(one, asked[2].Demote);
        Assert.Equal("http://h9:1", Assert.Single(asked[3].Update).PeerUrl);
        Assert.Equal((new NodeId(1), true), (Assert.Single(asked[4].Add).Replaces, asked[4].Add[0].IsJoining));
        Assert.False(Assert.Single(asked[5].Add).IsJoining);
    }

    [Fact]
    public async Task A_learner_that_is_behind_is_promoted_when_it_is_not()
    {
        _host.Node.MemberAnswer = new MemberChangeAnswer(MemberChangeOutcome.Refused, MemberProblem.Behind);
        await (await _host.SendAsync("POST", "/api/v1/cluster/members/n1/promote")).ProblemAsync(409, "member-behind");

        Assert.True(Assert.Single(_host.Node.MemberChanges[1].Update).IsJoining);
        Assert.Empty(_host.Node.MemberChanges[1].Promote);
    }

    [Theory]
    [InlineData(MemberProblem.NotFound, 404, "member-not-found")]
    [InlineData(MemberProblem.Exists, 409, "member-conflict")]
    [InlineData(MemberProblem.NotALearner, 409, "member-conflict")]
    [InlineData(MemberProblem.NoVoterLeft, 409, "member-conflict")]
    [InlineData(MemberProblem.TooMany, 409, "member-conflict")]
    [InlineData(MemberProblem.Contradicts, 409, "member-conflict")]
    [InlineData(MemberProblem.Unhealthy, 409, "member-unsafe")]
    [InlineData(MemberProblem.TooSmall, 409, "member-behind")]
    [InlineData(MemberProblem.NotStarted, 409, "member-conflict")]
    [InlineData(MemberProblem.Bound, 409, "member-conflict")]
    [InlineData(MemberProblem.Unsupported, 409, "member-conflict")]
    public async Task A_refusal_says_why_and_that_nothing_was_changed(MemberProblem problem, int status, string code)
    {
        _host.Node.MemberAnswer = new MemberChangeAnswer(MemberChangeOutcome.Refused, problem);
        JsonElement body = await (await _host.SendAsync("POST", "/api/v1/cluster/members/n1/demote")).ProblemAsync(status, code);
        Assert.Equal("no", body.GetProperty("applied").GetString());
    }

    [Fact]
    public async Task More_learners_than_this_node_allows_are_refused_and_voters_to_be_are_none()
    {
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { MaxLearners = 1 });
        const string Learner = """{"name":"l%","peerUrl":"http://l%:1","learner":true}""";
        await host.PostAsync("/api/v1/cluster/members", """{"name":"n4","peerUrl":"http://h4:1"}""");
        await host.PostAsync("/api/v1/cluster/members", Learner.Replace('%', '1'));
        Assert.Equal(2, host.Node.MemberChanges.Count);
        HttpResponseMessage second = await host.PostAsync("/api/v1/cluster/members", Learner.Replace('%', '2'));
        JsonElement body = await second.ProblemAsync(409, "member-conflict");

        Assert.Contains("--max-learners of this node allows 1", body.GetProperty("detail").GetString());
        Assert.Equal(2, host.Node.MemberChanges.Count);
    }

    [Fact]
    public async Task What_nobody_knows_is_504_and_no_leader_503()
    {
        _host.Node.MemberAnswer = new MemberChangeAnswer(MemberChangeOutcome.Unknown);
        await (await _host.SendAsync("DELETE", "/api/v1/cluster/members/n1")).ProblemAsync(504, "outcome-unknown", "unknown");
        _host.Node.MemberAnswer = new MemberChangeAnswer(MemberChangeOutcome.NoLeader);
        await (await _host.SendAsync("DELETE", "/api/v1/cluster/members/n1")).ProblemAsync(503, "no-leader");
    }

    [Theory]
    [InlineData("POST", "members", "{}")]
    [InlineData("POST", "members", """{"name":"n4"}""")]
    [InlineData("POST", "members", """{"name":"n 4","peerUrl":"http://h4:1"}""")]
    [InlineData("POST", "members", """{"name":"n4","peerUrl":"h4:1"}""")]
    [InlineData("POST", "members", """{"name":"n4","peerUrl":"http://0.0.0.0:1"}""")]
    [InlineData("POST", "members", """{"name":"n4","peerUrl":"http://h4:1/path"}""")]
    [InlineData("POST", "members", """{"name":"n4","peerUrl":"http://h4:1","more":1}""")]
    [InlineData("POST", "members/n1/replace", """{"name":"n4"}""")]
    [InlineData("PATCH", "members/n1", "{}")]
    public async Task Bad_input_is_400_and_asks_nobody(string method, string path, string body)
    {
        await (await _host.SendAsync(method, $"/api/v1/cluster/{path}", body, "application/json")).ProblemAsync(400, "invalid-request");
        Assert.Empty(_host.Node.MemberChanges);
    }

    [Fact]
    public async Task Terms_that_a_change_of_members_can_not_keep_are_refused()
    {
        HttpResponseMessage answer = await _host.SendAsync("DELETE", "/api/v1/cluster/members/n1", headers: ("Idempotency-Key", "k"));
        await answer.ProblemAsync(400, "invalid-request");
        Assert.Empty(_host.Node.MemberChanges);
        await (await _host.SendAsync("GET", "/api/v1/operations/member-grow-01")).ProblemAsync(400, "invalid-request");
        await (await _host.SendAsync("DELETE", "/api/v1/cluster/members/n77")).ProblemAsync(404, "member-not-found");
    }

    [Fact]
    public async Task Who_is_to_lead_must_have_a_vote_be_heard_and_be_seen_to_lead()
    {
        JsonElement own = await (await _host.SendAsync("POST", "/api/v1/cluster/members/n1/lead")).JsonAsync();
        Assert.Equal(("n1", "ready"), (own.GetProperty("node").GetString(), own.GetProperty("phase").GetString()));
        Assert.Equal("n1", own.GetProperty("leader").GetProperty("name").GetString());

        _host.Node.Members = [.. _host.Node.Members, new MemberInfo("n2", new NodeId(2), "http://h2:1", null, IsSelf: false)];
        await (await _host.SendAsync("POST", "/api/v1/cluster/members/n2/lead")).ProblemAsync(409, "member-conflict");
        _host.Node.Circle = ([new NodeId(1), new NodeId(2)], [new NodeId(2)]);
        await (await _host.SendAsync("POST", "/api/v1/cluster/members/n2/lead")).ProblemAsync(409, "member-behind");
        _host.Node.Circle = ([new NodeId(1), new NodeId(2)], []);
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync("POST", "/api/v1/cluster/members/n2/lead")).StatusCode);
        _host.Node.TakesOver = false;
        await (await _host.SendAsync("POST", "/api/v1/cluster/members/n2/lead")).ProblemAsync(504, "outcome-unknown", "unknown");
        await (await _host.SendAsync("POST", "/api/v1/cluster/members/n9/lead")).ProblemAsync(404, "member-not-found");
        await (await _host.SendAsync("POST", "/api/v1/cluster/members/n1/lead", headers: ("Idempotency-Key", "k")))
            .ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task A_node_drains_only_where_a_majority_is_left_without_it()
    {
        await (await _host.SendAsync("POST", "/api/v1/cluster/members/n1/drain")).ProblemAsync(409, "member-unsafe");
        NodeId[] three = [new NodeId(1), new NodeId(2), new NodeId(3)];
        _host.Node.Circle = (three, [new NodeId(3)]);
        await (await _host.SendAsync("POST", "/api/v1/cluster/members/n1/drain")).ProblemAsync(409, "member-unsafe");
        Assert.Equal(0, _host.Node.DrainCount);

        _host.Node.Circle = (three, []);
        for (int i = 0; i < 2; i++)
        {
            JsonElement drained = await (await _host.SendAsync("POST", "/api/v1/cluster/members/n1/drain")).JsonAsync();
            Assert.Equal("draining", drained.GetProperty("phase").GetString());
        }

        Assert.Equal(2, _host.Node.DrainCount);

        // Nobody knows where clients reach that one, so nobody passes it on.
        _host.Node.Members = [.. _host.Node.Members, new MemberInfo("n2", new NodeId(2), "http://h2:1", null, IsSelf: false)];
        await (await _host.SendAsync("POST", "/api/v1/cluster/members/n2/drain")).ProblemAsync(409, "member-conflict");
    }

    [Fact]
    public async Task The_last_node_that_takes_writes_drains_only_when_it_is_forced_to()
    {
        _host.Node.Circle = ([new NodeId(1), new NodeId(2), new NodeId(3)], []);
        _host.Node.IsLastToDrain = true;
        await (await _host.SendAsync("POST", "/api/v1/cluster/members/n1/drain")).ProblemAsync(409, "member-unsafe");
        await (await _host.SendAsync("POST", "/api/v1/cluster/members/n1/drain?force=perhaps")).ProblemAsync(400, "invalid-request");
        Assert.Equal(0, _host.Node.DrainCount);

        JsonElement drained = await (await _host.SendAsync("POST", "/api/v1/cluster/members/n1/drain?force=true")).JsonAsync();
        Assert.Equal("draining", drained.GetProperty("phase").GetString());
    }

    [Fact]
    public async Task Events_begin_with_the_state_and_tell_of_a_member_that_comes_and_goes()
    {
        using var stream = new StreamReader(await _host.Client.GetStreamAsync("/api/v1/events?timeout=20s"));
        Assert.Equal("event: state", await stream.ReadLineAsync());
        Assert.Contains("\"members\"", await stream.ReadLineAsync());
        await stream.ReadLineAsync();

        HttpResponseMessage added = await _host.PostAsync("/api/v1/cluster/members", """{"name":"n4","peerUrl":"http://h4:1"}""");
        Assert.Equal("event: member", await stream.ReadLineAsync());
        Assert.Contains("\"n4\"", await stream.ReadLineAsync());
        await stream.ReadLineAsync();

        _host.Node.Members = [.. _host.Node.Members.Where(member => member.IsSelf)];
        Assert.Equal("event: removed", await stream.ReadLineAsync());
    }

    private async Task<JsonElement> LookAsync(HttpResponseMessage accepted) =>
        await (await _host.SendAsync("GET", accepted.Headers.Location!.ToString())).JsonAsync();
}
