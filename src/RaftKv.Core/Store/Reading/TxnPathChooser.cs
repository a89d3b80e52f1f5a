using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Core.Store.Work;

namespace RaftKv.Core.Store.Reading;

/// <summary>
/// Chooses the path of a txn by the state before the command, for nested txns too (etcd's compareToPath). Can stop within
/// any compare and go on later, while the root stays as it is.
/// </summary>
internal sealed class TxnPathChooser
{
    private readonly KeyTreeNode _root;

    // The txn at hand on top of those around it; at most KvLimits.MaxTxnDepth.
    private readonly Stack<Level> _levels = new();
    private CompareWalk? _compare;

    public TxnPathChooser(KeyTreeNode root, TxnOp txn)
    {
        _root = root;
        _levels.Push(new Level(txn));
    }

    /// <summary>The path; null while more is to be done. Without a meter nothing cuts it.</summary>
    public TxnPath? Step(WorkMeter? meter)
    {
        while (true)
        {
            Level level = _levels.Peek();
            if (level.Ops is null && !TryChoose(level, meter))
            {
                return null;
            }

            if (level.NextNested() is { } nested)
            {
                _levels.Push(new Level(nested));
                continue;
            }

            _levels.Pop();
            if (_levels.Count == 0)
            {
                return level.ToPath();
            }

            _levels.Peek().Take(level.ToPath());
        }
    }

    private bool TryChoose(Level level, WorkMeter? meter)
    {
        bool isSucceeded = true;
        for (; isSucceeded && level.Compared < level.Txn.Compares.Count; level.Compared++)
        {
            if (meter is { IsSpent: true })
            {
                return false;
            }

            _compare ??= new CompareWalk(_root, level.Txn.Compares[level.Compared]);
            if (_compare.Step(meter) is not { } holds)
            {
                return false;
            }

            _compare = null;
            isSucceeded = holds;
        }

        level.Choose(isSucceeded);
        return true;
    }

    private sealed class Level(TxnOp txn)
    {
        private TxnPath?[]? _nested;
        private bool _isSucceeded;
        private int _next;

        public TxnOp Txn { get; } = txn;

        /// <summary>Compares that hold.</summary>
        public int Compared { get; set; }

        /// <summary>What runs; null until it is chosen.</summary>
        public IReadOnlyList<KvOp>? Ops { get; private set; }

        public void Choose(bool isSucceeded)
        {
            _isSucceeded = isSucceeded;
            Ops = isSucceeded ? Txn.Then : Txn.Else;
        }

        /// <summary>The next txn among the operations; null at the end.</summary>
        public TxnOp? NextNested()
        {
            for (; _next < Ops!.Count; _next++)
            {
                if (Ops[_next] is TxnOp nested)
                {
                    return nested;
                }
            }

            return null;
        }

        /// <summary>The path of that txn.</summary>
        public void Take(TxnPath path)
        {
            _nested ??= new TxnPath?[Ops!.Count];
            _nested[_next++] = path;
        }

        public TxnPath ToPath() => new(_isSucceeded, Ops!, _nested);
    }
}
