using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Store.Reading;

/// <summary>
/// Walks the slots of a range, either way, and can stop anywhere. The root must not change meanwhile.
/// </summary>
internal sealed class RangeWalk
{
    private readonly KeyTreeCursor _cursor;
    private readonly KeyRange _keys;
    private readonly bool _isBackward;

    /// <summary>Stands at the first slot of the range; at its last one for a walk backward.</summary>
    public RangeWalk(KeyTreeNode root, KeyRange keys, bool isBackward = false)
    {
        Check.That(!isBackward || keys.Kind != KeyRangeKind.Single, "a single key has no direction");
        _cursor = new KeyTreeCursor(root);
        _keys = keys;
        _isBackward = isBackward;
        bool isInside = !isBackward ? _cursor.MoveToAtOrAfter(keys.Start.Span)
            : keys.Kind == KeyRangeKind.From ? _cursor.MoveToLast()
            : _cursor.MoveToBefore(keys.End.Span);
        Stand(isInside);
    }

    /// <summary>The slot stood at; null at the end.</summary>
    public object? Slot { get; private set; }

    /// <summary>Goes to the next one.</summary>
    public void MoveOn() => Stand(_isBackward ? _cursor.MovePrevious() : _cursor.MoveNext());

    private void Stand(bool isInside) =>
        Slot = isInside && _keys.Contains(KeyVersions.NewestOf(_cursor.Slot).KeySpan) ? _cursor.Slot : null;
}
