using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>
/// Which txns write a key twice. Each case but the last was asked of a real etcd 3.4 and got the same answer.
/// </summary>
public sealed class DuplicateKeyTests
{
    private static readonly Dictionary<string, (KvOp[] Then, bool IsDuplicate)> Cases = new()
    {
        ["put, put"] = ([Put("a", "1"), Put("a", "2")], true),
        ["put, put of two keys"] = ([Put("a", "1"), Put("b", "2")], false),
        ["put, increment"] = ([Put("a", "1"), Add("a", 1)], true),
        ["put, delete that covers it"] = ([Put("pa", "1"), DeletePrefix("p")], true),
        ["delete that covers it, put"] = ([DeletePrefix("p"), Put("pa", "1")], true),
        ["put, delete beside it"] = ([Put("pa", "1"), DeletePrefix("q")], false),
        ["delete, delete"] = ([Delete("a"), Delete("a"), DeletePrefix("a")], false),
        ["put in both lists of a nested txn"] = ([Txn([], [Put("q", "1")], Put("q", "2"))], false),
        ["put in one list, delete in the other"] = ([Txn([], [Put("q", "1")], Delete("q"))], false),
        ["put, nested delete"] = ([Put("q", "1"), Txn([], [Delete("q")])], true),
        ["delete, nested put in a list that does not run"] = ([Delete("q"), Txn([], [], Put("q", "1"))], true),
        ["put in two nested txns"] = ([Txn([], [Put("q", "1")]), Txn([], [], Put("q", "1"))], true),
        ["nested delete, nested put"] = ([Txn([], [Delete("q")]), Txn([], [Put("q", "1")])], true),
        ["duplicate in the list of a nested txn that does not run"] = ([Txn([], [], Put("a", "1"), Put("a", "1"))], true),

        // etcd 3.4 accepts this one and writes the key twice in one revision; here no key ever has two versions of one
        // revision.
        ["nested put, nested delete"] = ([Txn([], [Put("q", "1")]), Txn([], [Delete("q")])], true),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_txn_that_could_write_a_key_twice_is_refused_whichever_list_runs(string name)
    {
        (KvOp[] then, bool isDuplicate) = Cases[name];
        CommandStatus expected = isDuplicate ? CommandStatus.DuplicateKey : CommandStatus.Ok;
        foreach (TxnOp txn in new[] { Txn([], then), Txn([If("x", CompareTarget.Version, CompareOperator.Greater, 0)], [], then) })
        {
            StoreHarness store = new();
            ulong hash = store.View.StateHash;
            CommandResult result = store.Run(txn);
            Assert.Equal(expected, result.Status);
            Assert.True(result.Status == CommandStatus.Ok || store.View.StateHash == hash);
        }
    }

    [Fact]
    public void The_two_lists_of_the_outermost_txn_exclude_each_other()
    {
        Assert.Equal(CommandStatus.Ok, new StoreHarness().Run(Txn([], [Put("a", "1")], Put("a", "2"))).Status);
    }
}
