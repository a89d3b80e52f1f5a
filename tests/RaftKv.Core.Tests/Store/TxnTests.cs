using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>Transactions: CORRECTNESS trap 5, checked against etcd 3.4.</summary>
public sealed class TxnTests
{
    private readonly StoreHarness _store = new();

    [Fact]
    public void A_txn_is_one_revision_and_later_operations_see_earlier_ones()
    {
        CommandResult result = _store.Run(Txn([], [Put("b", "2"), Read("b"), Put("a", "1"), DeletePrefix("c"), Read("a")]));
        Assert.Equal(
            "Ok r2 current none txn True {put b=2(c2 m2 v1 l0) was none; range Ok [b=2(c2 m2 v1 l0)] more False count 1; " +
            "put a=1(c2 m2 v1 l0) was none; delete 0 []; range Ok [a=1(c2 m2 v1 l0)] more False count 1}", Describe.Command(result));
    }

    [Fact]
    public void Changes_of_one_txn_keep_the_order_of_its_writes()
    {
        _store.Run(Put("z", "0"));
        _store.Run(Txn([], [Put("c", "1"), Put("a", "2"), Delete("z"), Put("b", "3")]));
        List<KeyValue> changes = [];
        Assert.Equal(ReadStatus.Ok, _store.View.ReadChanges(new Revision(3), 1, changes, out Revision next));
        Assert.Equal(["c", "a", "z", "b"], changes.Select(change => Text(change.Key)));
        Assert.Equal(4, next.Value);
    }

    [Fact]
    public void A_txn_that_only_reads_raises_no_revision()
    {
        _store.Run(Put("a", "1"));
        Assert.Equal(2, _store.Run(Txn([IfValue("a", CompareOperator.Equal, "1")], [Read("a")])).Revision.Value);
        Assert.Equal(2, _store.Run(Txn([], [Delete("none")])).Revision.Value);
        Assert.Equal(2, _store.Run(Txn([], [])).Revision.Value);
    }

    [Fact]
    public void The_else_list_runs_when_one_compare_fails()
    {
        _store.Run(Put("a", "1"));
        CommandResult result = _store.Run(Txn(
            [IfValue("a", CompareOperator.Equal, "1"), IfValue("a", CompareOperator.Equal, "2")], [Put("then", "x")], Put("else", "x")));
        Assert.Equal("Ok r3 current none txn False {put else=x(c3 m3 v1 l0) was none}", Describe.Command(result));
    }

    [Fact]
    public void Compares_of_nested_txns_see_the_state_before_the_outer_txn()
    {
        CommandResult result = _store.Run(Txn([], [
            Put("n", "1"),
            Txn([If("n", CompareTarget.Version, CompareOperator.Equal, 0)], [
                Put("saw", "the state before"),
                Txn([IfValue("saw", CompareOperator.Equal, "the state before")], [Put("x", "then")], Put("x", "else")),
            ]),
        ]));
        Assert.Equal(CommandStatus.Ok, result.Status);
        Assert.Equal("the state before", _store.Value("saw"));
        Assert.Equal("else", _store.Value("x"));
        Assert.Equal(2, _store.Revision);
    }

    [Fact]
    public void Any_operation_that_fails_leaves_nothing_behind_of_the_whole_txn()
    {
        _store.Run(Put("text", "x"));
        ulong hash = _store.View.StateHash;
        KvOp[] failing =
        [
            Add("text", 1),
            new PutOp(Bytes("k"), Bytes("v"), new LeaseId(5)),
            new PutOp(Bytes("missing"), default, KeepsValue: true),
            Read("a", revision: 3),
        ];
        CommandStatus[] expected =
            [CommandStatus.NotANumber, CommandStatus.LeaseNotFound, CommandStatus.KeyNotFound, CommandStatus.FutureRevision];
        for (int i = 0; i < failing.Length; i++)
        {
            CommandResult result = _store.Run(Txn([], [Put("first", "1"), DeletePrefix("other"), Read("first"), Txn([], [failing[i]])]));
            Assert.Equal(expected[i], result.Status);
            Assert.Null(result.Result);
            Assert.Equal(hash, _store.View.StateHash);
            Assert.Equal(2, _store.Revision);
            Assert.Null(_store.Value("first"));
        }
    }

    [Fact]
    public void An_operation_that_would_fail_in_the_list_that_does_not_run_is_no_matter()
    {
        Assert.Equal(CommandStatus.Ok, _store.Run(Txn([], [Put("a", "1")], Read("a", revision: 99))).Status);
    }

    [Fact]
    public void A_read_in_a_txn_at_the_revision_before_it_does_not_see_its_writes()
    {
        _store.Run(Put("a", "old"));
        CommandResult result = _store.Run(Txn([], [
            Put("a", "new"), Read("a", revision: 2),
            new RangeOp(new RangeRequest { Keys = KeyRange.All, Revision = new Revision(2) }),
            new RangeOp(new RangeRequest { Keys = KeyRange.All, Revision = new Revision(2), IsCountOnly = true }), Put("b", "2"),
            new RangeOp(new RangeRequest { Keys = KeyRange.All, Limit = 1 }),
        ]));
        Assert.Equal(
            "Ok r3 current none txn True {put a=new(c2 m3 v2 l0) was none; range Ok [a=old(c2 m2 v1 l0)] more False count 1; " +
            "range Ok [a=old(c2 m2 v1 l0)] more False count 1; range Ok [] more False count 1; put b=2(c3 m3 v1 l0) was none; " +
            "range Ok [a=new(c2 m3 v2 l0)] more True count 2}", Describe.Command(result));
        Assert.Equal(CommandStatus.FutureRevision, _store.Run(Txn([], [Put("a", "x"), Read("a", revision: 4)])).Status);
    }

    [Fact]
    public void A_read_in_a_txn_below_the_compacted_revision_fails_the_txn()
    {
        _store.Run(Put("a", "1"));
        _store.Run(Put("a", "2"));
        _store.Compact(3);
        Assert.Equal(CommandStatus.Compacted, _store.Run(Txn([], [Put("b", "1"), Read("a", revision: 2)])).Status);
        Assert.Null(_store.Value("b"));
    }
}
