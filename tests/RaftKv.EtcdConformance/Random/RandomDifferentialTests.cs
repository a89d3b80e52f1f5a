using System.Globalization;
using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.EtcdConformance.Servers;
using RaftKv.Protocol.Etcd;
using Xunit.Abstractions;

namespace RaftKv.EtcdConformance.Random;

/// <summary>
/// The same random requests go to etcd and to RaftKv, by gRPC and through the gateway in turn; every answer must be the
/// same, errors included, and so must the events of a watch over everything, and of watches with every option that come and go.
/// </summary>
public sealed class RandomDifferentialTests(ITestOutputHelper output)
{
    private const int OperationsAWatch = 150;

    private static int OperationCount => int.Parse(
        Environment.GetEnvironmentVariable("RAFTKV_ETCD_OPERATIONS") ?? "4000", CultureInfo.InvariantCulture);

    private static int Seed => int.Parse(Environment.GetEnvironmentVariable("RAFTKV_ETCD_SEED") ?? "1", CultureInfo.InvariantCulture);

    [EtcdFact]
    public async Task Random_requests_get_the_answers_and_events_of_etcd()
    {
        await using ServerPair pair = await ServerPair.StartAsync();
        using EventHistory expected = await EventHistory.OpenAsync(pair.EtcdGrpc);
        using EventHistory actual = await EventHistory.OpenAsync(pair.RaftKvGrpc);
        var generator = new RequestGenerator(Seed);
        using var watches = new WatchSet(pair, expected, generator);
        var chance = new System.Random(Seed);
        int errors = 0;
        for (int i = 0; i < OperationCount; i++)
        {
            (string method, IMessage request) = generator.Next();
            bool isJson = chance.Next(4) == 0 && Operation.IsComparableAsText(method);
            string what = $"seed {Seed}, operation {i}, {method} {(isJson ? "JSON" : "gRPC")} {JsonFormatter.Default.Format(request)}\n";
            if (method == "Compact")
            {
                await actual.ReadToAsync(await watches.CatchUpAsync());
            }

            bool isDone = isJson
                ? await CompareJsonAsync(pair, method, request, what)
                : await CompareGrpcAsync(pair, method, request, what, generator);
            errors += isDone ? 0 : 1;
            if (isDone && request is CompactionRequest compaction)
            {
                generator.SeenCompaction(compaction.Revision);
            }

            if (chance.Next(OperationsAWatch) == 0)
            {
                await watches.NextAsync($"seed {Seed}, before operation {i + 1}, watch ");
            }
        }

        await watches.EndAsync();
        long last = await watches.CatchUpAsync();
        await expected.ReadToAsync(last);
        await actual.ReadToAsync(last);
        Assert.Equal(expected.Events, actual.Events);
        output.WriteLine(
            $"{OperationCount} operations, {errors} refused, {expected.Events.Count()} events; {watches.Count} watches with "
            + $"{watches.Events} events, {watches.Refused} refused: no difference.");
        Assert.True(OperationCount < 1_000 || (errors > OperationCount / 200 && watches is { Events: > 0, Refused: > 0 }),
            "some requests must be refused, and some watches tell something, or nothing was compared");
    }

    // True when it was done and not refused.
    private static async Task<bool> CompareGrpcAsync(
        ServerPair pair, string method, IMessage request, string what, RequestGenerator generator)
    {
        GrpcAnswer etcd = await Operation.CallAsync(pair.EtcdGrpc, method, request);
        GrpcAnswer raftkv = await Operation.CallAsync(pair.RaftKvGrpc, method, request);
        string? difference = Comparison.Difference(etcd, raftkv);
        Assert.True(difference is null || (method == "Txn" && Comparison.IsOtherReason(etcd.Detail, raftkv.Detail)), what + difference);
        if (request is RangeRequest range)
        {
            await CompareStreamAsync(pair, range, etcd, what);
        }

        generator.SeenRevision(Operation.RevisionOf(etcd));
        return etcd.Code == 0;
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

    private static async Task<bool> CompareJsonAsync(ServerPair pair, string method, IMessage request, string what)
    {
        string json = Operation.ToJson(request);
        string etcd = await pair.EtcdJson.PostAsync(Operation.PathOf(method), json);
        string raftkv = await pair.RaftKvJson.PostAsync(Operation.PathOf(method), json);
        Assert.True(
            etcd == raftkv || (method == "Txn" && Comparison.IsOtherReason(etcd, raftkv)), $"{what}etcd:   {etcd}\nraftkv: {raftkv}");
        return etcd.StartsWith("200", StringComparison.Ordinal);
    }
}
