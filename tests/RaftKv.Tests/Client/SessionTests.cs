using System.Collections.Concurrent;
using System.Globalization;
using RaftKv.Client;

namespace RaftKv.Tests.Client;

/// <summary>Sessions: which tokens go along, and that none is lost.</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task A_session_sends_its_token_with_every_call_and_keeps_the_last_one()
    {
        int next = 0;
        using StubNode node = StubNode.Computing(request => Answer(request, $"t{Interlocked.Increment(ref next)}", next));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);
        RaftKvSession session = client.BeginSession(token: "handed");

        await session.PutAsync("a", "1");
        await session.GetAsync("a");
        await session.GetAsync("a", ReadLevel.Eventual);
        await session.DeleteAsync("a");

        Assert.Equal(["handed", "t1", "t2", "t3"], node.Requests.Select(static request => request.Header("RaftKv-Session")));
        Assert.Equal(
            [null, "session", "eventual", null], node.Requests.Select(static request => request.Header("RaftKv-Consistency")));
        Assert.Equal("t4", session.Token);
        Assert.Null(client.SessionToken);
    }

    [Fact]
    public async Task A_session_s_defaults_hold_where_a_call_says_nothing()
    {
        using StubNode node = StubNode.Computing(static request => Answer(request, "t", 1));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);
        RaftKvSession session = client.BeginSession(
            new ReadOptions { Level = ReadLevel.Bounded, MaxLag = 5, MaxStaleness = TimeSpan.FromSeconds(1), OnUnmet = UnmetPolicy.Forward });

        await session.GetAsync("a");
        await session.GetAsync("a", ReadLevel.Linearizable);

        Assert.Equal(
            ("bounded", "5", "1000ms", "forward"),
            (node.Requests[0].Header("RaftKv-Consistency"), node.Requests[0].Header("RaftKv-Max-Lag"),
                node.Requests[0].Header("RaftKv-Max-Staleness"), node.Requests[0].Header("RaftKv-On-Unmet")));
        Assert.Equal(("linearizable", null), (node.Requests[1].Header("RaftKv-Consistency"), node.Requests[1].Header("RaftKv-Max-Lag")));
        Assert.Throws<ArgumentException>(() => client.BeginSession(ReadLevel.Bounded));
    }

    [Fact]
    public async Task Concurrent_calls_lose_neither_the_newest_read_nor_the_newest_write()
    {
        // A read of revision 9 and a write of revision 5 leave at once and carry nothing: neither token covers the other.
        TaskCompletionSource bothArrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int arrived = 0;
        using StubNode node = StubNode.Computing(request =>
        {
            if (Interlocked.Increment(ref arrived) == 2)
            {
                bothArrived.SetResult();
            }

            StubReply reply = request switch
            {
                { Method: "PUT" } => Answer(request, "write5", 5),
                { Headers: var headers } when headers.ContainsKey("RaftKv-Session") => Answer(request, "merged", 9),
                _ => Answer(request, "read9", 9),
            };
            return reply with { Gate = bothArrived.Task };
        });
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);
        RaftKvSession session = client.BeginSession();

        await Task.WhenAll(session.PutAsync("a", "1"), session.GetAsync("b"));
        string[] held = session.Token!.Split(',');
        await session.GetAsync("a");

        Assert.Equal(["read9", "write5"], held.Order());
        Assert.Equal("merged", session.Token);
    }

    [Fact]
    public async Task A_storm_of_calls_never_forgets_a_write()
    {
        // A server of tokens "r<read>w<write>" that merges as the contract says; the session must never send less than it saw.
        using MergingServer server = new();
        using RaftKvClient client = ClientFixture.Client(server.Endpoint);
        RaftKvSession session = client.BeginSession();
        ConcurrentBag<string> wrong = [];

        await Parallel.ForAsync(0, 200, async (i, ct) =>
        {
            long written = (await session.PutAsync("k", "v", cancellationToken: ct)).Metadata.Revision;
            string sent = session.Token ?? "";
            if (MergingServer.WritePart(sent) < written)
            {
                wrong.Add($"after write {written} the session held {sent}");
            }

            long read = (await session.TryGetAsync("k", ReadLevel.Eventual, ct)).Metadata.Revision;
            sent = session.Token ?? "";
            if (MergingServer.ReadPart(sent) < read)
            {
                wrong.Add($"after read {read} the session held {sent}");
            }
        });

        Assert.Empty(wrong);
        Assert.InRange(server.MostTokensInAHeader, 1, 3);
    }

    [Fact]
    public async Task A_token_of_before_a_restore_is_its_own_exception_until_the_session_is_reset()
    {
        using StubNode node = StubNode.Computing(static request => request.Header("RaftKv-Session") is null
            ? Answer(request, "new", 3)
            : StubReply.Problem(400, "session-mismatch", "no", retryable: false));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);
        RaftKvSession session = client.BeginSession(token: "old");

        var e = await Assert.ThrowsAsync<RaftKvSessionMismatchException>(() => session.PutAsync("a", "1"));
        session.Reset();
        await session.PutAsync("a", "1");

        Assert.Equal((Outcome.NotApplied, "session-mismatch"), (e.Outcome, e.Code));
        Assert.Equal("new", session.Token);
    }

    [Fact]
    public async Task A_level_that_no_node_can_meet_says_what_was_asked_and_what_was_there()
    {
        using StubNode first = StubNode.Computing(static _ => Unmet());
        using StubNode second = StubNode.Computing(static _ => Unmet(), "n2");
        using RaftKvClient client = ClientFixture.Client(first.Endpoint, second.Endpoint);

        var e = await Assert.ThrowsAsync<RaftKvConsistencyUnmetException>(() => client.GetAsync("a", new ReadOptions
        {
            Level = ReadLevel.Bounded,
            MaxStaleness = TimeSpan.FromMilliseconds(500),
            OnUnmet = UnmetPolicy.Fail,
        }));

        Assert.Equal((ReadLevel.Bounded, 500L, Outcome.NotApplied), (e.AskedLevel, e.Asked.MaxStalenessMs, e.Outcome));
        Assert.Equal(new AvailableConsistency(7, 2_300, "follower", null, 3), e.Available);

        // Fail means that no node waits; each is asked once.
        Assert.Equal((1, 1), (first.Requests.Count, second.Requests.Count));
    }

    [Fact]
    public async Task An_unmet_level_is_served_by_the_next_node()
    {
        using StubNode first = StubNode.Computing(static _ => Unmet());
        using StubNode second = StubNode.Computing(static request => Answer(request, "t", 8), "n2");
        using RaftKvClient client = ClientFixture.Client(first.Endpoint, second.Endpoint);

        GetResult read = await client.TryGetAsync("a", new ReadOptions { Level = ReadLevel.Session, OnUnmet = UnmetPolicy.Fail });

        Assert.Equal("n2", read.Metadata.ServedBy);
    }

    [Fact]
    public async Task A_receipt_is_asked_for_and_checked()
    {
        using StubNode node = StubNode.Computing(static request => request.Target.EndsWith("verify", StringComparison.Ordinal)
            ? StubReply.Ok(request.BodyText.Contains("good", StringComparison.Ordinal)
                ? """{"valid":true,"receipt":{"revision":4}}"""
                : """{"valid":false,"reason":"The signature is not this cluster's."}""")
            : StubReply.Entry("a", "1", 2) with { Headers = [("RaftKv-Receipt", "good.mac")] });
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        GetResult read = await client.TryGetAsync("a", new ReadOptions { WantsReceipt = true });
        ReceiptCheck good = await client.VerifyReceiptAsync(read.Metadata.Receipt!);
        ReceiptCheck forged = await client.VerifyReceiptAsync("forged.mac");

        Assert.Equal("1", node.Requests[0].Header("RaftKv-Receipt"));
        Assert.Equal((true, 4L), (good.IsValid, good.Receipt!.Value.GetProperty("revision").GetInt64()));
        Assert.Equal((false, "The signature is not this cluster's."), (forged.IsValid, forged.Reason));
    }

    private static StubReply Unmet() => new(
        503,
        """
        {"title":"t","detail":"d","status":503,"code":"consistency-unmet","applied":"no","retryable":true,
         "asked":{"level":"bounded","maxStalenessMs":500,"maxLag":null,"revision":null},
         "available":{"revision":7,"stalenessMs":2300,"role":"follower","leader":null,"term":3}}
        """);

    private static StubReply Answer(StubRequest request, string token, long revision)
    {
        (string, string)[] headers = [("RaftKv-Session", token), ("RaftKv-Revision", $"{revision}")];
        return request.Method switch
        {
            "PUT" => StubReply.Ok("""{"key":"a","createRevision":2,"modRevision":2,"version":1,"lease":null}""", headers),
            "DELETE" => StubReply.Ok("""{"deleted":0}""", headers),
            _ => StubReply.Entry("a", "1", revision) with { Headers = headers },
        };
    }

    /// <summary>Mints tokens "r.w" with both parts readable, and merges what it is sent.</summary>
    private sealed class MergingServer : IDisposable
    {
        private readonly StubNode _node;
        private long _revision;
        private int _mostTokens;

        internal MergingServer() => _node = StubNode.Computing(Answer);

        internal Uri Endpoint => _node.Endpoint;

        internal int MostTokensInAHeader => _mostTokens;

        public void Dispose() => _node.Dispose();

        internal static long ReadPart(string header) => Parts(header).Max(static part => part.Read);

        internal static long WritePart(string header) => Parts(header).Max(static part => part.Write);

        private static IEnumerable<(long Read, long Write)> Parts(string header) => header.Length == 0
            ? [(0, 0)]
            : header.Split(',').Select(static token => token.Split('.')).Select(static part =>
                (long.Parse(part[0], CultureInfo.InvariantCulture), long.Parse(part[1], CultureInfo.InvariantCulture)));

        private StubReply Answer(StubRequest request)
        {
            string sent = request.Header("RaftKv-Session") ?? "";
            lock (_node)
            {
                _mostTokens = Math.Max(_mostTokens, sent.Split(',').Length);
            }

            bool isWrite = request.Method == "PUT";
            long now = isWrite ? Interlocked.Increment(ref _revision) : Math.Max(1, Volatile.Read(ref _revision) - 3);
            string token = isWrite
                ? $"{ReadPart(sent)}.{Math.Max(WritePart(sent), now)}"
                : $"{Math.Max(ReadPart(sent), now)}.{WritePart(sent)}";
            return SessionTests.Answer(request, token, now);
        }
    }
}
