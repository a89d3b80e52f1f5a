using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica;

namespace RaftKv.Core.Tests.Replica;

/// <summary>Ticks come before the messages of a round, or a voter's patience ends early (see ReplicaCore.Advance).</summary>
public sealed class RoundOrderTests
{
    private static readonly NodeId Self = new(2);
    private static readonly NodeId Leader = new(1);

    [Fact]
    public void A_tick_behind_a_message_of_its_round_stops_the_node()
    {
        Core.Replica.ReplicaCore replica = Start();
        replica.Receive(Beat());

        Assert.Throws<InvariantViolationException>(replica.Tick);
    }

    [Fact]
    public void Ticks_before_the_messages_and_in_the_next_round_are_taken()
    {
        Core.Replica.ReplicaCore replica = Start();
        replica.Tick();
        replica.Tick();
        replica.Receive(Beat());
        replica.TakeEffects();

        replica.Tick();

        Assert.Equal(Leader, replica.Leader);
    }

    private static Core.Replica.ReplicaCore Start() => new(
        new ReplicaOptions { Self = Self, InitialMembership = new Membership([Leader, Self, new NodeId(3)]), Seed = 1, Incarnation = 9 },
        RecoveredState.Fresh());

    private static Heartbeat Beat() => new(Leader, Self, new Term(1), LogIndex.Zero, 0);
}
