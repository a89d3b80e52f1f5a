using RaftKv.Core.Messages;
using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Messages;

using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Raft;

/// <summary>A host that rests between the ticks at which something falls due does the same things at the same ticks.</summary>
public sealed class RestTests
{
    private const int ElectionTimeout = RaftTestNode.ElectionTimeoutTicks;
    private const int Heartbeat = RaftTestNode.HeartbeatTicks;

    private static readonly RaftOptions SlowHeart = RaftTestNode.DefaultOptions with { HeartbeatTicks = 7 };

    [Fact]
    public void A_node_without_a_leader_asks_at_the_same_ticks()
    {
        IReadOnlyList<string> awake = Told(Alone(), 6 * ElectionTimeout, rests: false, out int rounds);
        IReadOnlyList<string> resting = Told(Alone(), 6 * ElectionTimeout, rests: true, out int fewer);

        Assert.NotEmpty(awake);
        Assert.Equal(awake, resting);
        Assert.True(fewer < rounds, $"{fewer} rounds of {rounds}");
    }

    [Fact]
    public void A_leader_beats_and_steps_down_at_the_same_ticks()
    {
        IReadOnlyList<string> awake = Told(Leader(), 4 * ElectionTimeout, rests: false, out int rounds);
        IReadOnlyList<string> resting = Told(Leader(), 4 * ElectionTimeout, rests: true, out int fewer);

        Assert.Contains(awake, static text => text.Contains(nameof(Heartbeat), StringComparison.Ordinal));
        Assert.Contains(awake, static text => text.Contains(nameof(VoteRequest), StringComparison.Ordinal));
        Assert.Equal(awake, resting);
        Assert.True(fewer < rounds, $"{fewer} rounds of {rounds}");
    }

    [Fact]
    public void Nobody_rests_while_something_is_on_its_way_to_the_disk()
    {
        RaftTestNode node = Leader();
        Assert.True(node.Raft.RestTicks > 1);

        node.IsDiskHeld = true;
        node.Raft.Propose(Entry(1, 2).Payload, out _);
        Assert.Equal(1, node.Raft.RestTicks);
        node.Drain();
        Assert.Equal(1, node.Raft.RestTicks);
        node.SyncAll();

        Assert.True(node.Raft.RestTicks > 1);
    }

    [Fact]
    public void Nobody_rests_for_longer_than_a_heartbeat()
    {
        var node = new RaftTestNode(1, Voters(1, 2, 3), term: 2);
        node.Receive(new Heartbeat(N(2), N(1), T(2), default, ReadRound: 0));

        Assert.Equal(Heartbeat, node.Raft.RestTicks);
    }

    private static RaftTestNode Alone() => new(1, Voters(1, 2, 3), [1], term: 1, options: SlowHeart);

    private static RaftTestNode Leader()
    {
        var cluster = new RaftTestCluster(3, options: SlowHeart);
        cluster.Elect(1);
        return cluster.Node(1);
    }

    private static List<string> Told(RaftTestNode node, int ticks, bool rests, out int rounds)
    {
        var told = new List<string>();
        rounds = 0;
        for (int tick = 0; tick < ticks; rounds++)
        {
            int rest = rests ? Math.Min(node.Raft.RestTicks, ticks - tick) : 1;
            for (int i = 0; i < rest; i++)
            {
                node.Raft.Tick();
            }

            tick += rest;
            told.AddRange(node.Drain().Select(message => $"{tick} {message}"));
        }

        return told;
    }
}
