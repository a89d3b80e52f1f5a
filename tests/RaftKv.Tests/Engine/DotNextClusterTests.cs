using System.Net;
using System.Net.Sockets;
using System.Text;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Store;
using RaftKv.Tests.Node;

namespace RaftKv.Tests.Engine;

/// <summary>What is DotNext's own in the second engine: its barrier, its snapshots, the instances behind its requests.</summary>
public sealed class DotNextClusterTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);

    [Fact]
    public async Task A_follower_that_still_hears_a_deposed_leader_never_answers_an_old_value()
    {
        await using var cluster = new TestCluster(5, isDotNext: true);
        cluster.StartAll();
        await WriteAsync(cluster, 0, "k", "old");
        int leader = await cluster.LeaderAsync();
        int follower = (leader + 1) % 5;
        Assert.Equal("old", await ReadAsync(cluster, follower, "k"));

        cluster.Network.Split(cluster[leader].Identity.Id, cluster[follower].Identity.Id);
        int other = (leader + 2) % 5;
        await WriteAsync(cluster, other, "k", "new");

        Assert.False((await cluster[follower].ReadBarrierAsync(Short, CancellationToken.None)).IsGranted);
        Assert.False((await cluster[leader].ReadBarrierAsync(Short, CancellationToken.None)).IsGranted);
        cluster.Network.Reunite();
        Assert.Equal("new", await ReadAsync(cluster, follower, "k"));
        Assert.Equal("new", await ReadAsync(cluster, leader, "k"));
    }

    [Fact]
    public async Task A_node_that_lacks_what_is_compacted_catches_up_under_load_from_a_snapshot()
    {
        await using var cluster = new TestCluster(3, snapshotEntries: 50, isDotNext: true);
        cluster.StartAll();
        int leader = await cluster.LeaderAsync();
        int away = (leader + 1) % 3;
        await cluster.StopAsync(away);
        for (int i = 0; i < 300; i++)
        {
            await WriteAsync(cluster, leader, $"k{i % 40}", $"{i}");
        }

        using var stop = new CancellationTokenSource();
        Task load = LoadAsync(cluster, leader, stop.Token);
        cluster.Start(away);
        Assert.Equal("260", (await ReadAsync(cluster, away, "k20"))!);
        await stop.CancelAsync();
        await load;
        Assert.True(cluster[away].Status.Snapshot.Index > LogIndex.Zero);
        StoreView[] views = [await ViewAsync(cluster, 0), await ViewAsync(cluster, 1), await ViewAsync(cluster, 2)];
        Assert.All(views, view => Assert.Equal("299", TestCluster.Get(view, "k19")));
        Assert.All(
            from a in views from b in views where a.AppliedIndex == b.AppliedIndex select (a, b),
            static pair => Assert.Equal(pair.a.StateHash, pair.b.StateHash));
    }

    [Fact]
    public async Task A_node_alone_leads_a_new_term_after_each_start_whatever_files_a_former_one_left_for_DotNexts_own_log()
    {
        await using var cluster = new TestCluster(1, isDotNext: true);
        cluster.StartAll();
        await WriteAsync(cluster, 0, "k", "v");
        Term term = cluster[0].Status.Term;
        await cluster.StopAsync(0);
        string[] files = Directory.GetFiles(cluster.ScratchOf(0), "*", SearchOption.AllDirectories);
        Assert.NotEmpty(files);
        Array.ForEach(files, static file => File.WriteAllBytes(file, [.. Enumerable.Repeat((byte)0xee, 4096)]));
        cluster.Start(0);

        Assert.Equal("v", await ReadAsync(cluster, 0, "k"));
        Assert.True(cluster[0].Status.Term > term);
        await WriteAsync(cluster, 0, "k", "w");
    }

    [Fact]
    public async Task A_leader_resigns_when_it_is_told_to_and_the_cluster_goes_on()
    {
        await using var cluster = new TestCluster(3, isDotNext: true);
        cluster.StartAll();
        int leader = await cluster.LeaderAsync();
        Term term = cluster[leader].Status.Term;
        cluster[leader].TransferLeadership();
        await WriteAsync(cluster, (leader + 1) % 3, "after", "v");

        Assert.True(cluster[(leader + 1) % 3].Status.Term > term);
    }

    [Fact]
    public async Task Somebody_else_who_answers_at_a_members_address_is_no_member_and_stops_no_election()
    {
        await using var cluster = new TestCluster(3, isDotNext: true);
        using var stranger = new TcpListener(IPAddress.Loopback, cluster.PortOf(2));
        stranger.Start();
        Task answering = AnswerEverythingAsync(stranger);
        cluster.Start(0);
        cluster.Start(1);
        int leader = await cluster.LeaderAsync();
        await WriteAsync(cluster, 0, "k", "v");
        await cluster.StopAsync(leader);

        // Of three, one is left and a stranger says yes to everything.
        int left = 1 - leader;
        Assert.False((await cluster[left].ReadBarrierAsync(Short, CancellationToken.None)).IsGranted);
        cluster.Start(leader);
        await cluster.LeaderAsync();
        Assert.Equal("v", await ReadAsync(cluster, left, "k"));
        stranger.Stop();
        await answering;
    }

    private static async Task AnswerEverythingAsync(TcpListener listener)
    {
        var answers = new List<Task>();
        try
        {
            while (true)
            {
                answers.Add(AnswerAsync(await listener.AcceptTcpClientAsync()));
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            await Task.WhenAll(answers);
        }
    }

    private static async Task AnswerAsync(TcpClient caller)
    {
        byte[] yes = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nConnection: close\r\nX-Raft-Term: 1\r\nContent-Length: 8\r\n\r\nAccepted");
        try
        {
            using (caller)
            {
                if (await caller.GetStream().ReadAsync(new byte[64 * 1024]) > 0)
                {
                    await caller.GetStream().WriteAsync(yes);
                }
            }
        }
        catch (IOException)
        {
            // It hung up.
        }
    }

    private static async Task LoadAsync(TestCluster cluster, int node, CancellationToken stop)
    {
        for (int i = 0; !stop.IsCancellationRequested; i++)
        {
            await cluster[node].ProposeAsync(TestCluster.Put($"load{i % 10}", "v"), TestCluster.Patience, CancellationToken.None);
        }
    }

    private static async Task WriteAsync(TestCluster cluster, int node, string key, string value) => Assert.Equal(
        ProposalOutcome.Applied,
        (await cluster[node].ProposeAsync(TestCluster.Put(key, value), TestCluster.Patience, CancellationToken.None)).Outcome);

    private static async Task<string?> ReadAsync(TestCluster cluster, int node, string key) =>
        TestCluster.Get(await ViewAsync(cluster, node), key);

    private static async Task<StoreView> ViewAsync(TestCluster cluster, int node)
    {
        ReadBarrierResult barrier = await cluster[node].ReadBarrierAsync(TestCluster.Patience, CancellationToken.None);
        Assert.True(barrier.IsGranted);
        return barrier.View!;
    }
}
