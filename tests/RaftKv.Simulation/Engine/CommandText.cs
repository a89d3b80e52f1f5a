using System.Text;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;

namespace RaftKv.Simulation.Engine;

/// <summary>Short, readable forms of what clients ask for.</summary>
internal static class CommandText
{
    public static string Of(KvCommand command)
    {
        string text = command switch
        {
            MutateCommand mutate => Of(mutate.Op) + (mutate.Guard is { } guard ? " if " + Of(guard) : ""),
            CompactCommand compact => $"compact to {compact.Revision}",
            GrantLeaseCommand grant => $"grant lease {grant.Id} for {grant.TtlMs} ms",
            RevokeLeaseCommand revoke => $"revoke lease {revoke.Id}",
            ExpireLeaseCommand expire => $"expire lease {expire.Id} as judged in term {expire.Term}",
            AdvanceTimeCommand advance => $"move time on by {advance.DeltaMs} ms",
            SetGuardCommand set => $"guard {Text(set.Prefix)}*",
            OpenSessionCommand open => $"open client session {open.Id}",
            CloseSessionCommand close => $"close client session {close.Id}",
            SetOnceLimitsCommand set => $"keep answers within {set.Limits}",
            RemoveGuardCommand remove => $"unguard {Text(remove.Prefix)}*",
            SetQuotaCommand set => $"quota {Text(set.Prefix)}* {set.Terms.MaxKeys} keys {set.Terms.MaxBytes} bytes",
            RemoveQuotaCommand remove => $"no quota {Text(remove.Prefix)}*",
            SetStoreQuotaCommand set => $"store quota {set.Bytes}{(set.IsSeed ? " as seed" : "")}",
            ReportBudgetCommand report => $"node {report.Node.Value} can hold {report.StoreBytes}",
            RaiseAlarmCommand raise => $"raise {raise.Kind} of node {raise.Node.Value} for {raise.Cause}",
            ClearAlarmCommand clear => $"clear {clear.Kind} of node {clear.Node.Value}",
            ChangeAccessCommand change => $"{change.Change.GetType().Name} by {Text(change.Principal)}",
            _ => command.GetType().Name,
        };
        foreach (Fence fence in command.Fences)
        {
            text += $" under {fence.Kind} {Text(fence.Name)} token {fence.Token}";
        }

        if (command.Session is { } stamp)
        {
            text += $" in client session {stamp.Id} as {stamp.Sequence}, done up to {stamp.AcknowledgedUpTo}";
        }

        return command.Idempotency is { } keyed ? $"{text} once by key {Convert.ToHexString(keyed.Key.Span)}" : text;
    }

    public static string Of(RangeRequest request) =>
        $"read {Of(request.Keys)}" + (request.Revision == Revision.Zero ? "" : $" at revision {request.Revision}");

    private static string Of(KvOp op) => op switch
    {
        PutOp put => $"put {Text(put.Key)}" + (put.Lease.IsNone ? "" : $" on lease {put.Lease}"),
        DeleteRangeOp delete => $"delete {Of(delete.Keys)}",
        RangeOp range => Of(range.Request),
        IncrementOp add => $"add {add.By} to {Text(add.Key)}",
        AcquireOp { IsTry: true } attempt => $"try {attempt.Kind} {Text(attempt.Name)} {attempt.Mode} on lease {attempt.Lease}",
        AcquireOp acquire => $"acquire {acquire.Kind} {Text(acquire.Name)} {acquire.Mode} on lease {acquire.Lease}",
        TxnOp txn => $"txn if {string.Join(" and ", txn.Compares.Select(Of))} then [{Of(txn.Then)}] else [{Of(txn.Else)}]",
        _ => op.GetType().Name,
    };

    private static string Of(IReadOnlyList<KvOp> ops) => string.Join(", ", ops.Select(Of));

    private static string Of(Compare compare) => compare.Target == CompareTarget.Value
        ? $"value of {Of(compare.Keys)} {compare.Operator} {Convert.ToHexString(compare.Value.Span)}"
        : $"{compare.Target} of {Of(compare.Keys)} {compare.Operator} {compare.Number}";

    private static string Of(KeyRange keys) => keys.Kind switch
    {
        KeyRangeKind.Single => Text(keys.Start),
        KeyRangeKind.Between => $"{Text(keys.Start)} to before {Text(keys.End)}",
        _ => $"{Text(keys.Start)} to the end",
    };

    private static string Text(ReadOnlyMemory<byte> bytes) => Encoding.Latin1.GetString(bytes.Span).Replace('\0', '|');
}
