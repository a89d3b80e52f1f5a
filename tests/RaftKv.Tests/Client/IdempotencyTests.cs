using RaftKv.Client;

namespace RaftKv.Tests.Client;

/// <summary>Writes that run once: what is repeated, under which number or key, and what a failed call says.</summary>
public sealed class IdempotencyTests
{
    private const string PutBody = """{"key":"a","createRevision":2,"modRevision":2,"version":1,"lease":null}""";

    private static readonly StubReply GoodPut = StubReply.Ok(PutBody);
    private static readonly StubReply Unknown = StubReply.Problem(504, "outcome-unknown", "unknown", retryable: false);
    private static readonly StubReply Refused = StubReply.Problem(503, "no-leader", "no", retryable: true);
    private static readonly StubReply Gone = StubReply.Problem(409, "client-session-unknown", "no", retryable: false);
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

        Assert.Equal("0000000000000001;seq=1;ack=0", Assert.Single(first.Requests).Header("RaftKv-Client-Session"));
        Assert.Equal("0000000000000001;seq=1;ack=0", Assert.Single(second.Requests).Header("RaftKv-Client-Session"));
        Assert.True(put.Metadata.IsReplayed);
    }

    [Fact]
    public async Task Each_call_has_a_number_of_its_own_and_a_read_has_none()
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

        string?[] numbers = [.. node.Requests.Select(static request => request.Header("RaftKv-Client-Session"))];
        Assert.Equal(Enumerable.Range(1, 5).Select(n => $"0000000000000001;seq={n};ack={n - 1}"), numbers.Take(5));
        Assert.Equal([null, null, null, "0000000000000001"], numbers.Skip(5));
        string?[] keys = [.. node.Requests.Select(static request => request.Header("Idempotency-Key"))];
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
    public async Task A_callers_key_counts_in_the_clients_session_unless_that_is_turned_off()
    {
        using StubNode node = StubNode.Computing(static _ => GoodPut);
        using RaftKvClient client = Client(node);
        using RaftKvClient plain = new(ClientFixture.Options(node.Endpoint) with { AutomaticIdempotencyKeys = false });

        await client.PutAsync("a", "1", new WriteOptions { IdempotencyKey = "k" });
        await plain.PutAsync("a", "1", new WriteOptions { IdempotencyKey = "k" });

        Assert.Equal(["0000000000000001", null], node.Requests.Select(static request => request.Header("RaftKv-Client-Session")));
        Assert.All(node.Requests, static request => Assert.Equal("k", request.Header("Idempotency-Key")));
    }

    [Fact]
    public async Task A_write_in_doubt_under_a_callers_key_is_sent_again_in_another_session()
    {
        using StubNode node = StubNode.Playing(Unknown, Gone, GoodPut);
        using RaftKvClient client = Client(node);

        Assert.Equal(2, (await client.PutAsync("a", "1", new WriteOptions { IdempotencyKey = "k" })).ModRevision);

        Assert.Equal(
            ["0000000000000001", "0000000000000001", "0000000000000002"],
            node.Requests.Select(static request => request.Header("RaftKv-Client-Session")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_ends_closes_its_sessions(bool isAsync)
    {
        using StubNode node = StubNode.Computing(static _ => GoodPut);
        RaftKvClient client = Client(node);
        await client.PutAsync("a", "1");
        if (isAsync)
        {
            await client.DisposeAsync();
        }
        else
        {
            client.Dispose();
        }

        Assert.Equal(["0000000000000001"], node.Closed);
        await client.DisposeAsync();
        client.Dispose();
        Assert.Single(node.Closed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_ends_all_the_same_when_nobody_answers(bool isAsync)
    {
        TaskCompletionSource never = new();
        using StubNode node = StubNode.Computing(static _ => GoodPut);
        RaftKvClient client = Client(node);
        await client.PutAsync("a", "1");
        node.ClosesAfter = never.Task;
        if (isAsync)
        {
            await client.DisposeAsync();
        }
        else
        {
            client.Dispose();
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(() => client.PutAsync("a", "1"));
    }

    [Fact]
    public async Task A_session_with_a_call_under_way_is_not_closed()
    {
        TaskCompletionSource hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using StubNode node = StubNode.Computing(_ => GoodPut with { Gate = hold.Task });
        RaftKvClient client = Client(node);
        Task<PutResult> slow = client.PutAsync("slow", "1");
        while (node.Requests.Count == 0)
        {
            await Task.Yield();
        }

        await client.DisposeAsync();

        Assert.Empty(node.Closed);
        hold.SetResult();
        await Assert.ThrowsAnyAsync<Exception>(() => slow);
    }

    [Fact]
    public async Task A_session_that_is_gone_is_replaced_when_nothing_can_have_been_applied()
    {
        using StubNode node = StubNode.Playing(Gone, GoodPut);
        using RaftKvClient client = Client(node);

        Assert.Equal(2, (await client.PutAsync("a", "1")).ModRevision);

        Assert.Equal(
            ["0000000000000001;seq=1;ack=0", "0000000000000002;seq=1;ack=0"],
            node.Requests.Select(static request => request.Header("RaftKv-Client-Session")));
    }

    [Fact]
    public async Task A_write_in_doubt_whose_session_is_gone_is_unknown_and_not_sent_again()
    {
        using StubNode node = StubNode.Playing(Unknown, Gone, GoodPut);
        using RaftKvClient client = Client(node);

        var e = await Assert.ThrowsAsync<RaftKvOutcomeUnknownException>(() => client.PutAsync("a", "1"));

        Assert.Equal("client-session-unknown", e.Code);
        Assert.Equal(2, node.Requests.Count);
        Assert.Equal(2, (await client.PutAsync("a", "1")).ModRevision);
        Assert.Equal("0000000000000002;seq=1;ack=0", node.Requests[^1].Header("RaftKv-Client-Session"));
    }

    [Fact]
    public async Task A_number_whose_answer_is_gone_is_unknown_and_not_sent_again()
    {
        using StubNode node = StubNode.Playing(StubReply.Problem(409, "idempotency-expired", "unknown", retryable: false));
        using RaftKvClient client = Client(node);

        await Assert.ThrowsAsync<RaftKvOutcomeUnknownException>(() => client.PutAsync("a", "1"));

        Assert.Single(node.Requests);
    }

    [Fact]
    public async Task A_call_that_hangs_keeps_its_answer_and_the_others_from_nothing()
    {
        TaskCompletionSource hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using StubNode node = StubNode.Computing(request =>
            request.Target.EndsWith("slow", StringComparison.Ordinal) ? GoodPut with { Gate = hold.Task } : GoodPut);
        using RaftKvClient client = Client(node);

        Task<PutResult> slow = client.PutAsync("slow", "1");
        while (node.Requests.Count == 0)
        {
            await Task.Yield();
        }

        for (int i = 0; i < 70; i++)
        {
            await client.PutAsync("a", "1");
        }

        string[] numbers = [.. node.Requests.Skip(1).Select(static request => request.Header("RaftKv-Client-Session")!)];
        Assert.Equal("0000000000000001;seq=64;ack=0", numbers[62]);
        Assert.Equal(["0000000000000002;seq=1;ack=0", "0000000000000002;seq=2;ack=1"], numbers[63..65]);
        hold.SetResult();
        await slow;
        await client.PutAsync("a", "1");
        Assert.Equal("0000000000000001;seq=65;ack=64", node.Requests[^1].Header("RaftKv-Client-Session"));
        Assert.Equal(2, node.Opened);
    }

    [Fact]
    public async Task More_calls_than_all_sessions_take_wait_for_their_turn()
    {
        TaskCompletionSource hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using StubNode node = StubNode.Computing(_ => GoodPut with { Gate = hold.Task }, maxAnswers: 1);
        using RaftKvClient client = Client(node);

        Task<PutResult>[] calls = [.. Enumerable.Range(0, 20).Select(_ => client.PutAsync("a", "1"))];
        while (node.Requests.Count < 16)
        {
            await Task.Yield();
        }

        hold.SetResult();
        await Task.WhenAll(calls);
        Assert.Equal((16, 20), (node.Opened, node.Requests.Count));
    }

    [Fact]
    public async Task Without_a_session_nothing_was_sent_and_the_write_was_not_applied()
    {
        using StubNode node = StubNode.Computing(static _ => Refused, opensSessions: false);
        using RaftKvClient client = Client(node);

        var e = await Assert.ThrowsAsync<RaftKvUnavailableException>(() => client.PutAsync("a", "1"));

        Assert.Equal(Outcome.NotApplied, e.Outcome);
        Assert.All(node.Requests, static request => Assert.Equal("/api/v1/client-sessions", request.Target));
    }

    [Fact]
    public async Task An_accepted_write_has_a_key_of_its_own_since_a_later_number_must_not_acknowledge_it()
    {
        StubReply accepted = new(202, """{"id":"1-1-1","state":"pending"}""") { Headers = [("Location", "/api/v1/operations/1-1-1")] };
        using StubNode node = StubNode.Playing(accepted, StubReply.Ok("""{"deleted":1}"""), accepted);
        using RaftKvClient client = Client(node);

        await client.PutAcceptedAsync("a", "1"u8.ToArray());

        await client.DeleteAsync("b");
        await client.PutAcceptedAsync("a", "1"u8.ToArray());

        // It opens no session, which a node without a leader could not do; it counts in one that is there.
        Assert.Equal(
            [null, "0000000000000001;seq=1;ack=0", "0000000000000001"],
            node.Requests.Select(static request => request.Header("RaftKv-Client-Session")));
        Assert.Equal(32, node.Requests[0].Header("Idempotency-Key")!.Length);
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

        // Not as soon as a timer of three seconds is set: the first is of the opening of the session, and the write's, set after
        // the clock has moved, would never fire.
        await Support.Eventually.TrueAsync(() => first.Requests.Count == 1);
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
