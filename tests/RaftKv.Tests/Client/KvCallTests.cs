using System.Text;
using System.Text.Json.Serialization;
using RaftKv.Client;
using RaftKv.Core.Calls;

namespace RaftKv.Tests.Client;

/// <summary>What the typed calls send, and how they read answers.</summary>
public sealed partial class KvCallTests
{
    [Fact]
    public async Task A_missing_key_is_null_but_its_answer_has_metadata()
    {
        StubReply missing = StubReply.Problem(404, "key-not-found", "no", false, ("RaftKv-Revision", "9"), ("RaftKv-Session", "tok"));
        using StubNode node = StubNode.Playing(missing);
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        Assert.Null(await client.GetAsync("a"));
        Assert.Null(await client.GetRawAsync("a"));
        Assert.Null(await client.GetStringAsync("a"));
        GetResult result = await client.TryGetAsync("a");

        Assert.False(result.Found);
        Assert.Equal((9L, "tok"), (result.Metadata.Revision, result.Metadata.SessionToken));
    }

    [Fact]
    public async Task A_404_that_is_not_about_the_key_is_an_error()
    {
        using StubNode node = StubNode.Playing(new StubReply(404, "<html>no such site</html>") { ContentType = "text/html" });
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        await Assert.ThrowsAsync<RaftKvRequestException>(() => client.GetAsync("a"));
    }

    [Fact]
    public async Task Metadata_is_read_from_the_headers()
    {
        using StubNode node = StubNode.Playing(StubReply.Entry("a", "1", 2) with
        {
            Headers =
            [
                ("RaftKv-Revision", "42"), ("RaftKv-Term", "7"), ("RaftKv-Applied-Index", "99"), ("RaftKv-Role", "follower"), ("RaftKv-Leader", "n2"),
                ("RaftKv-Consistency", "bounded"), ("RaftKv-Staleness-Ms", "36.2"), ("RaftKv-Session", "tok"), ("RaftKv-Replayed", "true"),
            ],
        });
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        ResponseMetadata metadata = (await client.GetAsync("a"))!.Metadata;

        Assert.Equal(
            new ResponseMetadata
            {
                Revision = 42,
                Term = 7,
                AppliedIndex = 99,
                ServedBy = "n1",
                Role = "follower",
                Leader = "n2",
                Consistency = ReadLevel.Bounded,
                StalenessMs = 37,
                SessionToken = "tok",
                IsReplayed = true,
            },
            metadata);
        Assert.Equal("tok", client.SessionToken);
    }

    [Fact]
    public async Task Each_level_is_sent_by_its_name()
    {
        using StubNode node = StubNode.Playing(StubReply.Entry("a", "1", 2));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);
        foreach (ReadLevel level in Enum.GetValues<ReadLevel>())
        {
            await client.GetAsync("a", new ReadOptions { Level = level, MaxLag = level == ReadLevel.Bounded ? 100 : null });
        }

