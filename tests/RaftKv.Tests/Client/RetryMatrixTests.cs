using System.Net.Sockets;
using RaftKv.Client;

namespace RaftKv.Tests.Client;

/// <summary>
/// What is repeated and what is not, by kind of call and kind of failure; each case counts the requests that the nodes
/// saw.
/// </summary>
public sealed class RetryMatrixTests
{
    private const string PutBody = """{"key":"a","createRevision":2,"modRevision":2,"version":1,"lease":null}""";

    private static readonly StubReply GoodGet = StubReply.Entry("a", "1", 2);
    private static readonly StubReply GoodPut = StubReply.Ok(PutBody);

    /// <summary>The ways in which a first attempt fails after the connection stands.</summary>
    public enum Fault
    {
        /// <summary>503, surely not applied.</summary>
        NotApplied503,

        /// <summary>429, surely not applied.</summary>
        Overloaded429,

        /// <summary>504, outcome unknown.</summary>
        Unknown504,

        /// <summary>503 without a problem document, as from a proxy.</summary>
        Bare503,

        /// <summary>500 of a proxy or a defect.</summary>
        Internal500,

        /// <summary>Reset before any answer.</summary>
        ResetBeforeAnswer,

        /// <summary>Orderly close before any answer.</summary>
        CloseBeforeAnswer,

        /// <summary>Reset after headers and a part of the body.</summary>
        ResetInsideBody,
    }

    [Theory]
    [InlineData(Fault.NotApplied503)]
    [InlineData(Fault.Overloaded429)]
    [InlineData(Fault.Unknown504)]
    [InlineData(Fault.Bare503)]
    [InlineData(Fault.Internal500)]
    [InlineData(Fault.ResetBeforeAnswer)]
    [InlineData(Fault.CloseBeforeAnswer)]
    [InlineData(Fault.ResetInsideBody)]
    public async Task A_read_is_repeated_after_any_fault(Fault fault)
    {
        using StubNode node = StubNode.Playing(Break(fault, GoodGet), GoodGet);
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        Assert.Equal("1", await client.GetStringAsync("a"));

        Assert.Equal(2, node.Requests.Count);
    }

    [Theory]
    [InlineData(Fault.NotApplied503)]
    [InlineData(Fault.Overloaded429)]
    public async Task A_write_is_repeated_when_it_was_surely_not_applied(Fault fault)
    {
        using StubNode node = StubNode.Playing(Break(fault, GoodPut), GoodPut);
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        Assert.Equal(2, (await client.PutAsync("a", "1")).ModRevision);

        Assert.Equal(2, node.Requests.Count);
    }

    [Theory]
    [InlineData(Fault.Unknown504)]
    [InlineData(Fault.Bare503)]
    [InlineData(Fault.Internal500)]
    [InlineData(Fault.ResetBeforeAnswer)]
    [InlineData(Fault.CloseBeforeAnswer)]
    [InlineData(Fault.ResetInsideBody)]
    public async Task A_write_whose_outcome_is_unknown_is_never_repeated(Fault fault)
    {
        using StubNode first = StubNode.Playing(Break(fault, GoodPut), GoodPut);
        using StubNode second = StubNode.Playing("n2", GoodPut);
        using RaftKvClient client = ClientFixture.Client(first.Endpoint, second.Endpoint);

        var e = await Assert.ThrowsAsync<RaftKvOutcomeUnknownException>(() => client.PutAsync("a", "1"));

        Assert.Equal(Outcome.Unknown, e.Outcome);
        Assert.Single(first.Requests);
        Assert.Empty(second.Requests);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_delete_is_sent_once_when_a_kept_connection_dies(bool isReset)
    {
        // The first answer leaves a kept-alive connection; the second request dies on it. .NET's handler would repeat a
        // request without a body.
        using StubNode node = StubNode.Playing(
            GoodGet, StubReply.Ok("{}") with { Break = StubBreak.BeforeAnswer, IsReset = isReset }, StubReply.Ok("""{"deleted":1}"""));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);
        await client.GetAsync("a");

        await Assert.ThrowsAsync<RaftKvOutcomeUnknownException>(() => client.DeleteAsync("a"));

        Assert.Single(node.Requests, static request => request.Method == "DELETE");
    }

    [Fact]
    public async Task A_put_of_nothing_is_sent_once_when_a_kept_connection_dies()
    {
        using StubNode node = StubNode.Playing(GoodGet, GoodPut with { Break = StubBreak.BeforeAnswer, IsReset = false }, GoodPut);
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);
        await client.GetAsync("a");

        await Assert.ThrowsAsync<RaftKvOutcomeUnknownException>(() => client.PutAsync("a", ""));

