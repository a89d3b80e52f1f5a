using System.Globalization;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>
/// KV compaction: CORRECTNESS traps 6 and 13, A9. What it refuses, what it keeps, and the pace of its physical work.
/// </summary>
public sealed class CompactionTests
{
    private readonly StoreHarness _store = new(new MvccStore());

    [Fact]
    public void Below_the_compacted_revision_is_compacted_at_it_is_readable_and_above_the_current_is_future()
    {
        _store.Run(Put("a", "1"));
        _store.Run(Put("a", "2"));
        _store.Run(Put("a", "3"));
        Assert.Equal("Ok r4 current none no result", Describe.Command(_store.Compact(3)));
        Assert.Equal(3, _store.View.CompactedRevision.Value);
        Assert.Equal(ReadStatus.Compacted, _store.StatusAt("a", 2));
        Assert.Equal("2", _store.ValueAt("a", 3));
        Assert.Equal("3", _store.ValueAt("a", 4));
        Assert.Equal("3", _store.ValueAt("a", 0));
        Assert.Equal(ReadStatus.FutureRevision, _store.StatusAt("a", 5));
        RangeRequest below = new() { Keys = KeyRange.All, Revision = new Revision(2) };
        Assert.Equal(ReadStatus.Compacted, _store.View.Range(below).Status);
        Assert.Equal(ReadStatus.FutureRevision, _store.View.Range(below with { Revision = new Revision(5) }).Status);
    }

    [Fact]
    public void Compacting_to_or_below_the_compacted_revision_is_compacted_and_beyond_the_current_is_future()
    {
        _store.Run(Put("a", "1"));
        Assert.Equal(CommandStatus.FutureRevision, _store.Compact(3).Status);
        Assert.Equal(CommandStatus.Compacted, _store.Compact(0).Status);
        Assert.Equal(CommandStatus.Ok, _store.Compact(2).Status);
        Assert.Equal(CommandStatus.Compacted, _store.Compact(2).Status);
        Assert.Equal(CommandStatus.Compacted, _store.Compact(1).Status);
        Assert.Equal(CommandStatus.FutureRevision, _store.Compact(3).Status);
        Assert.Equal("1", _store.Value("a"));
    }

    [Fact]
    public void The_latest_version_of_a_live_key_stays_however_old_it_is()
    {
        _store.Run(Put("old", "1"));
        for (int i = 0; i < 5; i++)
        {
            _store.Run(Put("new", i.ToString(CultureInfo.InvariantCulture)));
        }

        _store.Compact(7);
        _store.FinishCompaction();
        Assert.Equal("1", _store.ValueAt("old", 7));
        Assert.Equal("4", _store.Value("new"));
        Assert.Equal(2, _store.View.VersionCount);
        Assert.Equal("old1new4".Length, _store.View.DataBytes);
    }

    [Fact]
    public void A_tombstone_at_the_compaction_revision_stays_until_the_next_compaction()
    {
        _store.Run(Put("a", "1"));
        _store.Run(Delete("a"));
        _store.Compact(3);
        _store.FinishCompaction();
        Assert.Equal("[a=(c0 m3 v0 l0)]", Describe.Pairs(_store.View.History(Bytes("a").Span, 0)));
        List<KeyValue> changes = [];
        Assert.Equal(ReadStatus.Ok, _store.View.ReadChanges(new Revision(3), 1, changes, out _));
        Assert.Equal("[a=(c0 m3 v0 l0)]", Describe.Pairs(changes));
        Assert.Null(_store.ValueAt("a", 3));

        _store.Run(Put("b", "1"));
        _store.Compact(4);
        _store.FinishCompaction();
        Assert.Empty(_store.View.History(Bytes("a").Span, 0));
        Assert.Equal(1, _store.View.VersionCount);
        Assert.Equal(1, _store.View.KeyCount);
    }

