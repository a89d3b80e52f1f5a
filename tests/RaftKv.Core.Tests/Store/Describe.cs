using System.Text;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Tests.Store;

/// <summary>Answers and views as text, so that two can be compared in full and a difference can be read.</summary>
internal static class Describe
{
    public static string Pair(KeyValue? pair) => pair is null
        ? "none"
        : $"{StoreHarness.Text(pair.Key)}={StoreHarness.Text(pair.Value)}" +
            $"(c{pair.CreateRevision} m{pair.ModRevision} v{pair.Version} l{pair.Lease}" +
            $"{(pair.DeleteReason == DeleteReason.Deleted ? "" : $" {pair.DeleteReason}")})";

    public static string Pairs(IEnumerable<KeyValue> pairs) => "[" + string.Join(", ", pairs.Select(Pair)) + "]";

    public static string Command(CommandResult result) =>
        $"{result.Status}{(result.IsReplayed ? " replayed" : "")} r{result.Revision} current {Pair(result.Current)} {Op(result.Result)}";

    /// <summary>What is left of an answer for its repeats: without what the client sent itself.</summary>
    public static string Kept(CommandResult first)
    {
        byte[] bytes = new byte[CommandResultCodec.SizeOf(first)];
        CommandResultCodec.Encode(first, bytes);
        Assert.True(CommandResultCodec.TryDecode(bytes, out CommandResult? kept));
        return Command(kept! with { IsReplayed = true });
    }

    public static string Op(OpResult? result) => result switch
    {
        null => "no result",
        PutResult put => $"put {Pair(put.Written)} was {Pair(put.Previous)}",
        DeleteRangeResult delete => $"delete {delete.DeletedCount} {Pairs(delete.Previous)}",
        RangeResult range => $"range {range.Status} {Pairs(range.Pairs)} more {range.HasMore} count {range.Count}",
        IncrementResult increment => $"increment {increment.Value} {Pair(increment.Written)}",
        TxnResult txn => $"txn {txn.IsSucceeded} {{{string.Join("; ", txn.Results.Select(Op))}}}",
        LeaseGrantedResult granted => $"granted {granted.Id} {granted.TtlMs}",
        LeaseEndedResult ended => $"ended {ended.Id} {ended.DeletedCount}",
        AcquireResult acquire => $"acquired {Pair(acquire.Entry)} {acquire.IsHolder} {acquire.Position} {acquire.HolderCount}",
        _ => throw new ArgumentException(result.GetType().Name),
    };

    /// <summary>Everything that a reader can see in a view.</summary>
    public static string View(StoreView view, IReadOnlyList<string> keys)
    {
        StringBuilder text = new();
        text.AppendLine($"r{view.Revision} c{view.CompactedRevision} i{view.AppliedIndex} keys {view.KeyCount} bytes {view.DataBytes} hash {view.StateHash:x16}");
        long first = Math.Max(view.CompactedRevision.Value - 1, 1);
        for (long revision = first; revision <= view.Revision.Value + 1; revision += Math.Max(1, (view.Revision.Value - first) / 6))
        {
            RangeResult all = view.Range(new RangeRequest { Keys = KeyRange.All, Revision = new Revision(revision) });
            text.AppendLine($"@{revision} {Op(all)}");
        }

        foreach (string key in keys)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(key);
            text.AppendLine($"{key}: {Pair(view.Get(bytes))} history {Pairs(view.History(bytes, 0))}");
        }

        List<KeyValue> changes = [];
        ReadStatus status = view.ReadChanges(view.CompactedRevision, int.MaxValue, changes, out Revision next);
        text.AppendLine($"changes {status} next {next} {Pairs(changes)}");
        return text.ToString();
    }
}