        Assert.Single(node.Requests, static request => request.Method == "PUT");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_refused_connection_turns_to_the_next_node_for_reads_and_writes(bool isRead)
    {
        using RefusingEndpoint refusing = new();
        using StubNode node = StubNode.Playing(isRead ? GoodGet : GoodPut);
        using RaftKvClient client = ClientFixture.Client(refusing.Endpoint, node.Endpoint);

        await (isRead ? client.GetAsync("a") : (Task)client.PutAsync("a", "1"));

        Assert.Single(node.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_connection_that_is_reset_as_it_is_made_turns_to_the_next_node_for_reads_and_writes(bool isRead)
    {
        var resetting = new Uri("http://reset.invalid/");
        using StubNode node = StubNode.Playing(isRead ? GoodGet : GoodPut);
        using var handler = new ResettingHandler(resetting.Host);
        using RaftKvClient client = new(ClientFixture.Options(resetting, node.Endpoint) with { HttpMessageHandler = handler });

        await (isRead ? client.GetAsync("a") : (Task)client.PutAsync("a", "1"));

        Assert.Equal(1, handler.Resets);
        Assert.Single(node.Requests);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task When_every_node_refuses_the_call_fails_as_not_applied(bool isRead)
    {
        using RefusingEndpoint refusing = new();
        using RaftKvClient client = ClientFixture.Client(refusing.Endpoint);

        var e = await Assert.ThrowsAsync<RaftKvUnavailableException>(() => isRead ? client.GetAsync("a") : client.PutAsync("a", "1"));

        Assert.Equal(Outcome.NotApplied, e.Outcome);
        Assert.Equal("unreachable", e.Code);
        Assert.IsType<HttpRequestException>(e.InnerException);
    }

    [Fact]
    public async Task An_applied_write_that_misses_its_concern_is_reported_as_applied_and_not_repeated()
    {
        using StubNode node = StubNode.Playing(StubReply.Problem(504, "write-concern-unmet", "yes", retryable: true));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        var e = await Assert.ThrowsAsync<RaftKvWriteConcernUnmetException>(
            () => client.PutAsync("a", "1", new WriteOptions { Concern = WriteConcern.All }));

        Assert.Equal(Outcome.Applied, e.Outcome);
        Assert.Equal("all", Assert.Single(node.Requests).Header("RaftKv-Write-Concern"));
    }

    [Theory]
    [InlineData(400, "invalid-request")]
    [InlineData(413, "too-large")]
    [InlineData(409, "not-a-counter")]
    public async Task A_request_that_the_server_refuses_is_not_repeated(int status, string code)
    {
        using StubNode node = StubNode.Playing(StubReply.Problem(status, code, "no", retryable: false));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        var e = await Assert.ThrowsAsync<RaftKvRequestException>(() => client.PutAsync("a", "1"));

        Assert.Equal((code, status, "n1", "00-ab", Outcome.NotApplied), (e.Code, e.Status, e.Node, e.TraceId, e.Outcome));
        Assert.Single(node.Requests);
    }

    [Fact]
    public async Task Attempts_are_bounded()
    {
        using StubNode node = StubNode.Playing(Break(Fault.NotApplied503, GoodGet));
        using RaftKvClient client = new(ClientFixture.Options(node.Endpoint) with { MaxAttempts = 3 });

        var e = await Assert.ThrowsAsync<RaftKvUnavailableException>(() => client.GetAsync("a"));

        Assert.Equal(("no-leader", 503), (e.Code, e.Status));
        Assert.Equal(3, node.Requests.Count);
    }

    [Fact]
    public async Task A_txn_of_reads_alone_is_repeated_like_a_read()
    {
        StubReply good = StubReply.Ok("""{"succeeded":true,"revision":5,"responses":[{"get":{"items":[]}}]}""");
        using StubNode node = StubNode.Playing(Break(Fault.ResetBeforeAnswer, good), good);
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        TxnResult result = await client.Txn().Then(Op.Get("a")).CommitAsync();

        Assert.Empty(Assert.IsType<TxnGetResult>(Assert.Single(result.Responses)).Entries);
        Assert.Equal(2, node.Requests.Count);
    }

    [Fact]
    public async Task A_txn_that_may_write_is_not_repeated_when_its_outcome_is_unknown()
    {
        using StubNode node = StubNode.Playing(Break(Fault.ResetBeforeAnswer, GoodPut));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        await Assert.ThrowsAsync<RaftKvOutcomeUnknownException>(
            () => client.Txn().Then(Op.Txn(new TxnBuilder().Else(Op.Delete("a")))).CommitAsync());

        Assert.Single(node.Requests);
    }

    private static StubReply Break(Fault fault, StubReply good) => fault switch
    {
        Fault.NotApplied503 => StubReply.Problem(503, "no-leader", "no", retryable: true),
        Fault.Overloaded429 => StubReply.Problem(429, "overloaded", "no", retryable: true),
        Fault.Unknown504 => StubReply.Problem(504, "outcome-unknown", "unknown", retryable: false),
        Fault.Bare503 => new StubReply(503, "<html>no upstream</html>") { ContentType = "text/html" },
        Fault.Internal500 => StubReply.Problem(500, "internal-error", "unknown", retryable: false),
        Fault.ResetBeforeAnswer => good with { Break = StubBreak.BeforeAnswer },
        Fault.CloseBeforeAnswer => good with { Break = StubBreak.BeforeAnswer, IsReset = false },
        Fault.ResetInsideBody => good with { Break = StubBreak.InsideBody },
        _ => throw new ArgumentOutOfRangeException(nameof(fault)),
    };

    // As SocketsHttpHandler does: the exception of the new socket, which was asked whom it talks to, comes out bare.
    private sealed class ResettingHandler(string host) : DelegatingHandler(new SocketsHttpHandler())
    {
        public int Resets { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.RequestUri!.Host != host)
            {
                return base.SendAsync(request, cancellationToken);
            }

            Resets++;
            return Task.FromException<HttpResponseMessage>(new SocketException((int)SocketError.NotConnected));
        }
    }
}
