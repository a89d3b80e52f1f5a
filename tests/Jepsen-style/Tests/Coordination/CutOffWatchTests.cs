using System.Globalization;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Tests.Coordination;

/// <summary>
/// Watches on a follower that is cut off while the others go on, and that comes back by snapshot, behind a compaction or
/// not. What they tell is held against what one writer knows of its own acknowledged writes.
/// </summary>
[Collection(RealProcesses.Name)]
public sealed class CutOffWatchTests
{
    private const int FillerTxns = 300;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Watches_on_a_follower_that_comes_back_by_snapshot_tell_all_or_are_cancelled(bool isCompacted)
    {
        int rounds = Scale.Pick(small: 1, full: 10);
        using var directory = new TemporaryDirectory();
        using var cluster = new LocalCluster(new ClusterOptions(3, directory.Path, HasProxies: true));
        foreach (ServerProcess node in cluster.Nodes)
        {
            node.Environment["RAFTKV_SNAPSHOT_ENTRIES"] = "200";
            node.Environment["RAFTKV_TRAILING_ENTRIES"] = "50";
        }

        await cluster.StartAsync(Patience);
        var run = new Run(cluster, isCompacted);
        for (int round = 0; round < rounds; round++)
        {
            await run.RoundAsync(round);
        }

        Console.WriteLine(
            $"cut-off watches, {(isCompacted ? "" : "not ")}compacted past: {rounds} rounds, {run.Streams} streams, "
            + $"{run.Told} revisions told, {run.States} states, {run.Cancels} cancelled as compacted");
        Assert.True(run.Cancels > 0 == isCompacted, $"{run.Cancels} cancels");
        Assert.True(run.States >= rounds);
        directory.Forget();
    }

    /// <summary>All rounds in one cluster, and the writer's own knowledge of what happened.</summary>
    private sealed class Run(LocalCluster cluster, bool isCompacted)
    {
        private readonly ModelWriter _writer = new();
        private long _compacted;

        public int Streams { get; private set; }

        public int Told { get; private set; }

        public int States { get; private set; }

        public int Cancels { get; private set; }

        public async Task RoundAsync(int round)
        {
            ServerProcess leader = (await cluster.WaitForLeaderAsync(TimeSpan.FromSeconds(60), CancellationToken.None))!;
            ServerProcess follower = cluster.Nodes.Where(node => node != leader).ElementAt(round % 2);
            ServerProcess[] others = [.. cluster.Nodes.Where(node => node != follower)];
            using var client = new PatientClient(others, seed: round, TimeSpan.FromSeconds(6));
            long start = await _writer.WriteAsync(client, 30);
            await LocalCluster.WaitUntilAsync(follower, Patience, "the follower is there", async session =>
                (await session.GetAsync("/api/v1/kv/none", $"{HeaderNames.Consistency}: eventual")).Number(HeaderNames.Revision) >= start);

            using var stop = new CancellationTokenSource();
            TracingWatcher[] watchers =
            [
                new(follower, "from a revision", start, From(start)),
                new(follower, "all of it", _compacted + 1, From(_compacted + 1)),
                new(follower, "state first", 0, "&snapshot=true"),
            ];
            Task<long>[] ends = [.. watchers.Select(watcher => watcher.RunAsync(stop.Token))];
            await Task.WhenAll(watchers.Select(watcher => watcher.WaitUntilToldAsync(start, Patience)));
            await CutAndWriteAsync(leader, follower, others, client);

            // This one asks for a place that is compacted, or in the snapshot only.
            var late = new TracingWatcher(follower, "late", start + 1, From(start + 1));
            ends = [.. ends, late.RunAsync(stop.Token)];
            watchers = [.. watchers, late];
            long last = await _writer.WriteAsync(client, 20);
            await Task.WhenAll(watchers.Select(watcher => watcher.WaitUntilToldAsync(last, Patience)));
            await stop.CancelAsync();
            await Task.WhenAll(ends);
            Judge(watchers, last);
        }

        private static string From(long revision) => string.Create(CultureInfo.InvariantCulture, $"&startRevision={revision}");

        private async Task CutAndWriteAsync(ServerProcess leader, ServerProcess follower, ServerProcess[] others, PatientClient client)
        {
            long lastBefore = (await NodeStatus.ReadAsync(follower)).LastIndex;
            EdgeProxy[] cut = [.. cluster.Edges.Where(edge => edge.From == follower.Name || edge.To == follower.Name)];
            Array.ForEach(cut, edge => edge.Cut());
            await _writer.WriteAsync(client, 40);
            await FillUntilCompactedAsync(others, lastBefore);
            long middle = await _writer.WriteAsync(client, 20);

            if (isCompacted)
            {
                _compacted = middle - 5;
                await client.MustAsync("POST", "/api/v1/compact", $$"""{"revision":{{_compacted}}}""");
            }

            await _writer.WriteAsync(client, 20);
            Array.ForEach(cut, edge => edge.Heal());
            long goal = (await NodeStatus.ReadAsync(leader)).AppliedIndex;
            await LocalCluster.WaitUntilAsync(follower, Patience, "the follower has caught up", async session =>
                NodeStatus.Of(await session.GetAsync("/api/v1/status")).AppliedIndex >= goal);
            Assert.True((await NodeStatus.ReadAsync(follower)).SnapshotIndex > lastBefore, "The follower has no snapshot.");
        }

        /// <summary>
        /// As much as it takes: the next snapshot comes only when the log has grown by a part of the last one.
        /// </summary>
        private static async Task FillUntilCompactedAsync(ServerProcess[] nodes, long lastIndex)
        {
            DateTime end = DateTime.UtcNow + Patience;
            NodeStatus[] states;
            do
            {
                Assert.True(DateTime.UtcNow < end, "The log of the others is never compacted.");
                await BulkWriter.WriteAsync(nodes, FillerTxns);
                states = await Task.WhenAll(nodes.Select(NodeStatus.ReadAsync));
            }
            while (states.Any(state => state.FirstIndex <= lastIndex + 1));
        }

        private void Judge(TracingWatcher[] watchers, long last)
        {
            var history = new WatchHistory(_writer.Changes, last, _compacted);
            foreach (TracingWatcher watcher in watchers)
            {
                WatchTrace trace = watcher.ToTrace(last);
                Assert.Empty(WatchChecker.Check(history, trace));
                List<WatchMessage> messages = [.. trace.Connections.SelectMany(c => c.Messages)];
                Streams += trace.Connections.Count;
                Told += messages.Count(m => m is ChangeMessage);
                States += messages.Count(m => m is SnapshotMessage { IsComplete: true });
                Cancels += messages.Count(m => m is CancelMessage { Code: "compacted" });
            }
        }
    }
}
