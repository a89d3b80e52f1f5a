using RaftKv.Client;

namespace RaftKv.Tests.Client;

/// <summary>Which node is asked: rotation, the leader's hint, pinned endpoints.</summary>
public sealed class EndpointTests
{
    private const string PutBody = """{"key":"a","createRevision":2,"modRevision":2,"version":1,"lease":null}""";

    [Fact]
    public async Task Calls_stay_on_one_node_while_it_answers()
    {
        using StubNode first = StubNode.Playing("n1", StubReply.Entry("a", "1", 2));
        using StubNode second = StubNode.Playing("n2", StubReply.Entry("a", "1", 2));
        using RaftKvClient client = ClientFixture.Client(first.Endpoint, second.Endpoint);

        for (int call = 0; call < 5; call++)
        {
            await client.GetAsync("a");
        }

        Assert.Equal((5, 0), (first.Requests.Count, second.Requests.Count));
    }

    [Fact]
    public async Task A_node_that_failed_is_not_asked_first_again()
    {
        using StubNode first = StubNode.Playing("n1", StubReply.Ok("{}") with { Break = StubBreak.InsideBody });
        using StubNode second = StubNode.Playing("n2", StubReply.Entry("a", "1", 2));
        using RaftKvClient client = ClientFixture.Client(first.Endpoint, second.Endpoint);

        for (int call = 0; call < 5; call++)
        {
            await client.GetAsync("a");
        }

        Assert.Equal((1, 5), (first.Requests.Count, second.Requests.Count));
    }

    [Fact]
    public async Task A_write_goes_straight_to_the_leader_once_an_answer_named_it()
    {
        StubReply put = StubReply.Ok(PutBody, ("RaftKv-Leader", "n2"));
        using StubNode first = StubNode.Playing("n1", put);
        using StubNode second = StubNode.Playing("n2", put);
        using RaftKvClient client = ClientFixture.Client(first.Endpoint, second.Endpoint);
        await client.GetRawAsync("a", new ReadOptions { Endpoint = second.Endpoint });

        await client.PutAsync("a", "1");
        await client.PutAsync("a", "2");

        Assert.Empty(first.Requests);
        Assert.Equal(3, second.Requests.Count);
    }

    [Fact]
    public async Task A_leader_at_an_unknown_address_is_left_to_the_nodes_to_forward()
    {
        using StubNode first = StubNode.Playing("n1", StubReply.Ok(PutBody, ("RaftKv-Leader", "n3")));
        using StubNode second = StubNode.Playing("n2", StubReply.Ok(PutBody));
        using RaftKvClient client = ClientFixture.Client(first.Endpoint, second.Endpoint);

        await client.PutAsync("a", "1");
        await client.PutAsync("a", "2");

        Assert.Equal((2, 0), (first.Requests.Count, second.Requests.Count));
    }

    [Fact]
    public async Task A_leader_that_dies_is_forgotten()
    {
        StubReply put = StubReply.Ok(PutBody, ("RaftKv-Leader", "n2"));
        using StubNode first = StubNode.Playing("n1", put);
        StubNode second = StubNode.Playing("n2", put);
        using RaftKvClient client = ClientFixture.Client(first.Endpoint, second.Endpoint);
        await client.GetRawAsync("a", new ReadOptions { Endpoint = second.Endpoint });
        second.Dispose();

        // The kept connection is gone; the first write may find that out only after sending, and then must not guess.
        await Record.ExceptionAsync(() => client.PutAsync("a", "1"));
        await client.PutAsync("a", "2");

        Assert.NotEmpty(first.Requests);
    }

    [Fact]
    public async Task An_error_names_the_leader_for_the_next_attempt()
    {
        using StubNode first = StubNode.Playing(
            "n1", StubReply.Ok("{}"), StubReply.Problem(503, "not-ready", "no", retryable: true, ("RaftKv-Leader", "n3")));
        using StubNode second = StubNode.Playing("n2", StubReply.Ok(PutBody));
        using StubNode third = StubNode.Playing("n3", StubReply.Ok(PutBody));
        using RaftKvClient client = ClientFixture.Client(first.Endpoint, second.Endpoint, third.Endpoint);
        await client.GetRawAsync("a", new ReadOptions { Endpoint = third.Endpoint });
        await client.GetRawAsync("a", new ReadOptions { Endpoint = first.Endpoint });

        await client.PutAsync("a", "1");

        Assert.Empty(second.Requests);
        Assert.Equal("PUT", third.Requests[^1].Method);
    }

    [Fact]
    public async Task A_pinned_read_asks_only_that_node()
    {
        using RefusingEndpoint refusing = new();
        using StubNode node = StubNode.Playing(StubReply.Entry("a", "1", 2));
        using RaftKvClient client = new(ClientFixture.Options(node.Endpoint, refusing.Endpoint) with { MaxAttempts = 2 });

        await Assert.ThrowsAsync<RaftKvUnavailableException>(() => client.GetAsync("a", new ReadOptions { Endpoint = refusing.Endpoint }));
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetAsync("a", new ReadOptions { Endpoint = new Uri("http://other/") }));

        Assert.Empty(node.Requests);
    }

    [Fact]
    public async Task An_endpoint_may_have_a_path_of_a_proxy()
    {
        using StubNode node = StubNode.Playing(StubReply.Entry("a", "1", 2));
        using RaftKvClient client = ClientFixture.Client(new Uri(node.Endpoint, "cluster-7/"));

        await client.GetAsync("a");

        Assert.Equal("/cluster-7/api/v1/kv/a", Assert.Single(node.Requests).Target);
    }
}
