using RaftKv.Core.Driver;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Tests;

/// <summary>R16 of raises: a leader of three members, one of them a learner, and what it was told.</summary>
public sealed class VersionCheckerTests
{
    private static readonly NodeId Leader = new(1);
    private static readonly Membership Members = new([Leader, new NodeId(2)], null, [new NodeId(3)]);
    private readonly VersionChecker _checker = new(nodeCount: 3);

    [Fact]
    public void A_raise_to_what_every_member_has_said_passes_and_is_known()
    {
        Hear(Said(2, term: 4, version: 5), Said(3, term: 4, version: 5));
        Raise(term: 4, version: 5, own: 5);
        Assert.Equal(5, _checker.Highest.Value);
    }

    [Fact]
    public void A_raise_that_a_learner_has_not_allowed_is_seen()
    {
        Hear(Said(2, term: 4, version: 5));
        Fails(() => Raise(term: 4, version: 5, own: 5));
        Hear(Said(3, term: 4, version: 4));
        Fails(() => Raise(term: 4, version: 5, own: 5));
    }

    [Fact]
    public void A_raise_by_what_was_said_in_another_term_is_seen()
    {
        Hear(Said(2, term: 4, version: 5), Said(3, term: 3, version: 5));
        Fails(() => Raise(term: 4, version: 5, own: 5));
    }

    [Fact]
    public void A_raise_after_a_member_has_gone_back_is_seen()
    {
        Hear(Said(2, term: 4, version: 5), Said(3, term: 4, version: 5));
        Hear(Said(2, term: 4, version: 3));
        Hear();
        Fails(() => Raise(term: 4, version: 5, own: 5));
    }

    [Fact]
    public void A_raise_beyond_the_leaders_own_build_is_seen()
    {
        Hear(Said(2, term: 4, version: 5), Said(3, term: 4, version: 5));
        Fails(() => Raise(term: 4, version: 5, own: 4));
    }

    [Fact]
    public void What_was_said_to_a_life_before_does_not_count()
    {
        Hear(Said(2, term: 4, version: 5), Said(3, term: 4, version: 5));
        _checker.Begun(0);
        Fails(() => Raise(term: 4, version: 5, own: 5));
    }

    [Fact]
    public void A_node_that_ends_as_too_old_where_nothing_was_raised_is_seen()
    {
        BuildOperator.DemandRaise(highest: new ClusterVersion(5), supported: new ClusterVersion(4));
        Fails(() => BuildOperator.DemandRaise(highest: new ClusterVersion(4), supported: new ClusterVersion(4)));
    }

    private static HeartbeatResponse Said(ulong from, long term, int version) =>
        new(new NodeId(from), Leader, new Term(term), ReadRound: 1) { Supported = new ClusterVersion(version) };

    private void Hear(params HeartbeatResponse[] answers) => _checker.Taken(0, [.. answers.Select(DriverInput.Of)]);

    private void Raise(long term, int version, int own)
    {
        byte[] command = KvCommandCodec.Encode(new SetClusterVersionCommand(new ClusterVersion(version)));
        byte[] payload = new byte[CommandEnvelope.HeaderBytes + command.Length];
        CommandEnvelope.Write(payload, Leader, 1, requestNumber: 0);
        command.CopyTo(payload.AsSpan(CommandEnvelope.HeaderBytes));
        var entry = new LogEntry(new EntryId(new Term(term), new LogIndex(7)), EntryKind.Command, payload);
        _checker.Proposed(0, entry, Leader, new ClusterVersion(own), Members);
    }

    private static void Fails(Action check) => Assert.Equal("R16", Assert.Throws<SimulationViolationException>(check).Rule);
}
