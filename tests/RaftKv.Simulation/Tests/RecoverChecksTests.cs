using RaftKv.Core.Disk;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Disk;
using RaftKv.Simulation.Engine;
using RaftKv.Simulation.Running;

namespace RaftKv.Simulation.Tests;

/// <summary>
/// The checks of a survivor that goes on alone, each with what it must reject. Three entries are committed; the survivor has the first
/// two, and one of an earlier term in the third place.
/// </summary>
public sealed class RecoverChecksTests
{
    private static readonly LogEntry[] Committed = [Noop(1, 1), Noop(1, 2), Noop(3, 3)];
    private readonly SimulatedCluster _cluster = NewCluster();
    private readonly DurableState _durable = new();

    public RecoverChecksTests()
    {
        foreach (LogEntry entry in Committed)
        {
            _cluster.Observer.Committed.Add(entry);
        }

        _durable.Log.Put(Committed[0]);
        _durable.Log.Put(Committed[1]);
        _durable.Log.Put(Noop(2, 3));
    }

    [Fact]
    public void A_survivor_that_keeps_what_had_reached_it_passes_and_may_lose_what_had_not() =>
        RecoverChecks.CheckKept(Past.Committed(_cluster.Observer, 2), _durable, mostApplied: 2, [Id(1, 1), Id(1, 2), Id(3, 3)]);

    [Fact]
    public void What_was_acknowledged_and_synced_by_the_survivor_and_is_not_gone_on_from_is_seen() =>
        Fails("T16", () => RecoverChecks.CheckKept(Past.Committed(_cluster.Observer, 1), _durable, mostApplied: 0, [Id(1, 1), Id(1, 2)]));

    [Fact]
    public void What_the_survivor_had_applied_and_synced_and_is_not_gone_on_from_is_seen()
    {
        Fails("T16", () => RecoverChecks.CheckKept(Past.Committed(_cluster.Observer, 1), _durable, mostApplied: 2, []));

        // Applied, since a majority had it, and not synced here.
        RecoverChecks.CheckKept(Past.Committed(_cluster.Observer, 3), _durable, mostApplied: 4, []);
    }

    [Fact]
    public void A_survivor_beside_which_another_has_what_was_acknowledged_is_seen()
    {
        Past two = Past.Committed(_cluster.Observer, 2);
        Past three = Past.Committed(_cluster.Observer, 3);
        RecoverChecks.CheckFurthest(chosen: three, other: two, [Id(1, 2), Id(3, 3)]);
        RecoverChecks.CheckFurthest(chosen: two, other: three, [Id(1, 2)]);
        Fails("T16", () => RecoverChecks.CheckFurthest(chosen: two, other: three, [Id(1, 2), Id(3, 3)]));
    }

    [Fact]
    public void Of_several_the_latest_term_goes_before_the_longest_log()
    {
        Survivor longest = Survive(Committed[0], Committed[1], Noop(2, 3), Noop(2, 4));
        Survivor latest = Survive(Committed);
        Survivor chosen = RecoverPlan.Furthest([longest, latest]);
        Assert.Same(latest, chosen);
        RecoverChecks.CheckFurthest(chosen.Past, longest.Past, [Id(1, 2), Id(3, 3)]);
        Fails("T16", () => RecoverChecks.CheckFurthest(longest.Past, latest.Past, [Id(1, 2), Id(3, 3)]));
    }

    [Fact]
    public void A_survivor_that_names_other_members_than_its_log_is_seen()
    {
        Membership now = new([new NodeId(1), new NodeId(2)]);
        RecoverChecks.CheckMembers(now, now);
        Fails("T16", () => RecoverChecks.CheckMembers(new Membership([new NodeId(1), new NodeId(3)]), now));
    }

    [Fact]
    public void A_directory_of_before_that_is_taken_in_is_seen()
    {
        MemberOperator.DemandRefused(new ChangeAnswer(ChangeOutcome.Refused, ChangeProblem.Removed));
        Fails("R15", () => MemberOperator.DemandRefused(new ChangeAnswer(ChangeOutcome.Begun)));
    }

    [Fact]
    public void The_past_is_what_was_committed_and_behind_it_what_only_the_survivor_has()
    {
        var recovered = new RecoveredState(default, null, 0, new MvccStore(), EntryId.Zero, [Committed[0], Committed[1], Noop(2, 3)]);
        Past past = Past.OfSurvivor(_cluster.Observer, recovered, nowUs: 7);
        Assert.Equal((2, 3, 7), (past.OfFormer, past.Entries.Count, past.CommittedAtUs[^1]));
        Assert.True(past.Has(Id(2, 3)));
        Assert.False(past.Has(Id(3, 3)));
        Assert.Equal(Id(2, 3), Past.EndOf(recovered));
    }

    private Survivor Survive(params LogEntry[] log)
    {
        var recovered = new RecoveredState(default, null, 0, new MvccStore(), EntryId.Zero, log);
        SurvivorState state = SurvivorState.After(new MvccStore(), _cluster.Membership, log[^1].Id, log);
        return new Survivor(_cluster, _cluster.Nodes[0], state, Past.OfSurvivor(_cluster.Observer, recovered, nowUs: 7));
    }

    private static SimulatedCluster NewCluster()
    {
        var profile = new SwarmProfile(new DeterministicRandom(1), voterCount: 3);
        profile.MakeCalm();
        return new SimulatedCluster(1, profile, new DeterministicRandom(1));
    }

    private static EntryId Id(long term, long index) => new(new Term(term), new LogIndex(index));

    private static LogEntry Noop(long term, long index) => new(Id(term, index), EntryKind.Noop, index == 1 ? new byte[] { 1 } : default);

    private static void Fails(string rule, Action check) => Assert.Equal(rule, Assert.Throws<SimulationViolationException>(check).Rule);
}
