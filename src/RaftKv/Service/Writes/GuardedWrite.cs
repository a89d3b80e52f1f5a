using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Service.Writes;

/// <summary>
/// A write of one key under conditions as one replicated command, so that check and write are one step. One condition
/// is a guard; several become a chain of txns: each alternative is tried in turn, and the last "else" reads the key for
/// the answer.
/// </summary>
internal static class GuardedWrite
{
    /// <summary>The command that runs the operation if any alternative holds (or there is none) and every exclusion does.</summary>
    public static MutateCommand Build(ReadOnlyMemory<byte> key, KvOp op, List<Compare> alternatives, List<Compare> exclusions)
    {
        if (alternatives.Count + exclusions.Count <= 1)
        {
            return new MutateCommand(op, alternatives.Count == 1 ? alternatives[0] : exclusions.Count == 1 ? exclusions[0] : null);
        }

        KvOp otherwise = new RangeOp(new RangeRequest { Keys = KeyRange.Single(key), IsKeysOnly = true });
        if (alternatives.Count == 0)
        {
            return new MutateCommand(new TxnOp(exclusions, [op], [otherwise]));
        }

        for (int i = alternatives.Count - 1; i >= 0; i--)
        {
            otherwise = new TxnOp([alternatives[i], .. exclusions], [op], [otherwise]);
        }

        return new MutateCommand(otherwise);
    }

    /// <summary>Finds the operation's own result in the answer to a command of <see cref="Build"/>.</summary>
    /// <returns>The result; null when the conditions did not hold, with the pair as it is (null when
    /// missing).</returns>
    public static OpResult? Unwrap(CommandResult result, out KeyValue? current)
    {
        current = result.Current;
        OpResult? inner = result.Status == CommandStatus.Ok ? result.Result : null;
        while (inner is TxnResult txn)
        {
            inner = txn.Results[0];
            if (!txn.IsSucceeded && inner is RangeResult range)
            {
                current = range.Pairs.Count == 1 ? range.Pairs[0] : null;
                return null;
            }
        }

        return inner;
    }
}
