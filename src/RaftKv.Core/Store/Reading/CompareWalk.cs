using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Core.Store.Work;

namespace RaftKv.Core.Store.Reading;

/// <summary>A compare over a range that can stop after any key and go on later, while the root stays as it is.</summary>
internal sealed class CompareWalk(KeyTreeNode root, Compare compare)
{
    private readonly RangeWalk _walk = new(root, compare.Keys);
    private bool _isAnyLive;

    /// <summary>Whether it holds; null while more is to be done. Without a meter nothing cuts it.</summary>
    public bool? Step(WorkMeter? meter)
    {
        for (; _walk.Slot is { } slot; _walk.MoveOn())
        {
            if (meter is { IsSpent: true })
            {
                return null;
            }

            meter?.Visit();
            if (RangeReader.LiveNewest(slot) is not { } live)
            {
                continue;
            }

            _isAnyLive = true;
            if (!CompareEvaluator.IsTrueOf(live, compare))
            {
                return false;
            }
        }

        meter?.Visit();
        return _isAnyLive || CompareEvaluator.IsTrueOf(null, compare);
    }
}
