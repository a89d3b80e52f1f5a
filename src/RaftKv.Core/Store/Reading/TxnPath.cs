using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Reading;

/// <summary>
/// Which list of a txn runs, and which of every txn nested in that list; chosen before the first write.
/// </summary>
internal sealed class TxnPath
{
    private readonly TxnPath?[]? _nested;

    private TxnPath(bool isSucceeded, IReadOnlyList<KvOp> ops, TxnPath?[]? nested)
    {
        IsSucceeded = isSucceeded;
        Ops = ops;
        _nested = nested;
    }

    /// <summary>True when every compare held.</summary>
    public bool IsSucceeded { get; }

    /// <summary>What runs.</summary>
    public IReadOnlyList<KvOp> Ops { get; }

    /// <summary>The path of the nested txn at a place in <see cref="Ops"/>; null for any other operation.</summary>
    public TxnPath? Nested(int index) => _nested?[index];

    /// <summary>Chooses by the state before the command, for nested txns too (etcd's compareToPath).</summary>
    public static TxnPath Choose(KeyTreeNode root, TxnOp txn)
    {
        bool isSucceeded = true;
        for (int i = 0; i < txn.Compares.Count && isSucceeded; i++)
        {
            isSucceeded = CompareEvaluator.IsTrue(root, txn.Compares[i]);
        }

        IReadOnlyList<KvOp> ops = isSucceeded ? txn.Then : txn.Else;
        TxnPath?[]? nested = null;
        for (int i = 0; i < ops.Count; i++)
        {
            if (ops[i] is TxnOp inner)
            {
                nested ??= new TxnPath?[ops.Count];
                nested[i] = Choose(root, inner);
            }
        }

        return new TxnPath(isSucceeded, ops, nested);
    }
}
