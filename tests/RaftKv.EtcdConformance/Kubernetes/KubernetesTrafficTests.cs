using System.Globalization;
using RaftKv.EtcdConformance.Clients;
using RaftKv.EtcdConformance.Servers;
using RaftKv.Protocol.Etcd;
using Xunit.Abstractions;

namespace RaftKv.EtcdConformance.Kubernetes;

/// <summary>Kubernetes' mix of calls on three nodes, of which the leader is killed half-way.</summary>
public sealed class KubernetesTrafficTests(ITestOutputHelper output)
{
    private const int WriterCount = 4;
    private const int ObjectCount = 60;

    private static int OperationCount => int.Parse(
        Environment.GetEnvironmentVariable("RAFTKV_KUBERNETES_OPERATIONS") ?? "250", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Lists_and_watches_agree_and_no_event_is_lost_doubled_or_out_of_order_when_the_leader_is_killed()
    {
        ServerUnderTest[] nodes = await ServerUnderTest.StartClusterAsync(3);
        var seen = new Observed();
        ApiServer[] watching = [.. Enumerable.Range(0, 3).Select(i => new ApiServer($"cacher{i}", nodes, seen, first: i))];
        ApiServer[] writing = [.. Enumerable.Range(0, WriterCount).Select(i => new ApiServer($"w{i}", nodes, seen, first: i))];
        using var ending = new ApiServer("end", nodes, seen, first: 0);
        try
        {
            string end = ApiServer.Key(ObjectCount);
            Cacher[] cachers = [.. watching.Select((server, i) => new Cacher($"watch {i}", server))];
            Task<WatchRun>[] watches = [.. cachers.Select(cacher => cacher.RunAsync(end))];
            var halfWay = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            Task[] writers = [.. writing.Select((server, i) => WriteAsync(server, seen, cachers, new System.Random(i), halfWay))];

            await halfWay.Task;
            await KillLeaderAsync(nodes);
            await Task.WhenAll(writers);
            while (!await ending.GuaranteedUpdateAsync(end))
            {
                // Until it is acknowledged; what was not known to be done is done again with another value.
            }

            seen.Watches.AddRange(await Task.WhenAll(watches));
        }
        finally
        {
            Array.ForEach([.. watching, .. writing], static server => server.Dispose());
            foreach (ServerUnderTest node in nodes)
            {
                await node.DisposeAsync();
            }
        }

        int bookmarks = seen.Watches.Sum(static watch => watch.Told.Count(static told => told.Change is null));
        output.WriteLine(
            $"{seen.Writes.Count} acknowledged writes, {seen.Lists.Count} lists, {bookmarks} bookmarks, "
            + $"{seen.Watches[0].Told.Count - bookmarks} events and more on {seen.Watches.Count} watches.");
        Assert.Empty(WatchContract.Violations(seen));
        Assert.True(seen.Writes.Count > WriterCount * OperationCount / 3, $"{seen.Writes.Count} writes");
        Assert.True(seen.Lists.Count > 5 && bookmarks > 5, $"{seen.Lists.Count} lists, {bookmarks} bookmarks");
        Assert.Contains(seen.Watches[0].Told, static told => told.Change is { Value: null });
    }

    private static async Task WriteAsync(
        ApiServer server, Observed seen, Cacher[] cachers, System.Random random, TaskCompletionSource halfWay)
    {
        long lease = 0;
        for (int i = 0; i < OperationCount; i++)
        {
            if (i == OperationCount / 2)
            {
                halfWay.TrySetResult();
            }

            string key = ApiServer.Key(random.Next(ObjectCount));
            switch (random.Next(20))
            {
                case < 11:
                    await server.GuaranteedUpdateAsync(key);
                    break;
                case < 14:
                    await server.DeleteAsync(key);
                    break;
                case < 16:
                    lease = lease == 0 || random.Next(10) == 0 ? await server.GrantAsync(seconds: 2) : lease;
                    await server.GuaranteedUpdateAsync(key, lease);
                    break;
                case < 18:
                    await ListAsync(server, seen, random);
                    break;
                case < 19:
                    await cachers[random.Next(cachers.Length)].AskForBookmarkAsync();
                    break;
                default:
                    await CompactAsync(server, seen);
                    break;
            }
        }
    }

    private static async Task ListAsync(ApiServer server, Observed seen, System.Random random)
    {
        if (await server.ListAsync(pageSize: random.Next(5, 30), isStream: random.Next(2) == 0) is { } listed)
        {
            lock (seen)
            {
                seen.Lists.Add(listed);
            }
        }
    }

    // Far enough behind that no watch needs what goes.
    private static async Task CompactAsync(ApiServer server, Observed seen)
    {
        long newest;
        lock (seen)
        {
            newest = seen.Writes.Count == 0 ? 0 : seen.Writes[^1].Revision;
        }

        if (newest > 400)
        {
            await server.CompactAsync(newest - 400);
        }
    }

    private static async Task KillLeaderAsync(ServerUnderTest[] nodes)
    {
        while (true)
        {
            foreach (ServerUnderTest node in nodes)
            {
                using var grpc = new GrpcClient(node.Client);
                GrpcAnswer answer = await grpc.CallAsync<StatusResponse>("/etcdserverpb.Maintenance/Status", new StatusRequest());
                if (answer.Message is StatusResponse status && status.Leader == status.Header.MemberId)
                {
                    node.Kill();
                    return;
                }
            }
        }
    }
}
