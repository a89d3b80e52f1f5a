using System.Net;
using RaftKv.Dashboard.Api;
using RaftKv.Dashboard.Cluster;
using RaftKv.Dashboard.Playground;

namespace RaftKv.Dashboard.Tests.Playground;

/// <summary>What the playground says of an answer, and how its two clients carry their tokens.</summary>
public sealed class PlaygroundTests
{
    private static readonly NodeSight Node = new() { Name = "n1", Url = StubNodes.Self, IsUp = true };

    [Fact]
    public void An_answer_behind_an_acknowledged_write_is_old()
    {
        Assert.True(ReadOutcome.Of(Answer(200, revision: 7), "n1", newestWrite: 8).IsOld);
        Assert.False(ReadOutcome.Of(Answer(200, revision: 8), "n1", newestWrite: 8).IsOld);
        Assert.True(ReadOutcome.Of(Answer(404, revision: 7), "n1", newestWrite: 8).IsOld);
    }

    [Fact]
    public void Where_an_answer_came_from_is_said()
    {
        Assert.Equal("at once, from its own store", ReadOutcome.Of(Answer(200, 7, timing: "total;dur=0.1"), "n1", 0).Why);
        Assert.Equal("waited 12 ms for Raft", ReadOutcome.Of(Answer(200, 7, timing: "raft;dur=12.3, total;dur=12.5"), "n1", 0).Why);
        Assert.Equal("passed on to n2", ReadOutcome.Of(Answer(200, 7, by: "n2"), "n1", 0).Why);
    }

    [Fact]
    public void A_refusal_says_why_and_silence_is_not_a_refusal()
    {
        ReadOutcome refused = ReadOutcome.Of(
            new ApiAnswer(503, """{"status":503,"detail":"No leader."}"""u8.ToArray(), TimeSpan.Zero), "n1", 0);
        ReadOutcome silent = ReadOutcome.Of(new ApiAnswer(0, ReadOnlyMemory<byte>.Empty, TimeSpan.Zero) { Failure = "Gone." }, "n1", 0);

        Assert.Equal((false, false, "No leader."), (refused.IsAnswered, refused.IsSilent, refused.Why));
        Assert.Equal((false, true, "Gone."), (silent.IsAnswered, silent.IsSilent, silent.Why));
    }

    [Fact]
    public async Task A_client_keeps_its_token_and_hands_it_over()
    {
        var seen = new List<string?>();
        var nodes = new StubNodes(request =>
        {
            seen.Add(request.Headers.TryGetValues(HeaderNames.Session, out IEnumerable<string>? tokens) ? tokens.Single() : null);
            return Answered("T1");
        });
        var session = new PlaygroundSession(nodes.Client(), TimeProvider.System);

        await session.WriteAsync(Node);
        session.Hand("A", "B");
        session.Client = "B";
        await session.ReadAsync(ReadLevelNames.Session, Node);
        await session.ReadAsync(ReadLevelNames.Eventual, Node);
        session.Forget("B");

        Assert.Equal([null, "T1", null], seen);
        Assert.Null(session.TokenOf("B"));
        Assert.Equal("T1", session.TokenOf("A"));
    }

    [Fact]
    public async Task Reading_every_level_asks_each_node_at_each_level_and_moves_no_token()
    {
        var nodes = new StubNodes(_ => Answered("T2"));
        var session = new PlaygroundSession(nodes.Client(), TimeProvider.System);

        await session.ReadAllAsync([Node, Node with { Name = "n2" }, Node with { Name = "n3", Url = null }]);

        Assert.Equal(22, nodes.Asked.Count);
        Assert.Null(session.TokenOf("A"));
        Assert.True(session.OutcomeOf(ReadLevelNames.All, "n3")!.IsSilent);
        Assert.Single(session.Steps);
    }

    [Fact]
    public async Task Only_bounded_has_a_bound_and_the_timeline_is_bounded_too()
    {
        var nodes = new StubNodes(request =>
        {
            bool hasBound = request.Headers.Contains(HeaderNames.MaxStaleness);
            Assert.Equal(request.Headers.GetValues(HeaderNames.Consistency).Single() == ReadLevelNames.Bounded, hasBound);
            return Answered("T");
        });
        var session = new PlaygroundSession(nodes.Client(), TimeProvider.System);
        foreach (ReadLevelInfo level in ReadLevelInfo.All)
        {
            for (int i = 0; i < 10; i++)
            {
                await session.ReadAsync(level.Name, Node);
            }
        }

        Assert.Equal(PlaygroundSession.MaxSteps, session.Steps.Count);
    }

    [Fact]
    public async Task A_refused_write_raises_nothing_that_was_acknowledged()
    {
        var nodes = new StubNodes(_ => StubNodes.Json("""{"status":503,"detail":"No leader."}""", HttpStatusCode.ServiceUnavailable));
        var session = new PlaygroundSession(nodes.Client(), TimeProvider.System);

        await session.WriteAsync(Node);

        Assert.Equal(0, session.Acknowledged);
        Assert.Equal(("refused", "1"), (session.Steps[0].Kind, session.Value));
    }

    [Theory]
    [InlineData("bounded", "new ReadOptions { Level = ReadLevel.Bounded, MaxStaleness = TimeSpan.FromMilliseconds(500) }")]
    [InlineData("read-your-writes", "client.BeginSession(new ReadOptions { Level = ReadLevel.ReadYourWrites })")]
    [InlineData("linearizable", "client.GetAsync(\"greeting\", new ReadOptions { Level = ReadLevel.Linearizable })")]
    public void Advice_is_given_as_code(string level, string code) => Assert.Contains(
        code,
        AdviceCode.CSharp(new AdviceAnswer
        {
            Level = level,
            Headers = new Dictionary<string, string> { [HeaderNames.MaxStaleness] = "500ms" },
        }),
        StringComparison.Ordinal);

    [Fact]
    public void The_levels_are_all_that_there_are() => Assert.Equal(
        typeof(ReadLevelNames).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!).Order(),
        ReadLevelInfo.All.Select(level => level.Name).Order());

    private static HttpResponseMessage Answered(string token)
    {
        HttpResponseMessage answer = StubNodes.Json("""{"key":"playground/x","value":"1","encoding":"utf-8","modRevision":4}""");
        answer.Headers.Add(HeaderNames.Revision, "4");
        answer.Headers.Add(HeaderNames.Session, token);
        return answer;
    }

    private static ApiAnswer Answer(int status, long revision, string? timing = null, string by = "n1") =>
        new(status, """{"value":"1","modRevision":3}"""u8.ToArray(), TimeSpan.Zero)
        {
            Headers = new Dictionary<string, string>
            {
                [HeaderNames.Revision] = $"{revision}",
                [HeaderNames.ServedBy] = by,
                [HeaderNames.ServerTiming] = timing ?? "",
            },
        };
}
