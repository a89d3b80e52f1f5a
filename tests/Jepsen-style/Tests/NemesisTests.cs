using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Nemeses;
using RaftKv.JepsenStyle.Runs;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>Partitions have the shape that their name says; a slow way is slow; a fault that left no trace is missed.</summary>
public sealed class NemesisTests
{
    private static readonly string[] Three = ["n1", "n2", "n3"];
    private static readonly string[] Five = ["n1", "n2", "n3", "n4", "n5"];

    [Fact]
    public void Cutting_off_the_leader_leaves_it_alone_and_the_others_together()
    {
        HashSet<(string, string)> cut = PartitionShape.Cut("leader", Three, "n2", new Random(1));

        Assert.Equal([("n1", "n2"), ("n2", "n1"), ("n2", "n3"), ("n3", "n2")], cut.Order());
    }

    [Fact]
    public void A_majority_partition_leaves_a_majority_together()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            int[] sizes = [.. Groups(Five, PartitionShape.Cut("majority", Five, "n1", new Random(seed))).Order()];
            Assert.Equal([2, 3], sizes);
        }
    }

    [Fact]
    public void In_a_ring_of_five_everyone_sees_another_majority()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            HashSet<(string From, string To)> cut = PartitionShape.Cut("ring", Five, "n1", new Random(seed));
            string[] seen = [.. Five.Select(a => string.Concat(Five.Where(b => a == b || (!cut.Contains((a, b)) && !cut.Contains((b, a))))))];
            Assert.All(seen, s => Assert.Equal(3 * 2, s.Length));
            Assert.Equal(5, seen.Distinct().Count());
        }
    }

    [Fact]
    public void In_a_ring_of_three_everyone_reaches_one_and_hears_the_other()
    {
        HashSet<(string From, string To)> cut = PartitionShape.Cut("ring", Three, "n1", new Random(3));

        Assert.Equal(3, cut.Count);
        Assert.All(Three, node => Assert.Single(cut, edge => edge.From == node));
        Assert.All(Three, node => Assert.Single(cut, edge => edge.To == node));
        Assert.All(cut, edge => Assert.DoesNotContain((edge.To, edge.From), cut));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    public void Over_a_bridge_one_node_sees_all_and_the_halves_do_not_see_each_other(int count)
    {
        string[] names = Five[..count];
        HashSet<(string From, string To)> cut = PartitionShape.Cut("bridge", names, "n1", new Random(4));

        string bridge = Assert.Single(names, node => !cut.Any(edge => edge.From == node || edge.To == node));
        Assert.Equal(2, Groups([.. names.Where(node => node != bridge)], cut).Count);
    }

    [Fact]
    public void A_one_way_partition_cuts_one_direction_only()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            HashSet<(string From, string To)> cut = PartitionShape.Cut("one-way", Three, "n1", new Random(seed));
            Assert.Equal(2, cut.Count);
            Assert.All(cut, edge => Assert.DoesNotContain((edge.To, edge.From), cut));
        }
    }

    [Fact]
    public async Task A_slow_edge_delays_and_keeps_the_order()
    {
        using var listener = new TcpListener(IPAddress.Loopback, PortPool.Take());
        listener.Start();
        using var edge = new EdgeProxy("n1", "n2", PortPool.Take(), ((IPEndPoint)listener.LocalEndpoint).Port);
        using var near = new TcpClient();
        await near.ConnectAsync(IPAddress.Loopback, edge.Port);
        using TcpClient far = await listener.AcceptTcpClientAsync();
        byte[] buffer = new byte[1];

        edge.Slow(300);
        long start = Stopwatch.GetTimestamp();
        await near.GetStream().WriteAsync(new byte[] { 1 });
        while (edge.DelayedCount == 0)
        {
            await Task.Delay(5);
        }

        edge.Slow(0);
        await near.GetStream().WriteAsync(new byte[] { 2 });
        await far.GetStream().ReadExactlyAsync(buffer);

        // Never early is all that can be asserted of time; the second byte must not have overtaken the first.
        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(280));
        Assert.Equal(1, buffer[0]);
        await far.GetStream().ReadExactlyAsync(buffer);
        Assert.Equal(2, buffer[0]);
    }

    [Theory]
    [InlineData("partition-ring", "partition-ring", "nothing met the cut", "held back")]
    [InlineData("pause-cut", "pause-cut", "nothing met the cut", "held back")]
    [InlineData("slow", "slow", "held 0 for 40 ms", "slow way")]
    [InlineData("fsync-eio", "fsync-eio", "exit code 5", "failed sync")]
    [InlineData("corrupt", "kill", "too little written to damage", "nothing was damaged")]
    [InlineData("corrupt-stay", "kill", "too little written to damage", "nothing was damaged")]
    [InlineData("corrupt", "corrupt-flip", "wal at 8, exit code 4", "came back")]
    [InlineData("members", "kill", "turn 3", "came or went")]
    [InlineData("slow-disk", "kill", null, "slow")]
    [InlineData("clock", "clock", "off by up to 0 s", "clock")]
    [InlineData("admin", "compact", "503 up to 4", "administrator")]
    [InlineData("mix", "kill", null, "one kind")]
    public void A_fault_without_its_trace_is_not_covered(string nemesis, string name, string? detail, string because)
    {
        List<HistoryLine> lines = [new RunHeader("set", nemesis, 1, 1, 1), new FinalNode("n1", 0, 2, 3), new FaultEvent(name, "n1", 500, 1500, detail)];
        lines.AddRange(Enumerable.Range(0, 400).Select(i => HistoryBuilder.Write(i * 10, (i * 10) + 5, i)));

        Verdict verdict = CoverageChecker.Check(lines);

        Assert.Equal(Validity.Unknown, verdict.Validity);
        Assert.Contains(because, Assert.Single(verdict.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_name_on_the_command_line_makes_what_it_names()
    {
        Assert.All(Catalogue.WorkloadNames, name => Assert.Equal(name, Catalogue.Workload(name).Name));
        Assert.All(Catalogue.NemesisNames, name => Assert.Equal(name, Catalogue.Nemesis(name).Name));
        Assert.True(Catalogue.WorkloadNames.Count() >= 8 && Catalogue.NemesisNames.Count() >= 6);
    }

    /// <summary>Sizes of the groups of nodes that see each other both ways.</summary>
    private static List<int> Groups(IReadOnlyList<string> names, HashSet<(string From, string To)> cut)
    {
        var left = names.ToHashSet();
        var sizes = new List<int>();
        while (left.Count > 0)
        {
            var group = new HashSet<string> { left.First() };
            while (left.FirstOrDefault(n => !group.Contains(n) && group.Any(m => !cut.Contains((n, m)) && !cut.Contains((m, n)))) is { } next)
            {
                group.Add(next);
            }

            left.ExceptWith(group);
            sizes.Add(group.Count);
        }

        return sizes;
    }
}
