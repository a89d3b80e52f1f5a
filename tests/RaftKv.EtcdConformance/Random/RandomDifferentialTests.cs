using System.Globalization;
using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.EtcdConformance.Servers;
using RaftKv.Protocol.Etcd;
using Xunit.Abstractions;

namespace RaftKv.EtcdConformance.Random;

/// <summary>
/// The same random requests go to etcd and to RaftKv, by gRPC and through the gateway in turn; every answer must be the
/// same, errors included, and so must the events of a watch over everything.
/// </summary>
public sealed class RandomDifferentialTests(ITestOutputHelper output)
{
    private static readonly ByteString LastKey = ByteString.CopyFromUtf8("the end");

    private static int OperationCount => int.Parse(
        Environment.GetEnvironmentVariable("RAFTKV_ETCD_OPERATIONS") ?? "4000", CultureInfo.InvariantCulture);

    private static int Seed => int.Parse(Environment.GetEnvironmentVariable("RAFTKV_ETCD_SEED") ?? "1", CultureInfo.InvariantCulture);

    [EtcdFact]
    public async Task Random_requests_get_the_answers_and_events_of_etcd()
    {
        await using ServerPair pair = await ServerPair.StartAsync();
        using GrpcStream<WatchRequest, WatchResponse> etcdWatch = await WatchAllAsync(pair.EtcdGrpc);
        using GrpcStream<WatchRequest, WatchResponse> raftkvWatch = await WatchAllAsync(pair.RaftKvGrpc);
        Task<List<Event>> expected = EventsAsync(etcdWatch);
        Task<List<Event>> actual = EventsAsync(raftkvWatch);
        var generator = new RequestGenerator(Seed);
        var gateway = new System.Random(Seed);
        int errors = 0;
        long revision = 1;
        for (int i = 0; i < OperationCount; i++)
        {
            (string method, IMessage request) = generator.Next();
            bool isJson = gateway.Next(4) == 0;
            string what = $"seed {Seed}, operation {i}, {method} {(isJson ? "JSON" : "gRPC")} {JsonFormatter.Default.Format(request)}\n";
            if (isJson && Operation.IsComparableAsText(method))
            {
                await CompareJsonAsync(pair, method, request, what);
                continue;
            }

            GrpcAnswer etcd = await Operation.CallAsync(pair.EtcdGrpc, method, request);
            GrpcAnswer raftkv = await Operation.CallAsync(pair.RaftKvGrpc, method, request);
            string? difference = Comparison.Difference(etcd, raftkv);
            Assert.True(difference is null || (method == "Txn" && Comparison.IsOtherReason(etcd.Detail, raftkv.Detail)), what + difference);
            if (request is RangeRequest range)
            {
                await CompareStreamAsync(pair, range, etcd, what);
            }

            errors += etcd.Code == 0 ? 0 : 1;
            revision = Math.Max(revision, Operation.RevisionOf(etcd));
            generator.SeenRevision(revision);
        }

        await pair.EtcdGrpc.CallAsync<PutResponse>("/etcdserverpb.KV/Put", new PutRequest { Key = LastKey });
        await pair.RaftKvGrpc.CallAsync<PutResponse>("/etcdserverpb.KV/Put", new PutRequest { Key = LastKey });
        Assert.Equal(await expected, await actual);
        output.WriteLine($"{OperationCount} operations, {errors} refused, {(await expected).Count} events: no difference.");
        Assert.True(OperationCount < 1_000 || errors > OperationCount / 200,
            "some requests must be refused, or the errors were not compared");
    }

    // RangeStream came with 3.7; its chunks, merged, are what Range answers.
    private static async Task CompareStreamAsync(ServerPair pair, RangeRequest range, GrpcAnswer etcd, string what)
    {
        if (range.SortOrder == RangeRequest.Types.SortOrder.Descend || range.SortTarget != RangeRequest.Types.SortTarget.Key)
        {
            return;
        }

        GrpcAnswer stream = await pair.RaftKvGrpc.CallMergedAsync<RangeStreamResponse>("/etcdserverpb.KV/RangeStream", range);
        var merged = new GrpcAnswer(stream.Code, stream.Detail, ((RangeStreamResponse?)stream.Message)?.RangeResponse);
        string? difference = Comparison.Difference(etcd, merged);
        Assert.True(difference is null, $"RangeStream, {what}{difference}");
    }

    private static async Task CompareJsonAsync(ServerPair pair, string method, IMessage request, string what)
    {
        string json = Operation.ToJson(request);
        string etcd = await pair.EtcdJson.PostAsync(Operation.PathOf(method), json);
        string raftkv = await pair.RaftKvJson.PostAsync(Operation.PathOf(method), json);
        Assert.True(
            etcd == raftkv || (method == "Txn" && Comparison.IsOtherReason(etcd, raftkv)), $"{what}etcd:   {etcd}\nraftkv: {raftkv}");
    }

    private static async Task<GrpcStream<WatchRequest, WatchResponse>> WatchAllAsync(GrpcClient client)
    {
        var everything = new WatchRequest
        {
            CreateRequest = new WatchCreateRequest
            {
                Key = ByteString.CopyFrom(0),
                RangeEnd = ByteString.CopyFrom(0),
                StartRevision = 1,
                PrevKv = true,
            },
        };
        GrpcStream<WatchRequest, WatchResponse> watch = await client.OpenAsync<WatchRequest, WatchResponse>(
            "/etcdserverpb.Watch/Watch", everything);
        WatchResponse? created = await watch.ReadAsync();
        Assert.True(created is { Created: true, Canceled: false, WatchId: 0 });
        return watch;
    }

    // All events until the last key is put. Previous pairs are left out: a server may come to them after a compaction.
    private static async Task<List<Event>> EventsAsync(GrpcStream<WatchRequest, WatchResponse> watch)
    {
        var events = new List<Event>();
        while (events.Count == 0 || events[^1].Kv.Key != LastKey)
        {
            WatchResponse? answer = await watch.ReadAsync();
            Assert.NotNull(answer);
            Assert.False(answer.Canceled, $"the watch was cancelled: {answer}");
            events.AddRange(answer.Events);
        }

        foreach (Event change in events)
        {
            change.PrevKv = null;
        }

        return events;
    }
}
