using RaftKv.Core.Store;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Simulation.Clients;

/// <summary>What one client saw last: what it bases its next conditional write on.</summary>
internal sealed class ClientMemory
{
    public long Revision { get; private set; } = 1;

    public long[] ModRevisions { get; } = new long[Keys.Count];

    public byte[]?[] Values { get; } = new byte[]?[Keys.Count];

    public void Saw(Revision revision) => Revision = Math.Max(Revision, revision.Value);

    public void Saw(KeyValue? pair)
    {
        if (pair is null)
        {
            return;
        }

        if (!Keys.IsOne(pair.Key.Span))
        {
            return;
        }

        int key = Keys.IndexOf(pair.Key.Span);
        ModRevisions[key] = pair.ModRevision.Value;
        Values[key] = pair.Value.ToArray();
    }

    public void SawMissing(int key)
    {
        ModRevisions[key] = 0;
        Values[key] = null;
    }

    public void Saw(CommandResult result)
    {
        Saw(result.Revision);
        Saw(result.Current);
        Saw(result.Result);
    }

    private void Saw(OpResult? result)
    {
        switch (result)
        {
            case PutResult put:
                Saw(put.Written);
                break;
            case IncrementResult increment:
                Saw(increment.Written);
                break;
            case RangeResult range:
                for (int i = 0; i < range.Pairs.Count; i++)
                {
                    Saw(range.Pairs[i]);
                }

                break;
            case TxnResult txn:
                for (int i = 0; i < txn.Results.Count; i++)
                {
                    Saw(txn.Results[i]);
                }

                break;
            default:
                break;
        }
    }
}
