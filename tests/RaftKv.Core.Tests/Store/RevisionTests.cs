using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>Revisions, versions and what raises them, as in etcd.</summary>
public sealed class RevisionTests
{
    private readonly StoreHarness _store = new(new MvccStore());

    [Fact]
    public void An_empty_store_is_at_revision_1_and_the_first_write_makes_2()
    {
        Assert.Equal(1, _store.Revision);
        CommandResult result = _store.Run(Put("a", "1"));
        Assert.Equal("Ok r2 current none put a=1(c2 m2 v1 l0) was none", Describe.Command(result));
        Assert.Equal(2, _store.Revision);
    }

    [Fact]
    public void A_put_of_an_equal_value_is_a_revision_and_a_version()
    {
        _store.Run(Put("a", "1"));
        CommandResult result = _store.Run(Put("a", "1", wantsPrevious: true));
        Assert.Equal("Ok r3 current none put a=1(c2 m3 v2 l0) was a=1(c2 m2 v1 l0)", Describe.Command(result));
    }

    [Fact]
    public void Deleting_nothing_raises_no_revision()
    {
        _store.Run(Put("a", "1"));
        Assert.Equal("Ok r2 current none delete 0 []", Describe.Command(_store.Run(Delete("b"))));
        _store.Run(Delete("a"));
        Assert.Equal("Ok r3 current none delete 0 []", Describe.Command(_store.Run(Delete("a"))));
    }

    [Fact]
    public void A_key_that_comes_back_after_a_delete_starts_at_version_1_with_a_new_create_revision()
    {
        _store.Run(Put("a", "1"));
        _store.Run(Put("a", "2"));
        Assert.Equal("Ok r4 current none delete 1 [a=2(c2 m3 v2 l0)]", Describe.Command(_store.Run(Delete("a"))));
        Assert.Equal("Ok r5 current none put a=3(c5 m5 v1 l0) was none", Describe.Command(_store.Run(Put("a", "3", wantsPrevious: true))));
    }

    [Fact]
    public void A_delete_of_many_keys_is_one_revision_in_key_order()
    {
        _store.Run(Put("p/b", "2"));
        _store.Run(Put("p/a", "1"));
        _store.Run(Put("q", "3"));
        Assert.Equal(
            "Ok r5 current none delete 2 [p/a=1(c3 m3 v1 l0), p/b=2(c2 m2 v1 l0)]", Describe.Command(_store.Run(DeletePrefix("p/"))));
        Assert.Equal(1, _store.View.KeyCount);
    }

    [Fact]
    public void Entries_without_a_command_move_the_index_and_nothing_else()
    {
        _store.Run(Put("a", "1"));
        ulong hash = _store.View.StateHash;
        _store.Skip();
        Assert.Equal(2, _store.View.AppliedIndex.Value);
        Assert.Equal(2, _store.Revision);
        Assert.Equal(hash, _store.View.StateHash);
    }

    [Fact]
    public void An_entry_out_of_turn_stops_the_store()
    {
        Assert.Throws<InvariantViolationException>(() => _store.Store.Skip(new LogIndex(2)));
        _store.Skip();
        Assert.Throws<InvariantViolationException>(() => _store.Store.Skip(new LogIndex(1)));
    }

    [Fact]
    public void A_put_with_a_lease_that_does_not_exist_is_refused()
    {
        CommandResult result = _store.Run(new PutOp(Bytes("a"), Bytes("1"), new LeaseId(7)));
        Assert.Equal("LeaseNotFound r1 current none no result", Describe.Command(result));
        Assert.Equal(0, _store.View.KeyCount);
    }

    [Fact]
    public void A_put_that_keeps_the_value_or_the_lease_needs_the_key()
    {
        Assert.Equal(CommandStatus.KeyNotFound, _store.Run(new PutOp(Bytes("a"), default, KeepsValue: true)).Status);
        Assert.Equal(CommandStatus.KeyNotFound, _store.Run(new PutOp(Bytes("a"), Bytes("1"), KeepsLease: true)).Status);
        _store.Run(Put("a", "1"));
        CommandResult kept = _store.Run(new PutOp(Bytes("a"), default, KeepsValue: true, KeepsLease: true));
        Assert.Equal("Ok r3 current none put a=1(c2 m3 v2 l0) was none", Describe.Command(kept));
        _store.Run(Delete("a"));
        Assert.Equal(CommandStatus.KeyNotFound, _store.Run(new PutOp(Bytes("a"), default, KeepsValue: true)).Status);
    }

    [Fact]
    public void A_guard_that_fails_changes_nothing_and_answers_with_the_present_pair()
    {
        _store.Run(Put("a", "1"));
        Compare isMissing = If("a", CompareTarget.Version, CompareOperator.Equal, 0);
        Assert.Equal("GuardFailed r2 current a=1(c2 m2 v1 l0) no result", Describe.Command(_store.Run(Put("a", "2"), isMissing)));
        Compare isAtTwo = If("a", CompareTarget.ModRevision, CompareOperator.Equal, 2);
        Assert.Equal(CommandStatus.Ok, _store.Run(Put("a", "2"), isAtTwo).Status);
        Assert.Equal("GuardFailed r3 current none no result", Describe.Command(
            _store.Run(Put("b", "2"), If("b", CompareTarget.Version, CompareOperator.Greater, 0))));
    }

    [Fact]
    public void A_published_view_does_not_change_and_an_unpublished_write_is_not_seen()
    {
        _store.Run(Put("a", "1"));
        StoreView view = _store.View;
        _store.Run(Put("a", "2"));
        _store.Run(Put("b", "2"));
        Assert.Same(view, _store.Store.View);
        Assert.Equal("1", Text(view.Get(Bytes("a").Span)!.Value));
        Assert.Null(view.Get(Bytes("b").Span));
        Assert.Single(view.History(Bytes("a").Span, 0));
        Assert.NotSame(view, _store.View);
        Assert.Equal("2", _store.Value("a"));
        Assert.Same(_store.View, _store.View);
    }
}
