using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Core.Tests.Store;

/// <summary>A txn that only reads gives the same on a view as through the log.</summary>
public sealed class ReadOnlyTxnTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void On_the_same_state_the_view_answers_as_the_log_does(ulong seed)
    {
        var random = new DeterministicRandom(seed);
        var commands = new RandomCommands(random, keyCount: 7);
        var harness = new StoreHarness();
        int compared = 0;
        for (int i = 0; i < 4_000; i++)
        {
            KvCommand command = commands.Next(harness.Revision, harness.View.CompactedRevision.Value);
            if (command is MutateCommand { Guard: null, Op: TxnOp txn })
            {
                TxnOp reads = OnlyReads(txn);
                StoreView view = harness.View;
                CommandResult fromView = ReadOnlyTxn.Run(view, reads);
                CommandResult fromLog = harness.Run(reads);
                Assert.Equal(Describe(fromLog), Describe(fromView));
                compared++;
            }

            harness.Apply(command);
        }

        Assert.True(compared > 100, $"only {compared} txns met");
    }

    [Fact]
    public void Any_write_anywhere_makes_a_txn_more_than_a_read()
    {
        RangeOp read = StoreHarness.Read("k");
        Assert.True(ReadOnlyTxn.IsReadOnly(StoreHarness.Txn([], [read], read)));
        Assert.True(ReadOnlyTxn.IsReadOnly(StoreHarness.Txn([], [])));
        foreach (KvOp write in (KvOp[])[StoreHarness.Put("k", "v"), StoreHarness.Delete("k"), StoreHarness.Add("k", 1)])
        {
            Assert.False(ReadOnlyTxn.IsReadOnly(StoreHarness.Txn([], [read, write])));
            Assert.False(ReadOnlyTxn.IsReadOnly(StoreHarness.Txn([], [], write)));
            Assert.False(ReadOnlyTxn.IsReadOnly(StoreHarness.Txn([], [StoreHarness.Txn([], [], write)])));
        }
    }

    private static TxnOp OnlyReads(TxnOp txn) => new(txn.Compares, OnlyReads(txn.Then), OnlyReads(txn.Else));

    private static List<KvOp> OnlyReads(IReadOnlyList<KvOp> ops) =>
        [.. ops.Select(op => op is TxnOp nested ? OnlyReads(nested) : op as RangeOp ?? (KvOp)new RangeOp(new RangeRequest { Keys = KeyRange.All }))];

    private static string Describe(CommandResult result) => $"{result.Status} {result.Revision} {Describe(result.Result)}";

    private static string Describe(OpResult? result) => result switch
    {
        TxnResult txn => $"({txn.IsSucceeded}: {string.Join("; ", txn.Results.Select(Describe))})",
        RangeResult range => $"{range.Count}/{range.HasMore}[{string.Join(",", range.Pairs.Select(p => $"{StoreHarness.Text(p.Key)}={StoreHarness.Text(p.Value)}@{p.ModRevision}"))}]",
        null => "none",
        _ => throw new InvalidOperationException(result.ToString()),
    };
}
