using RaftKv.Core;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.Quotas;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Tests;

/// <summary>Q2: what the checker must let pass, and what it must not.</summary>
public sealed class RemovalCheckerTests
{
    private static readonly RemovalPicture Busy = new(
        new Revision(100), Left: 50, Versions: 90, Keys: 20, Window: 10, AtCompacted: 1, DataBytes: 1_000);

    private static readonly RemovalPicture Done = Busy with { Left = 0, Versions = 41 };

    [Fact]
    public void Work_that_shrinks_by_twice_what_was_written_passes()
    {
        RemovalChecker.Check(Busy, Busy with { Left = 44 }, changes: 3, slice: 0);
        RemovalChecker.Check(Busy, Done, changes: 25, slice: 0);
        RemovalChecker.Check(Busy, Done, changes: 0, slice: 1_024);
        RemovalChecker.Check(Busy, Busy, changes: 0, slice: 0);
        RemovalChecker.Check(Busy, Busy with { Compacted = new Revision(110), Left = 60 }, changes: 3, slice: 0);
    }

    [Fact]
    public void Entries_that_do_not_pay_and_slices_that_do_nothing_are_noticed()
    {
        Assert.Throws<SimulationViolationException>(() => RemovalChecker.Check(Busy, Busy with { Left = 47 }, changes: 3, slice: 0));
        Assert.Throws<SimulationViolationException>(() => RemovalChecker.Check(Busy, Busy, changes: 0, slice: 1_024));
    }

    [Fact]
    public void More_versions_than_keys_and_window_after_the_removal_are_noticed()
    {
        RemovalChecker.Check(Done, Done, changes: 0, slice: 0);
        Assert.Throws<SimulationViolationException>(() => RemovalChecker.Check(Done, Done with { Versions = 42 }, changes: 0, slice: 0));
    }

    [Fact]
    public void A_leader_that_compacts_into_the_window_is_noticed()
    {
        RemovalChecker.CheckWindow(new Revision(60), new Revision(100), kept: 40);
        Assert.Throws<SimulationViolationException>(() => RemovalChecker.CheckWindow(new Revision(61), new Revision(100), kept: 40));
    }

    [Fact]
    public void An_idle_cluster_that_was_not_compacted_is_not_at_rest()
    {
        StoreView view = new MvccStore().View;
        Assert.True(RemovalChecker.IsAtRest(view, AutoCompaction.Off, view.Revision));
        AutoCompaction periodic = new(AutoCompactionMode.Periodic, 1_000);
        Assert.True(RemovalChecker.IsAtRest(view, periodic, view.Revision));
        Assert.False(RemovalChecker.IsAtRest(view, periodic, new Revision(2)));
        AutoCompaction nothingKept = new(AutoCompactionMode.Revision, -1);
        Assert.False(RemovalChecker.IsAtRest(view, nothingKept, view.Revision));
    }

    [Fact]
    public void A_cluster_that_is_called_corrupt_need_not_be_compacted_but_what_was_begun_is_removed()
    {
        AutoCompaction periodic = new(AutoCompactionMode.Periodic, 1_000);
        MvccStore store = new();
        Apply(store, new SetClusterVersionCommand(GateTable.ThisBuild.SinceOf(FeatureGate.StoreQuota)));
        for (int i = 0; i < 100; i++)
        {
            Apply(store, new MutateCommand(new IncrementOp("hot"u8.ToArray(), 1)));
        }

        Apply(store, new CompactCommand(new Revision(store.View.Revision.Value - 1)));
        Apply(store, new RaiseAlarmCommand(AlarmKind.Corrupt, new NodeId(2), AlarmCause.Hand));
        Assert.True(store.View.IsCompacting);
        Assert.False(RemovalChecker.IsAtRest(store.View, periodic, store.View.Revision));
        while (store.View.IsCompacting)
        {
            Apply(store, new CompactSliceCommand());
        }

        Assert.True(RemovalChecker.IsAtRest(store.View, periodic, store.View.Revision));
        Apply(store, new ClearAlarmCommand(AlarmKind.Corrupt, new NodeId(2)));
        Assert.False(RemovalChecker.IsAtRest(store.View, periodic, store.View.Revision));
    }

    private static void Apply(MvccStore store, KvCommand command)
    {
        Assert.Equal(CommandStatus.Ok, store.Apply(store.AppliedIndex.Next, KvCommandCodec.Encode(command), new Term(1)).Status);
        store.Publish();
    }
}
