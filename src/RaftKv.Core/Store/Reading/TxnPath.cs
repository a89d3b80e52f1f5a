using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Reading;

/// <summary>
/// Which list of a txn runs, and which of every txn nested in that list; chosen before the first write.
/// </summary>
internal sealed class TxnPath(bool isSucceeded, IReadOnlyList<KvOp> ops, TxnPath?[]? nested)
{
    /// <summary>True when every compare held.</summary>
    public bool IsSucceeded { get; } = isSucceeded;

    /// <summary>What runs.</summary>
    public IReadOnlyList<KvOp> Ops { get; } = ops;

    /// <summary>The path of the nested txn at a place in <see cref="Ops"/>; null for any other operation.</summary>
    public TxnPath? Nested(int index) => nested?[index];

    /// <summary>Chooses by the state before the command, all at once.</summary>
    public static TxnPath Choose(KeyTreeNode root, TxnOp txn) => new TxnPathChooser(root, txn).Step(meter: null)!;

    /// <summary>Adds what runs, that of nested txns in its place, in order.</summary>
    public void CollectLeaves(List<KvOp> into)
    {
        for (int i = 0; i < Ops.Count; i++)
        {
            if (Nested(i) is { } inner)
            {
                inner.CollectLeaves(into);
            }
            else
            {
                into.Add(Ops[i]);
            }
        }
    }

    /// <summary>The answer, from those of the leaves in their order.</summary>
    public TxnResult Assemble(IReadOnlyList<OpResult> leaves, ref int next)
    {
        List<OpResult> results = new(Ops.Count);
        for (int i = 0; i < Ops.Count; i++)
        {
            results.Add(Nested(i) is { } inner ? inner.Assemble(leaves, ref next) : leaves[next++]);
        }

        return new TxnResult(IsSucceeded, results);
    }
}
