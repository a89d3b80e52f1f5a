using System.Globalization;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>Old revisions, the history of a key and the changes since a revision.</summary>
public sealed class HistoryTests
{
    private readonly StoreHarness _store = new();

    [Fact]
    public void Every_revision_since_the_start_can_be_read()
    {
        _store.Run(Put("a", "1"));
        _store.Run(Put("b", "1"));
        _store.Run(Delete("a"));
        _store.Run(Put("a", "2"));
        Assert.Equal([null, "1", "1", null, "2"], Enumerable.Range(1, 5).Select(revision => _store.ValueAt("a", revision)));
        Assert.Equal([null, null, "1", "1", "1"], Enumerable.Range(1, 5).Select(revision => _store.ValueAt("b", revision)));
        Assert.Equal(ReadStatus.FutureRevision, _store.StatusAt("a", 6));
    }

    [Fact]
    public void History_tells_newest_first_with_tombstones_and_a_limit()
    {
        _store.Run(Put("a", "1"));
        _store.Run(Delete("a"));
        _store.Run(Put("a", "2"));
        Assert.Equal(
            "[a=2(c4 m4 v1 l0), a=(c0 m3 v0 l0), a=1(c2 m2 v1 l0)]", Describe.Pairs(_store.View.History(Bytes("a").Span, 0)));
        Assert.Equal("[a=2(c4 m4 v1 l0), a=(c0 m3 v0 l0)]", Describe.Pairs(_store.View.History(Bytes("a").Span, 2)));
        Assert.Empty(_store.View.History(Bytes("b").Span, 0));
    }

    [Fact]
    public void A_key_written_thousands_of_times_is_read_right_at_each_revision()
    {
        for (int i = 0; i < 3000; i++)
        {
            _store.Run(Put("a", i.ToString(CultureInfo.InvariantCulture)));
        }

        for (int i = 0; i < 3000; i += 7)
        {
            Assert.Equal(i.ToString(CultureInfo.InvariantCulture), _store.ValueAt("a", i + 2));
        }

        Assert.Equal(3000, _store.View.History(Bytes("a").Span, 0).Count);
    }

    [Fact]
    public void Changes_come_in_whole_revisions_and_can_be_taken_up_where_they_were_left()
    {
        DeterministicRandom random = new(5);
        for (int i = 0; i < 400; i++)
        {
            _store.Run(Txn([], [.. Enumerable.Range(0, random.Next(1, 5)).Select(j => (KvOp)Put($"k{j}", $"{i}"))]));
        }

        List<KeyValue> all = [];
        Revision from = Revision.Initial;
        while (from <= _store.View.Revision)
        {
            List<KeyValue> some = [];
            Assert.Equal(ReadStatus.Ok, _store.View.ReadChanges(from, 7, some, out Revision next));
            Assert.True(next > from);
            Assert.All(some, change => Assert.InRange(change.ModRevision.Value, from.Value, next.Value - 1));
            all.AddRange(some);
            from = next;
        }

        List<KeyValue> atOnce = [];
        _store.View.ReadChanges(Revision.Initial, int.MaxValue, atOnce, out Revision end);
        Assert.Equal(Describe.Pairs(atOnce), Describe.Pairs(all));
        Assert.Equal(_store.View.Revision.Next, end);
        Assert.Equal(400, all.Select(change => change.ModRevision).Distinct().Count());
    }

    [Fact]
    public void Changes_from_the_future_are_none_and_from_a_compacted_revision_are_refused()
    {
        _store.Run(Put("a", "1"));
        _store.Run(Put("a", "2"));
        List<KeyValue> changes = [];
        Assert.Equal(ReadStatus.Ok, _store.View.ReadChanges(new Revision(9), 10, changes, out Revision next));
        Assert.Empty(changes);
        Assert.Equal(9, next.Value);
        _store.Compact(3);
        Assert.Equal(ReadStatus.Compacted, _store.View.ReadChanges(new Revision(2), 10, changes, out _));
        Assert.Empty(changes);
        Assert.Equal(ReadStatus.Ok, _store.View.ReadChanges(new Revision(3), 10, changes, out _));
        Assert.Equal("[a=2(c2 m3 v2 l0)]", Describe.Pairs(changes));
    }
}
