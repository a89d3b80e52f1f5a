using System.Net;
using System.Net.Sockets;
using System.Text;
using RaftKv.Cli.Tests.Support;
using RaftKv.Client;
using RaftKv.Client.Testing;
using RaftKv.Lab;

namespace RaftKv.Cli.Tests;

/// <summary>Links that are held, delayed and cut; by hand, by raftkv lab, and in a user's own test.</summary>
public sealed class LabTests
{
    [Fact]
    public async Task A_held_link_keeps_what_comes_and_passes_it_on_when_healed()
    {
        using var echo = new EchoServer();
        using var link = new Link("n1", "n2", 0, echo.Port);
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, link.Port);
        Assert.Equal("one", await SayAsync(socket, "one"));
        link.Hold();
        Task<string> kept = SayAsync(socket, "two");
        Assert.Equal(LinkState.Held, link.State);
        Assert.NotSame(kept, await Task.WhenAny(kept, Task.Delay(100)));
        link.Heal();
        Assert.Equal("two", await kept);
    }

    [Fact]
    public async Task A_cut_link_closes_what_is_open_and_what_comes()
    {
        using var echo = new EchoServer();
        using var link = new Link("n1", "n2", 0, echo.Port);
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, link.Port);
        Assert.Equal("one", await SayAsync(socket, "one"));
        link.Cut();
        Assert.Equal("", await SayAsync(socket, "two"));
        using var late = new TcpClient();
        await late.ConnectAsync(IPAddress.Loopback, link.Port);
        Assert.Equal("", await SayAsync(late, "three"));
        link.Heal();
        using var healed = new TcpClient();
        await healed.ConnectAsync(IPAddress.Loopback, link.Port);
        Assert.Equal("four", await SayAsync(healed, "four"));
    }

    [Fact]
    public async Task A_delay_makes_each_way_longer()
    {
        using var echo = new EchoServer();
        using var link = new Link("n1", "n2", 0, echo.Port) { Delay = TimeSpan.FromMilliseconds(150) };
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, link.Port);
        long began = TimeProvider.System.GetTimestamp();
        Assert.Equal("one", await SayAsync(socket, "one"));

        // A lower bound holds on any machine.
        Assert.True(TimeProvider.System.GetElapsedTime(began) >= TimeSpan.FromMilliseconds(299));
    }

    [Fact]
    public void A_partition_holds_the_links_between_the_groups_and_no_others()
    {
        using var network = new LabNetwork([("n1", 1), ("n2", 2), ("n3", 3)]);
        network.Partition(["n2", "n3"]);
        Assert.Equal(["n2->n3", "n3->n2"], network.Links.Where(static link => link.State == LinkState.Open)
            .Select(static link => $"{link.From}->{link.To}"));
        network.Heal();
        network.Hold("n1", "n3");
        Assert.Equal(["n1->n3"], network.Links.Where(static link => link.State == LinkState.Held)
            .Select(static link => $"{link.From}->{link.To}"));
        Assert.Throws<ArgumentException>(() => network.Hold("n9"));
    }

    [Fact]
    public async Task A_users_test_holds_a_node_which_then_refuses_linearizable_reads_and_heals_it()
    {
        await using RaftKvTestCluster cluster = await RaftKvTestCluster.StartAsync(new TestClusterOptions { Nodes = 3, HasLinks = true });
        await using RaftKvClient client = cluster.CreateClient();
        await client.PutAsync("a", "1");
        ClusterInfo info = await client.ClusterAsync();
        int follower = info.Leader == "n1" ? 1 : 0;
        await cluster.HoldAsync(follower);
        Uri endpoint = cluster.Endpoints[follower];
        await using RaftKvClient there = cluster.CreateClient(options => options.Endpoints = [endpoint]);
        await using RaftKvClient others = cluster.CreateClient(options =>
            options.Endpoints = [.. cluster.Endpoints.Where(one => one != endpoint)]);
        await others.PutAsync("a", "2");
        await Assert.ThrowsAnyAsync<RaftKvException>(() => there.GetStringAsync("a", new ReadOptions { OnUnmet = UnmetPolicy.Fail }));
        await cluster.HealAsync();
        Assert.Equal("2", await there.GetStringAsync("a"));
    }

    [Fact]
    public async Task Dev_with_a_lab_is_commanded_by_raftkv_lab_and_serve_has_none()
    {
        await using DevLabCluster dev = await DevLabCluster.StartAsync();
        Ctl hold = await dev.LabAsync("hold", "n2");
        Assert.Equal(0, hold.Exit);
        Assert.Contains("held", hold.Out, StringComparison.Ordinal);
        Assert.Equal(["held", "open", "held", "held", "open", "held"],
            (await dev.LabAsync("show", "-o", "value")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(0, (await dev.LabAsync("delay", "n3", "20ms")).Exit);
        Assert.Equal(0, (await dev.LabAsync("heal")).Exit);
        Assert.DoesNotContain("held", (await dev.LabAsync("show")).Out, StringComparison.Ordinal);
        Assert.Equal(0, (await dev.LabAsync("pause", "n1")).Exit);
        Assert.Contains("Paused: n1.", (await dev.LabAsync("show")).Out, StringComparison.Ordinal);
        Assert.Equal(0, (await dev.LabAsync("heal")).Exit);

        // A leader that stood still may have been followed by another, and for a moment by none.
        Ctl cut = await dev.LabAsync("cut", "leader");
        for (int tries = 0; cut.Exit == 5 && tries < 600; tries++)
        {
            await Task.Delay(100);
            cut = await dev.LabAsync("cut", "leader");
        }

        Assert.True(cut.Exit == 0, cut.Whole);
        Assert.Equal(0, (await dev.LabAsync("heal")).Exit);

        // Leadership by hand, on three nodes: any of them passes it on. One that has drained serves again after a restart only.
        Ctl moved = await dev.RunAsync("member", "transfer", "n3", "-o", "value");
        Assert.True(moved is { Exit: 0, Out: "n3\n" }, moved.Whole);
        Ctl drained = await dev.RunAsync("member", "drain", "n3", "-o", "json");
        Assert.True(drained.Exit == 0, drained.Whole);
        Assert.Contains("\"phase\": \"draining\"", drained.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("\"leader\": \"n3\"", drained.Out, StringComparison.Ordinal);
        Assert.Equal(1, (await dev.RunAsync("health")).Exit);
        Assert.Equal(2, (await dev.LabAsync("hold", "n9")).Exit);
        Assert.Equal(HttpStatusCode.BadRequest, await dev.PostWithoutTheHeaderAsync());
        Assert.Contains("--lab is no option here", await DevLabCluster.ServeWithLabAsync(), StringComparison.Ordinal);
    }

    private static async Task<string> SayAsync(TcpClient socket, string text)
    {
        try
        {
            NetworkStream stream = socket.GetStream();
            await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
            byte[] answer = new byte[64];
            int count = await stream.ReadAsync(answer);
            return Encoding.UTF8.GetString(answer, 0, count);
        }
        catch (IOException)
        {
            return "";
        }
    }
}
