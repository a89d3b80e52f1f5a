using RaftKv.Core.Store.Reading;

namespace RaftKv.Service.Writes;

/// <summary>What a transaction did, as its results tell it.</summary>
internal static class TxnEffects
{
    /// <summary>True when some operation wrote, however deep.</summary>
    public static bool HasWritten(TxnResult txn)
    {
        foreach (OpResult result in txn.Results)
        {
            if (result is PutResult or IncrementResult or DeleteRangeResult { DeletedCount: > 0 }
                || (result is TxnResult nested && HasWritten(nested)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>True for a transaction whose compares were false and which wrote nothing: a condition that was not met.</summary>
    public static bool IsDeclined(CommandResult result) => result.Result is TxnResult { IsSucceeded: false } txn && !HasWritten(txn);
}