    [Fact]
    public void A_tombstone_kept_in_the_middle_of_a_revision_goes_with_a_compaction_that_starts_before_the_first_ended()
    {
        const int Keys = (3 * Compactor.MaxVisitsPerEntry) + 5;
        for (int i = 0; i < Keys; i++)
        {
            _store.Run(Put($"k{i:d4}", "x"));
        }

        _store.Run(Put("stays", "x"));
        _store.Run(DeletePrefix("k"));
        long deletion = _store.Revision;
        _store.Compact(deletion);
        while (_store.View.Compaction.CursorRevision.Value < deletion || _store.View.Compaction.CursorSub == 0)
        {
            Assert.True(_store.View.IsCompacting);
            _store.Skip();
        }

        _store.Run(Put("other", "x"));
        Assert.True(_store.View.IsCompacting);
        _store.Compact(deletion + 1);
        _store.FinishCompaction();
        Assert.Equal(2, _store.View.VersionCount);
        Assert.Equal([], KeyTreeInvariants.FindBroken(_store.View.Root));
    }

    [Fact]
    public void Compaction_takes_effect_at_once_and_its_work_comes_in_bounded_slices_whatever_the_entries_are()
    {
        const int Writes = 10 * Compactor.MaxVisitsPerEntry;
        for (int i = 0; i < Writes; i++)
        {
            _store.Run(Put("hot", i.ToString(CultureInfo.InvariantCulture)));
        }

        _store.Compact(Writes + 1);
        StoreView view = _store.View;
        Assert.Equal(ReadStatus.Compacted, view.Get(Bytes("hot").Span, new Revision(Writes), out _));
        Assert.Single(view.History(Bytes("hot").Span, 0));
        Assert.True(view.IsCompacting);
        Assert.Equal(Writes - Compactor.MaxVisitsPerEntry + 1, view.VersionCount);
        _store.ApplyBytes([1, 99]);
        Assert.Equal(view.VersionCount - Compactor.MaxVisitsPerEntry, _store.View.VersionCount);
        _store.Skip();
        Assert.Equal(view.VersionCount - (2 * Compactor.MaxVisitsPerEntry), _store.View.VersionCount);
        Assert.Equal(7, _store.FinishCompaction());
        Assert.Equal(1, _store.View.VersionCount);
    }

    [Fact]
    public void A_slice_ends_early_when_it_has_dropped_many_bytes()
    {
        string large = new('x', 400_000);
        for (int i = 0; i < 10; i++)
        {
            _store.Run(Put("big", large));
        }

        _store.Compact(11);
        Assert.Equal(7, _store.View.VersionCount);
        Assert.True(_store.View.IsCompacting);
    }

    [Fact]
    public void A_view_from_before_a_compaction_still_reads_all_that_it_had()
    {
        for (int i = 0; i < 50; i++)
        {
            _store.Run(Put("a", i.ToString(CultureInfo.InvariantCulture)));
            _store.Run(i % 2 == 0 ? Put("b", "x") : Delete("b"));
        }

        StoreView before = _store.View;
        string expected = Describe.View(before, ["a", "b"]);
        _store.Compact(_store.Revision);
        _store.FinishCompaction();
        _store.Run(Put("a", "after"));
        Assert.Equal(expected, Describe.View(before, ["a", "b"]));
        Assert.Equal(ReadStatus.Ok, before.Get(Bytes("a").Span, new Revision(2), out KeyValue? first));
        Assert.Equal("0", Text(first!.Value));
    }

    [Fact]
    public void A_store_loaded_in_the_middle_of_a_compaction_goes_on_exactly_as_the_one_that_was_saved()
    {
        DeterministicRandom random = new(11);
        for (int i = 0; i < 500; i++)
        {
            string key = $"k{random.Next(60)}";
            _store.Run(random.Chance(300) ? Delete(key) : Put(key, i.ToString(CultureInfo.InvariantCulture)));
        }

        _store.Compact(_store.Revision - 20);
        StoreHarness loaded = new(Load(Snapshot(_store.View)));
        int entries = 0;
        while (_store.View.IsCompacting)
        {
            Assert.Equal(_store.View.StateHash, loaded.View.StateHash);
            _store.Skip();
            loaded.Skip();
            entries++;
            loaded = new StoreHarness(Load(Snapshot(loaded.View)));
        }

        Assert.True(entries > 5);
        Assert.Equal(_store.View.StateHash, loaded.View.StateHash);
        Assert.False(loaded.View.IsCompacting);
    }
}
