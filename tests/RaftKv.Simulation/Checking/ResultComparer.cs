using RaftKv.Core.Store;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Simulation.Checking;

/// <summary>Deep equality of answers: two nodes make different objects for the same pair.</summary>
internal static class ResultComparer
{
    public static bool AreSame(CommandResult a, CommandResult b) =>
        a.Status == b.Status && a.IsReplayed == b.IsReplayed && a.Revision == b.Revision && AreSame(a.Current, b.Current) && AreSame(a.Result, b.Result);

    /// <summary>
    /// True when the answer is the first one again. It leaves out the values of pairs that were written, which the client
    /// sent itself, and of a failed guard's pair.
    /// </summary>
    public static bool IsRepeatOf(CommandResult first, CommandResult repeat) => AreSame(
        first with { IsReplayed = false, Current = WithoutValue(first.Current), Result = WithoutValues(first.Result) },
        repeat with { IsReplayed = false, Current = WithoutValue(repeat.Current), Result = WithoutValues(repeat.Result) });

    private static OpResult? WithoutValues(OpResult? result) => result switch
    {
        PutResult put => put with { Written = WithoutValue(put.Written)! },
        AcquireResult acquire => acquire with { Entry = WithoutValue(acquire.Entry)! },
        TxnResult txn => new TxnResult(txn.IsSucceeded, [.. txn.Results.Select(static r => WithoutValues(r)!)]),
        _ => result,
    };

    private static KeyValue? WithoutValue(KeyValue? pair) => pair is null ? null : KeyValue.Of(
        VersionBytes.Copy(pair.KeySpan, default), pair.CreateRevision, pair.ModRevision, pair.Sub, pair.Version, pair.Lease,
        pair.DeleteReason);

    private static bool AreSame(OpResult? a, OpResult? b) => (a, b) switch
    {
        (null, null) => true,
        (PutResult x, PutResult y) => AreSame(x.Written, y.Written) && AreSame(x.Previous, y.Previous),
        (DeleteRangeResult x, DeleteRangeResult y) => x.DeletedCount == y.DeletedCount && AreSame(x.Previous, y.Previous),
        (RangeResult x, RangeResult y) => x.Status == y.Status && x.HasMore == y.HasMore && x.Count == y.Count && AreSame(x.Pairs, y.Pairs),
        (IncrementResult x, IncrementResult y) => x.Value == y.Value && AreSame(x.Written, y.Written),
        (TxnResult x, TxnResult y) => x.IsSucceeded == y.IsSucceeded && AreSame(x.Results, y.Results),
        (LeaseGrantedResult x, LeaseGrantedResult y) => x == y,
        (LeaseEndedResult x, LeaseEndedResult y) => x == y,
        (AcquireResult x, AcquireResult y) => x.IsHolder == y.IsHolder && x.Position == y.Position
            && x.HolderCount == y.HolderCount && AreSame(x.Entry, y.Entry),
        (QuotaExceededResult x, QuotaExceededResult y) => x.Terms == y.Terms && x.Use == y.Use
            && x.Prefix.Span.SequenceEqual(y.Prefix.Span),
        (AccessDeniedResult x, AccessDeniedResult y) => x.Rights == y.Rights && x.Operations == y.Operations,
        _ => false,
    };

    private static bool AreSame(IReadOnlyList<OpResult> a, IReadOnlyList<OpResult> b)
    {
        bool same = a.Count == b.Count;
        for (int i = 0; same && i < a.Count; i++)
        {
            same = AreSame(a[i], b[i]);
        }

        return same;
    }

    private static bool AreSame(IReadOnlyList<KeyValue> a, IReadOnlyList<KeyValue> b)
    {
        bool same = a.Count == b.Count;
        for (int i = 0; same && i < a.Count; i++)
        {
            same = AreSame(a[i], b[i]);
        }

        return same;
    }

    private static bool AreSame(KeyValue? a, KeyValue? b)
    {
        if (a is null || b is null)
        {
            return a is null && b is null;
        }

        return ReferenceEquals(a, b)
            || (a.ModRevision == b.ModRevision && a.CreateRevision == b.CreateRevision && a.Version == b.Version && a.Lease == b.Lease && a.DeleteReason == b.DeleteReason
                && a.Key.Span.SequenceEqual(b.Key.Span) && a.Value.Span.SequenceEqual(b.Value.Span));
    }
}
