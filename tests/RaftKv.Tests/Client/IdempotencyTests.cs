using RaftKv.Client;

namespace RaftKv.Tests.Client;

/// <summary>Writes with a key: what is repeated, under which key, and what a failed call says.</summary>
public sealed class IdempotencyTests
{
    private const string PutBody = """{"key":"a","createRevision":2,"modRevision":2,"version":1,"lease":null}""";

    private static readonly StubReply GoodPut = StubReply.Ok(PutBody);
    private static readonly StubReply Unknown = StubReply.Problem(504, "outcome-unknown", "unknown", retryable: false);
    private static readonly StubReply Refused = StubReply.Problem(503, "no-leader", "no", retryable: true);
    private static readonly StubReply InFlight = StubReply.Problem(409, "idempotency-in-flight", "unknown", retryable: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_write_of_unknown_outcome_is_repeated_on_another_node_under_the_same_key(bool isReset)
    {
        using StubNode first = StubNode.Playing(isReset ? GoodPut with { Break = StubBreak.BeforeAnswer } : Unknown);
        using StubNode second = StubNode.Playing("n2", StubReply.Ok(PutBody, ("RaftKv-Replayed", "true")));
        using RaftKvClient client = Client(first, second);

        PutResult put = await client.PutAsync("a", "1");

        string key = Assert.Single(first.Requests).Header("Idempotency-Key")!;
        Assert.NotEmpty(key);
        Assert.Equal(key, Assert.Single(second.Requests).Header("Idempotency-Key"));
        Assert.True(put.Metadata.IsReplayed);
    }

    [Fact]
    public async Task Each_call_has_a_key_of_its_own_and_a_read_has_none()
    {
        using StubNode node = StubNode.Computing(static request => request.Method switch
        {
            "GET" => StubReply.Entry("a", "1", 2),
            "DELETE" => StubReply.Ok("""{"deleted":1}"""),
            "POST" when request.Target.EndsWith("txn", StringComparison.Ordinal) => StubReply.Ok("""{"succeeded":true,"revision":3,"responses":[]}"""),
            "POST" => StubReply.Ok("""{"value":1,"revision":3}"""),
            _ => GoodPut,
        });
        using RaftKvClient client = Client(node);

        await client.PutAsync("a", "1");
        await client.PutAsync("a", "1");
        await client.DeleteAsync("a");
        await client.IncrementAsync("n");
        await client.Txn().Then(Op.Delete("a")).CommitAsync();
        await client.Txn().Then(Op.Get("a")).CommitAsync();
        await client.GetAsync("a");
        await client.PutAsync("a", "1", new WriteOptions { IsIdempotent = false });
        await client.PutAsync("a", "1", new WriteOptions { IdempotencyKey = "order-7" });

        string?[] keys = [.. node.Requests.Select(static request => request.Header("Idempotency-Key"))];
        Assert.Equal(5, keys.Take(5).OfType<string>().Distinct().Count());
        Assert.Equal([null, null, null, "order-7"], keys.Skip(5));
    }

    [Fact]
    public async Task An_attempt_still_in_flight_is_waited_for_beyond_the_number_of_attempts()
    {
        StubReply[] replies = [Unknown, .. Enumerable.Repeat(InFlight, 12), GoodPut];
        using StubNode node = StubNode.Playing(replies);
        using RaftKvClient client = Client(node);

        Assert.Equal(2, (await client.PutAsync("a", "1")).ModRevision);

        Assert.Equal(replies.Length, node.Requests.Count);
    }

    [Fact]
    public async Task A_refusal_after_an_attempt_of_unknown_outcome_is_unknown()
    {
        using StubNode node = StubNode.Playing(Unknown, Refused);
        using RaftKvClient client = Client(node);

        var e = await Assert.ThrowsAsync<RaftKvOutcomeUnknownException>(() => client.PutAsync("a", "1"));

        Assert.Equal((Outcome.Unknown, "no-leader"), (e.Outcome, e.Code));
        Assert.Equal(8, node.Requests.Count);
    }

    [Fact]
    public async Task Refusals_alone_leave_a_keyed_write_not_applied()
    {
        using StubNode node = StubNode.Playing(Refused);
        using RaftKvClient client = Client(node);

        Assert.Equal(Outcome.NotApplied, (await Assert.ThrowsAsync<RaftKvUnavailableException>(() => client.PutAsync("a", "1"))).Outcome);
    }

    [Fact]
    public async Task A_verdict_of_the_store_after_an_attempt_of_unknown_outcome_is_final()
    {
        using StubNode node = StubNode.Playing(Unknown, StubReply.Problem(412, "precondition-failed", "no", retryable: false));
        using RaftKvClient client = Client(node);

        CompareAndSetResult result = await client.TryCompareAndSetAsync("a", Precondition.Missing, "1");

        Assert.False(result.Succeeded);
    }

    [Fact]
    public async Task Another_payload_under_a_key_is_refused_and_not_repeated()
    {
        using StubNode node = StubNode.Playing(StubReply.Problem(422, "idempotency-key-reused", "no", retryable: false));
        using RaftKvClient client = Client(node);

        var e = await Assert.ThrowsAsync<RaftKvRequestException>(() => client.PutAsync("a", "1", new WriteOptions { IdempotencyKey = "k" }));

        Assert.Equal("idempotency-key-reused", e.Code);
        Assert.Single(node.Requests);
    }

    [Fact]
    public async Task A_silent_node_costs_a_keyed_write_one_attempt()
    {
        ManualTimeProvider time = new();
        using StubNode first = StubNode.Playing("n1", GoodPut with { Gate = new TaskCompletionSource().Task });
        using StubNode second = StubNode.Playing("n2", GoodPut);
        using RaftKvClient client = new(ClientFixture.Options(first.Endpoint, second.Endpoint) with
        {
            TimeProvider = time,
            AutomaticIdempotencyKeys = true,
        });

        Task<PutResult> call = client.PutAsync("a", "1");
        await time.TimerSetAsync(TimeSpan.FromSeconds(3));
        time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(2, (await call).ModRevision);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("é")]
    public async Task A_key_that_no_header_can_carry_is_refused_here(string key)
    {
        using StubNode node = StubNode.Playing(GoodPut);
        using RaftKvClient client = Client(node);

        await Assert.ThrowsAsync<ArgumentException>(() => client.PutAsync("a", "1", new WriteOptions { IdempotencyKey = key }));

        Assert.Empty(node.Requests);
    }

    private static RaftKvClient Client(params StubNode[] nodes) =>
        new(ClientFixture.Options([.. nodes.Select(static node => node.Endpoint)]) with { AutomaticIdempotencyKeys = true });
}
