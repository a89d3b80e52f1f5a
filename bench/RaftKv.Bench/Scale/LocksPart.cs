using System.Diagnostics;
using System.Globalization;
using Google.Protobuf;
using RaftKv.Bench.Grpc;
using RaftKv.Bench.Nodes;
using RaftKv.Protocol.Etcd;
using RaftKv.Protocol.Etcd.Lock;

namespace RaftKv.Bench.Scale;

/// <summary>
/// Many locks, each with many waiters, by etcd's lock service. Who gets one keeps it for about a second and gives it back; how long
/// it then takes until the next has it is the hand-over. Two holders at a time are a violation, and so is a waiter who never gets it.
/// </summary>
internal static class LocksPart
{
    internal static readonly string[] Heading =
    [
        "server", "locks", "waiters each", "queued after s", "hand-overs", "p50 ms", "p99 ms", "max ms", "server CPU µs/hand-over",
        "MiB of three, queued", "violations",
    ];

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    internal static async Task<ScaleResult> RunAsync(ServerCluster cluster, string server, NodesOptions options)
    {
        EtcdEndpoint[] nodes = [.. cluster.Endpoints.Select(static node => new EtcdEndpoint(node))];
        try
        {
            long[] leases = await LeasesAsync(nodes[0], options.Waiters);
            LockBoard board = new(options.Locks, options.Waiters, nodes);
            LockCaller[] callers =
            [
                .. board.Order(leases).Chunk(LockCaller.MostCalls)
                    .Select((calls, i) => new LockCaller(cluster.Endpoints[i % cluster.Endpoints.Count], calls, board)),
            ];
            long start = Stopwatch.GetTimestamp();
            Task running = Task.WhenAll(callers.Select(static caller => Task.Run(caller.RunAsync)));
            await QueuedAsync(nodes[0], running, (long)options.Locks * options.Waiters, start);
            double queued = Stopwatch.GetElapsedTime(start).TotalSeconds;
            string resident = ScaleResult.Resident(cluster);
            double cpuBefore = ProcStat.CpuSeconds(cluster.ProcessIds);
            board.Begin();
            await Task.WhenAny(running, Task.Delay((options.Waiters * LockBoard.LongestHold) + _patience));
            double cpu = ProcStat.CpuSeconds(cluster.ProcessIds) - cpuBefore;
            List<string> violations = [.. board.Violations];
            if (board.Acquired != (long)options.Locks * options.Waiters)
            {
                violations.Add($"{board.Acquired} of {(long)options.Locks * options.Waiters} waiters got their lock");
            }

            Array.ForEach(callers, static caller => caller.Dispose());
            Histogram handOvers = board.HandOvers;
            return new ScaleResult(
                [
                    [
                        server, TableText.Text(options.Locks), TableText.Text(options.Waiters), TableText.Text(queued, "0.0"),
                        TableText.Text(handOvers.Count), TableText.Ms(handOvers, 0.5), TableText.Ms(handOvers, 0.99),
                        TableText.Ms(handOvers, 1), TableText.Text(cpu * 1e6 / Math.Max(1, handOvers.Count)), resident,
                        TableText.Text(violations.Count),
                    ],
                ],
                violations);
        }
        finally
        {
            Array.ForEach(nodes, static node => node.Dispose());
        }
    }

    private static async Task<long[]> LeasesAsync(EtcdEndpoint node, int count)
    {
        long[] leases = [.. Enumerable.Range(1, count).Select(static id => (long)id)];
        foreach (long id in leases)
        {
            EtcdAnswer<LeaseGrantResponse> answer = await node.CallAsync<LeaseGrantResponse>(
                "/etcdserverpb.Lease/LeaseGrant", new LeaseGrantRequest { ID = id, TTL = 7_200 }, _patience);
            if (answer.Message is null)
            {
                throw new BenchException($"Lease {id} was not granted: code {answer.Code}, {answer.Detail}");
            }
        }

        return leases;
    }

    // Each has a key below its lock's name, whether it holds it or waits.
    private static async Task QueuedAsync(EtcdEndpoint node, Task running, long expected, long start)
    {
        RangeRequest count = new()
        {
            Key = ByteString.CopyFromUtf8(LockBoard.Prefix),
            RangeEnd = ByteString.CopyFromUtf8(LockBoard.End),
            CountOnly = true,
        };
        for (long there = 0; there < expected;)
        {
            there = (await node.CallAsync<RangeResponse>("/etcdserverpb.KV/Range", count, _patience)).Message?.Count ?? 0;
            if (running.IsCompleted || Stopwatch.GetElapsedTime(start) > _patience)
            {
                throw new BenchException($"{there} of {expected} are queued, and no more come.");
            }

            await Task.Delay(200);
        }
    }
}
