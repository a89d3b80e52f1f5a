using RaftKv.Core.Store.History;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Once;

/// <summary>
/// 64 bits that name an answer which is too large to keep. A pair is taken by its mod revision and its place in it, which
/// name one version for ever, so that no value is read. Replicated: changing anything here is a change of the format.
/// </summary>
internal static class AnswerDigest
{
    public static ulong Of(CommandResult result)
    {
        ulong digest = StateHasher.Absorb(0, (ulong)result.Status);
        digest = StateHasher.Absorb(digest, (ulong)result.Revision.Value);
        return StateHasher.Finish(Absorb(digest, result.Result));
    }

    private static ulong Absorb(ulong digest, OpResult? result)
    {
        switch (result)
        {
            case PutResult put:
                return Absorb(Absorb(digest, put.Written), put.Previous);
            case DeleteRangeResult delete:
                return Absorb(StateHasher.Absorb(digest, (ulong)delete.DeletedCount), delete.Previous);
            case RangeResult range:
                return Absorb(StateHasher.Absorb(digest, (ulong)range.Count), range.Pairs);
            case TxnResult txn:
                digest = StateHasher.Absorb(digest, txn.IsSucceeded ? 1UL : 0UL);
                for (int i = 0; i < txn.Results.Count; i++)
                {
                    digest = Absorb(digest, txn.Results[i]);
                }

                return digest;
            case AcquireResult acquire:
                return Absorb(digest, acquire.Entry);
            default:
                // Nothing of the other kinds is ever too large.
                return digest;
        }
    }

    private static ulong Absorb(ulong digest, IReadOnlyList<KeyValue> pairs)
    {
        for (int i = 0; i < pairs.Count; i++)
        {
            digest = Absorb(digest, pairs[i]);
        }

        return digest;
    }

    private static ulong Absorb(ulong digest, KeyValue? pair) => pair is null
        ? StateHasher.Absorb(digest, 0)
        : StateHasher.Absorb(StateHasher.Absorb(digest, (ulong)pair.ModRevision.Value), (ulong)pair.Sub);
}