        Assert.Equal(
            [
                "linearizable", "lease", "sequential", "causal", "session", "read-your-writes", "monotonic-reads", "bounded", "consistent-prefix",
                "eventual", "all",
            ],
            node.Requests.Select(static request => request.Header("RaftKv-Consistency")));
        Assert.Equal("100", node.Requests[(int)ReadLevel.Bounded].Header("RaftKv-Max-Lag"));
    }

    [Fact]
    public async Task Bounds_and_policy_are_sent_and_a_bounded_read_without_a_bound_is_refused_here()
    {
        using StubNode node = StubNode.Playing(StubReply.Entry("a", "1", 2));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);
        ReadOptions bounded = new() { Level = ReadLevel.Bounded, MaxStaleness = TimeSpan.FromMilliseconds(499.1), OnUnmet = UnmetPolicy.Fail, Revision = 7 };

        await client.GetAsync("a", bounded);
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetAsync("a", new ReadOptions { Level = ReadLevel.Bounded }));
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetAsync("a", new ReadOptions { MaxLag = 1 }));

        StubRequest request = Assert.Single(node.Requests);
        Assert.Equal(("499ms", "fail", "/api/v1/kv/a?revision=7"), (request.Header("RaftKv-Max-Staleness"), request.Header("RaftKv-On-Unmet"), request.Target));
    }

    [Fact]
    public async Task Session_levels_carry_the_newest_token_and_others_only_one_handed_over()
    {
        using StubNode node = StubNode.Playing(
            StubReply.Ok("{}", ("RaftKv-Session", "t5"), ("RaftKv-Revision", "5")),
            StubReply.Ok("{}", ("RaftKv-Session", "t4"), ("RaftKv-Revision", "4")),
            StubReply.Entry("a", "1", 2));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);
        await client.StatusAsync();
        await client.StatusAsync();

        await client.GetAsync("a", new ReadOptions { Level = ReadLevel.Session });
        await client.GetAsync("a", new ReadOptions { Level = ReadLevel.Causal, SessionToken = "other" });
        await client.GetAsync("a");
        await client.GetAsync("a", new ReadOptions { SessionToken = "other" });
        client.ForgetSession();
        await client.GetAsync("a", new ReadOptions { Level = ReadLevel.Session });

        Assert.Equal(["t5", "t5,other", null, "other", null], node.Requests.Skip(2).Select(static request => request.Header("RaftKv-Session")));
    }

    [Fact]
    public async Task Writes_send_precondition_lease_fence_and_bytes_as_given()
    {
        using StubNode node = StubNode.Playing(new StubReply(201, """{"key":"a","createRevision":8,"modRevision":8,"version":1,"lease":"1f"}"""));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);
        byte[] value = [0, 1, 0xFF];

        PutResult result = await client.PutAsync(
            "a", value, new WriteOptions { Precondition = Precondition.AtRevision(5), Lease = "1f", Fence = new Fence("locks/a", 58) });

        StubRequest request = Assert.Single(node.Requests);
        Assert.Equal(
            ("PUT", "/api/v1/kv/a?lease=1f", "\"5\"", "locks/a;token=58", "application/octet-stream"),
            (request.Method, request.Target, request.Header("If-Match"), request.Header("RaftKv-Fence"), request.Header("Content-Type")));
        Assert.Equal(value, request.Body);
        Assert.Equal((8L, 8L, 1L, true), (result.CreateRevision, result.ModRevision, result.Version, result.IsCreated));
    }

    [Fact]
    public async Task Compare_and_set_has_a_form_that_answers_and_a_form_that_throws()
    {
        using StubNode node = StubNode.Playing(new StubReply(412, """{"code":"precondition-failed","applied":"no","retryable":false,"actualRevision":9}"""));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        CompareAndSetResult result = await client.TryCompareAndSetAsync("a", Precondition.Missing, "1");
        var e = await Assert.ThrowsAsync<RaftKvPreconditionException>(() => client.CompareAndSetAsync("a", Precondition.AtRevision(5), "1"));

        Assert.Equal((false, 9L), (result.Succeeded, result.CurrentRevision));
        Assert.Equal((9L, Outcome.NotApplied), (e.CurrentRevision, e.Outcome));
        Assert.Equal("*", node.Requests[0].Header("If-None-Match"));
        Assert.Equal("\"5\"", node.Requests[1].Header("If-Match"));
        await Assert.ThrowsAsync<ArgumentException>(() => client.TryCompareAndSetAsync("a", default, "1"));
    }

    [Fact]
    public async Task A_lost_fence_is_not_taken_for_a_false_compare()
    {
        using StubNode node = StubNode.Playing(StubReply.Problem(412, "fence-lost", "no", retryable: false));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        var e = await Assert.ThrowsAsync<RaftKvPreconditionException>(() => client.TryCompareAndSetAsync("a", Precondition.Missing, "1"));

        Assert.Equal("fence-lost", e.Code);
    }

    [Fact]
    public async Task Deletes_and_counters_and_compaction_follow_the_contract()
    {
        using StubNode node = StubNode.Playing(
            StubReply.Ok("""{"deleted":1}"""), StubReply.Ok("""{"deleted":3}"""), StubReply.Ok("""{"deleted":7}"""),
            StubReply.Ok("""{"value":41,"revision":12}"""), StubReply.Ok("""{"revision":12}"""));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        Assert.Equal(1, (await client.DeleteAsync("a")).DeletedCount);
        Assert.Equal(3, (await client.DeletePrefixAsync("a/")).DeletedCount);
        Assert.Equal(7, (await client.DeleteAllAsync()).DeletedCount);
        IncrementResult counter = await client.IncrementAsync("hits", by: -2);
        await client.CompactAsync(12);

        Assert.Equal((41L, 12L), (counter.Value, counter.Revision));
        Assert.Equal(
            [
                "DELETE /api/v1/kv/a ", "DELETE /api/v1/kv?prefix=a%2F ", "DELETE /api/v1/kv?all=true ", "POST /api/v1/counters/hits {\"by\":-2}",
                "POST /api/v1/compact {\"revision\":12}",
            ],
            node.Requests.Select(static request => $"{request.Method} {request.Target} {request.BodyText}"));
    }

    [Fact]
    public async Task Raw_reads_bring_the_bytes_and_the_revision()
    {
        using StubNode node = StubNode.Playing(new StubReply(200, "bytes") { Headers = [("ETag", "\"7-raw\"")] });
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        RawValue? raw = await client.GetRawAsync("a");

        Assert.NotNull(raw);
        Assert.Equal(("bytes", 7L), (Encoding.UTF8.GetString(raw.Bytes.Span), raw.ModRevision));
        Assert.Equal("/api/v1/kv/a?raw", Assert.Single(node.Requests).Target);
    }

    [Fact]
    public async Task Accepted_writes_name_the_operation_to_look_up()
    {
        using StubNode node = StubNode.Playing(
            new StubReply(202, "{}") { Headers = [("Location", "/api/v1/operations/ab-1-2")] }, StubReply.Ok("""{"id":"ab-1-2","state":"not-applied"}"""));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        AcceptedOperation accepted = await client.PutAcceptedAsync("a", "1"u8.ToArray());
        OperationInfo operation = await client.GetOperationAsync(accepted.Id);

        Assert.Equal(("ab-1-2", OperationState.NotApplied), (operation.Id, operation.State));
        Assert.Equal("accepted", node.Requests[0].Header("RaftKv-Write-Concern"));
        Assert.Equal("/api/v1/operations/ab-1-2", node.Requests[1].Target);
    }

    [Fact]
    public async Task An_operation_is_looked_for_on_every_node_since_only_its_own_knows_it()
    {
        using StubNode first = StubNode.Playing("n1", StubReply.Ok("""{"id":"x","state":"unknown"}"""));
        using RefusingEndpoint dead = new();
        using StubNode third = StubNode.Playing("n3", StubReply.Ok("""{"id":"x","state":"applied"}"""));
        using RaftKvClient all = new(ClientFixture.Options(first.Endpoint, dead.Endpoint, third.Endpoint) with { MaxAttempts = 1 });
        using RaftKvClient some = new(ClientFixture.Options(first.Endpoint, dead.Endpoint) with { MaxAttempts = 1 });
        using RaftKvClient none = new(ClientFixture.Options(dead.Endpoint) with { MaxAttempts = 1 });

        Assert.Equal(OperationState.Applied, (await all.GetOperationAsync("x")).State);
        Assert.Equal(OperationState.Unknown, (await some.GetOperationAsync("x")).State);
        await Assert.ThrowsAsync<RaftKvUnavailableException>(() => none.GetOperationAsync("x"));
    }

    [Fact]
    public async Task An_unknown_outcome_names_the_operation_when_the_node_does()
    {
        using StubNode node = StubNode.Playing(
            new StubReply(504, """{"code":"outcome-unknown","applied":"unknown","retryable":false,"operation":"/api/v1/operations/ab-1-3"}"""));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        var e = await Assert.ThrowsAsync<RaftKvOutcomeUnknownException>(() => client.PutAsync("a", "1"));

        Assert.Equal("ab-1-3", e.OperationId);
    }

    [Fact]
    public async Task A_compacted_revision_is_its_own_exception()
    {
        using StubNode node = StubNode.Playing(new StubReply(410, """{"code":"compacted","applied":"no","retryable":false,"compactedRevision":30}"""));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        var e = await Assert.ThrowsAsync<RaftKvCompactedException>(() => client.GetAsync("a", new ReadOptions { Revision = 4 }));

        Assert.Equal(30, e.CompactedRevision);
    }

    [Fact]
    public async Task An_answer_that_is_no_json_is_a_protocol_error_and_unknown_for_a_write()
    {
        using StubNode node = StubNode.Playing(new StubReply(200, "<html>") { ContentType = "text/html" });
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        Assert.Equal(Outcome.NotApplied, (await Assert.ThrowsAsync<RaftKvProtocolException>(() => client.GetAsync("a"))).Outcome);
        Assert.Equal(Outcome.Unknown, (await Assert.ThrowsAsync<RaftKvProtocolException>(() => client.PutAsync("a", "1"))).Outcome);
    }

    [Fact]
    public async Task Members_are_listed()
    {
        using StubNode node = StubNode.Playing(StubReply.Ok(
            """{"clusterId":"c1","leader":{"name":"n1","id":"1"},"members":[{"id":"1","name":"n1","peerUrl":"http://p","clientUrl":null,"voter":true},{"id":"2","name":"n2","voter":false}]}"""));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        ClusterInfo cluster = await client.ClusterAsync();

        Assert.Equal(("c1", "n1"), (cluster.ClusterId, cluster.Leader));
        Assert.Equal([new ClusterMember("1", "n1", "http://p", null, true), new ClusterMember("2", "n2", null, null, false)], cluster.Members);
    }

    [Fact]
    public async Task Updates_are_not_lost_under_contention()
    {
        CasStore store = new();
        using StubNode node = StubNode.Computing(store.Answer);
        using RaftKvClient client = new(new RaftKvClientOptions { Endpoints = [node.Endpoint], MaxUpdateAttempts = 1_000 });

        await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            for (int round = 0; round < 10; round++)
            {
                await client.UpdateAsync("hits", static hits => new Hits((hits?.Count ?? 0) + 1), TestJson.Default.Hits);
            }
        }));

        Hits? final = await client.GetAsync("hits", TestJson.Default.Hits);
        Assert.Equal(80, final?.Count);
        Assert.True(store.Conflicts > 0, "Nobody interfered, so nothing was tested.");
    }

    [Fact]
    public async Task An_update_gives_up_after_its_rounds()
    {
        using StubNode node = StubNode.Computing(static request => request.Method == "GET"
            ? StubReply.Entry("hits", "1", 2)
            : StubReply.Problem(412, "precondition-failed", "no", retryable: false));
        using RaftKvClient client = new(ClientFixture.Options(node.Endpoint) with { MaxUpdateAttempts = 3 });

        var e = await Assert.ThrowsAsync<RaftKvPreconditionException>(
            () => client.UpdateAsync("hits", static value => value + 1, TestJson.Default.Int32));

        Assert.Equal(("contention", Outcome.NotApplied), (e.Code, e.Outcome));
        Assert.Equal(6, node.Requests.Count);
    }

    internal sealed record Hits(int Count);

    [JsonSerializable(typeof(Hits))]
    [JsonSerializable(typeof(int))]
    internal sealed partial class TestJson : JsonSerializerContext;

    /// <summary>One key with compare-and-set, as a server would keep it.</summary>
    private sealed class CasStore
    {
        private readonly Lock _gate = new();
        private string? _value;
        private long _revision;

        internal int Conflicts { get; private set; }

        internal StubReply Answer(StubRequest request)
        {
            lock (_gate)
            {
                if (request.Method == "GET")
                {
                    return _value is null
                        ? StubReply.Problem(404, "key-not-found", "no")
                        : StubReply.Entry("hits", _value.Replace("\"", "\\\"", StringComparison.Ordinal), _revision);
                }

                string expected = request.Header("If-None-Match") == "*" ? "\"0\"" : request.Header("If-Match")!;
                if (expected != $"\"{_revision}\"")
                {
                    Conflicts++;
                    return StubReply.Problem(412, "precondition-failed", "no", retryable: false);
                }

                _value = request.BodyText;
                _revision++;
                return StubReply.Ok($$"""{"key":"hits","createRevision":1,"modRevision":{{_revision}},"version":{{_revision}},"lease":null}""");
            }
        }
    }
}
