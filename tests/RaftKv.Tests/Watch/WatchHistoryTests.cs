using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.Service.Calls;
using RaftKv.Tests.Api;
using RaftKv.Tests.Client;
using RaftKv.Tests.Node;
using RaftKv.Tests.Support;
using RaftKv.Watch;

namespace RaftKv.Tests.Watch;

/// <summary>What watches tell equals what happened, W1 to W11, whatever else goes on.</summary>
public sealed partial class WatchHistoryTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public async Task Watches_equal_replay_under_random_writes_slow_readers_and_resumes(int seed, bool mayCompact)
    {
        await using ApiHost host = await ApiHost.StartAsync();
        var world = new WatchWorld(host.Node, seed);
        var end = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<WatchTrace>[] robots = [.. Enumerable.Range(0, 18).Select(i => Task.Run(() =>
            new WatchRobot($"seed {seed} robot {i}", host, () => host.Node.View, WatchWorld.Scope(i), (seed * 100) + i).RunAsync(end.Task)))];
        for (int i = 0; i < 1_500; i++)
        {
            await world.StepAsync(mayCompact);
            if (i % 10 == 0)
            {
                // Readers get a chance to keep up now and then; nothing depends on whether they do.
                await Task.Delay(1);
            }
        }

        end.SetResult(world.History.LastRevision);
        await CheckAsync(world, robots);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_follower_that_gets_a_snapshot_loses_no_watch_without_a_word(bool isCompactedPast)
    {
        await using var cluster = new TestCluster(3, snapshotEntries: 40);
        cluster.StartAll();
        int leader = await cluster.LeaderAsync();
        int follower = (leader + 1) % 3;
        await using ApiHost host = await ApiHost.StartAsync(cluster[follower]);
        var world = new WatchWorld(cluster[leader], seed: 7);
        var end = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<WatchTrace>[] robots = [.. Enumerable.Range(0, 6).Select(i =>
            new WatchRobot("robot " + i, host, () => cluster[follower].View, WatchWorld.Scope(i), 700 + i).RunAsync(end.Task))];
        for (int i = 0; i < 50; i++)
        {
            await world.StepAsync(mayCompact: false);
        }

        cluster.Network.CutOff(cluster[follower].Identity.Id);
        long applied = cluster[follower].Status.AppliedIndex.Value;
        for (int i = 0; i < 100 || cluster[leader].Status.FirstIndex.Value <= applied + 60; i++)
        {
            await world.StepAsync(mayCompact: false);
        }

        // Only a snapshot can bring it back now: the leader's log no longer has what it lacks.
        if (isCompactedPast)
        {
            await world.CompactAsync(keep: 10);

            // And a snapshot of after it: with an older one the follower has the history first, and tells all of it.
            long compacted = cluster[leader].Status.AppliedIndex.Value;
            while (cluster[leader].Status.Snapshot.Index.Value <= compacted + 60)
            {
                await world.StepAsync(mayCompact: false);
            }
        }

        cluster.Network.Heal(cluster[follower].Identity.Id);
        for (int i = 0; i < 20; i++)
        {
            await world.StepAsync(mayCompact: false);
        }

        end.SetResult(world.History.LastRevision);
        await CheckAsync(world, robots);
        bool wasTold = (await Task.WhenAll(robots)).Any(t => t.Connections.Any(c => c.Messages.OfType<CancelMessage>().Any()));
        Assert.Equal(isCompactedPast, wasTold);
    }

    [Fact]
    public async Task A_client_that_takes_nothing_is_cancelled_as_slow_and_holds_up_nobody()
    {
        var time = new ManualTimeProvider();
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { Time = time });
        string value = new('x', 1_000_000);
        for (int i = 0; i < 24; i++)
        {
            await host.SendAsync("PUT", "/api/v1/kv/k", value);
        }

        string text;
        do
        {
            text = await StandStillAsync(host, time);
        }
        while (!text.Contains("event: cancel", StringComparison.Ordinal));

        Assert.Matches(WholeCancel(), text);
        Assert.True(await host.Node.Watches.StopAsync(WatchClient.Patience));
    }

    [Fact]
    public async Task A_slow_client_that_has_half_a_revision_is_cut_off_and_told_nothing_broken()
    {
        var time = new ManualTimeProvider();
        await using ApiHost host = await ApiHost.StartAsync(new ApiOptions { Time = time });
        string put(string key) => $"{{\"put\":{{\"key\":\"k{key}\",\"value\":\"{new string('x', 400_000)}\"}}}}";
        for (int i = 0; i < 12; i++)
        {
            await host.SendAsync("POST", "/api/v1/txn", $"{{\"then\":[{put("1")},{put("2")},{put("3")},{put("4")}]}}");
        }

        string told;
        do
        {
            told = await StandStillAmidAsync(host, time);
        }
        while (told.Contains("id: 13\n", StringComparison.Ordinal));

        // Whole messages, and then either half of one and the end, or the word that ends it between two.
        Assert.True(!told.Contains("event: cancel", StringComparison.Ordinal) || WholeCancel().IsMatch(told));
        Assert.True(await host.Node.Watches.StopAsync(WatchClient.Patience));
    }

    // What came before the connection ended; with the last revision, when the system's buffers still grew as the time ended.
    private static async Task<string> StandStillAmidAsync(ApiHost host, ManualTimeProvider time)
    {
        using var socket = new TcpClient { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(host.Address.Host, host.Address.Port);
        NetworkStream stream = socket.GetStream();
        Task stuck = time.TimerSetAsync(TimeSpan.FromSeconds(30));
        await stream.WriteAsync("GET /api/v1/watch?prefix=k&startRevision=2 HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        await stuck.WaitAsync(WatchClient.Patience);
        time.Advance(TimeSpan.FromSeconds(30));

        // Who was not stuck yet is so again soon, since little fits into the buffers: his time ends too.
        using var ended = new CancellationTokenSource();
        Task cutting = CutAsync(time, ended.Token);
        var text = new StringBuilder();
        byte[] buffer = new byte[64 * 1024];
        string seam = "";
        try
        {
            for (int count = 1; count > 0 && !seam.Contains("id: 13\n", StringComparison.Ordinal);)
            {
                // Some twenty megabytes come in parts of four kilobytes: each has its time, and is looked at once.
                count = await stream.ReadAsync(buffer).AsTask().WaitAsync(WatchClient.Patience);
                text.Append(Encoding.UTF8.GetString(buffer, 0, count));
                int looked = Math.Min(text.Length, count + "id: 13".Length);
                seam = text.ToString(text.Length - looked, looked);
            }
        }
        catch (IOException)
        {
            // A reset says it too.
        }

        await ended.CancelAsync();
        await cutting;
        return text.ToString();
    }

    private static async Task CutAsync(ManualTimeProvider time, CancellationToken ended)
    {
        try
        {
            while (true)
            {
                await time.TimerSetAsync(TimeSpan.FromSeconds(30)).WaitAsync(ended);
                time.Advance(TimeSpan.FromSeconds(30));
            }
        }
        catch (OperationCanceledException)
        {
            // The connection has ended.
        }
    }

    [Fact]
    public async Task A_slow_watch_makes_room_when_others_need_it_and_loses_nothing()
    {
        var time = new ManualTimeProvider();
        var node = new SingleNodeFake(time, watchBytes: 4_000_000);
        await using ApiHost host = await ApiHost.StartAsync(node, new ApiOptions { Time = time });
        string value = new('x', 1_000_000);
        for (int i = 0; i < 24; i++)
        {
            await host.SendAsync("PUT", "/api/v1/kv/k", value);
        }

        using var socket = new TcpClient { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(host.Address.Host, host.Address.Port);
        NetworkStream stream = socket.GetStream();
        Task stuck = time.TimerSetAsync(TimeSpan.FromSeconds(30));
        await stream.WriteAsync("GET /api/v1/watch?key=k&startRevision=2 HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        await stuck.WaitAsync(WatchClient.Patience);
        await using (WatchClient other = await WatchClient.OpenAsync(host.Client, "key=other"))
        {
            await host.SendAsync("PUT", "/api/v1/kv/other", value);
            await Eventually.TrueAsync(() => host.Node.Watches.Room.WaitingCount == 1);
            await time.TimerSetAsync(WatchRoom.Patience).WaitAsync(WatchClient.Patience);
            Assert.Equal(0, host.Node.Watches.Room.CutOffCount);
            time.Advance(WatchRoom.Patience);
            Assert.Equal(value, (await other.NextAsync<ChangeMessage>()).Events.Single().Value);
        }

        var ids = new List<long>();
        string text = await ReadToTheEndAsync(stream, part => ids.AddRange(IdsIn(part)));

        Assert.Matches(WholeCancel(), text);
        Assert.Equal(1, host.Node.Watches.Room.CutOffCount);
        long last = ids[^1];
        await using WatchClient again = await WatchClient.OpenAsync(host.Client, $"key=k&startRevision={last + 1}");
        for (long revision = last + 1; revision <= 25; revision++)
        {
            Assert.Equal(revision, (await again.NextAsync<ChangeMessage>()).Revision);
        }
    }

    // Takes nothing for 30 s, then reads: the end of the stream, or all there is when the system's buffers still grew just
    // when the time was over, so that a write went on and the client was not slow yet.
    private static async Task<string> StandStillAsync(ApiHost host, ManualTimeProvider time)
    {
        using var socket = new TcpClient { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(host.Address.Host, host.Address.Port);
        NetworkStream stream = socket.GetStream();
        Task stuck = time.TimerSetAsync(TimeSpan.FromSeconds(30));
        await stream.WriteAsync("GET /api/v1/watch?key=k&startRevision=1 HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray());
        await stuck.WaitAsync(WatchClient.Patience);
        await using (WatchClient other = await WatchClient.OpenAsync(host.Client, "key=k"))
        {
            await host.SendAsync("PUT", "/api/v1/kv/k", "short");
            Assert.Equal("short", (await other.NextAsync<ChangeMessage>()).Events.Single().Value);
        }

        time.Advance(TimeSpan.FromSeconds(30));
        return await ReadToTheEndAsync(stream);
    }

    // The message before it is whole: what comes between two messages may be the frame of a chunk.
    [GeneratedRegex("\\}\n\n(\r\n[0-9a-f]+\r\n)?event: cancel\ndata: \\{\"code\":\"slow-consumer\"")]
    private static partial Regex WholeCancel();

    private static IEnumerable<long> IdsIn(string part) =>
        Regex.Matches(part, "id: ([0-9]+)\n").Select(static m => long.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture));

    private static async Task<string> ReadToTheEndAsync(NetworkStream stream, Action<string>? see = null)
    {
        using var timeout = new CancellationTokenSource(WatchClient.Patience);
        var tail = new StringBuilder();
        byte[] buffer = new byte[64 * 1024];
        while (!tail.ToString().EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal)
            && !tail.ToString().Contains("\"short\"", StringComparison.Ordinal))
        {
            int count = await stream.ReadAsync(buffer, timeout.Token);
            Assert.True(count > 0, "the connection ended before the stream did");
            tail.Append(Encoding.UTF8.GetString(buffer, 0, count));
            see?.Invoke(tail.ToString());
            tail.Remove(0, Math.Max(0, tail.Length - 4096));
        }

        return tail.ToString();
    }

    private static async Task CheckAsync(WatchWorld world, Task<WatchTrace>[] robots)
    {
        WatchTrace[] traces = await Task.WhenAll(robots).WaitAsync(2 * WatchClient.Patience);
        WatchHistory history = world.History;
        Assert.All(traces, trace => Assert.Empty(WatchChecker.Check(history, trace)));
        Assert.All(traces.Take(2), trace => Assert.True(trace.Connections.Sum(c => c.Messages.OfType<ChangeMessage>().Count()) > 20, trace.Name));
    }
}
