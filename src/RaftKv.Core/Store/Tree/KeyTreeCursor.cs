namespace RaftKv.Core.Store.Tree;

/// <summary>Walks the slots of one root in key order, either way. The root must not change meanwhile.</summary>
internal sealed class KeyTreeCursor
{
    private readonly KeyTreeNode _root;
    private readonly KeyTreeInner[] _path;
    private readonly int[] _pathIndex;
    private KeyTreeLeaf _leaf;
    private int _index;

    public KeyTreeCursor(KeyTreeNode root)
    {
        _root = root;
        int depth = 0;
        KeyTreeNode node = root;
        while (node is KeyTreeInner inner)
        {
            depth++;
            node = inner.Children[0]!;
        }

        _path = depth == 0 ? [] : new KeyTreeInner[depth];
        _pathIndex = depth == 0 ? [] : new int[depth];
        _leaf = (KeyTreeLeaf)node;
    }

    /// <summary>The slot stood at; valid after a move that returned true.</summary>
    public object Slot => _leaf.Slots[_index]!;

    /// <summary>Goes to the first key at or after the given one; false when there is none.</summary>
    public bool MoveToAtOrAfter(ReadOnlySpan<byte> key)
    {
        Descend(key);
        _index--;
        return MoveNext();
    }

    /// <summary>Goes to the last key before the given one; false when there is none.</summary>
    public bool MoveToBefore(ReadOnlySpan<byte> key)
    {
        Descend(key);
        return MovePrevious();
    }

    /// <summary>Goes to the last key; false when there is none.</summary>
    public bool MoveToLast()
    {
        DescendEdge(_root, 0, isLast: true);
        return _leaf.Count > 0;
    }

    /// <summary>Goes to the next key; false at the end.</summary>
    public bool MoveNext()
    {
        if (++_index < _leaf.Count)
        {
            return true;
        }

        for (int level = _path.Length - 1; level >= 0; level--)
        {
            if (_pathIndex[level] + 1 < _path[level].Count)
            {
                _pathIndex[level]++;
                DescendEdge(_path[level].Children[_pathIndex[level]]!, level + 1, isLast: false);
                return true;
            }
        }

        return false;
    }

    /// <summary>Goes to the previous key; false at the start.</summary>
    public bool MovePrevious()
    {
        if (--_index >= 0)
        {
            return true;
        }

        for (int level = _path.Length - 1; level >= 0; level--)
        {
            if (_pathIndex[level] > 0)
            {
                _pathIndex[level]--;
                DescendEdge(_path[level].Children[_pathIndex[level]]!, level + 1, isLast: true);
                return true;
            }
        }

        return false;
    }

    private void Descend(ReadOnlySpan<byte> key)
    {
        KeyTreeNode node = _root;
        for (int level = 0; level < _path.Length; level++)
        {
            KeyTreeInner inner = (KeyTreeInner)node;
            _path[level] = inner;
            _pathIndex[level] = inner.ChildIndexOf(key);
            node = inner.Children[_pathIndex[level]]!;
        }

        _leaf = (KeyTreeLeaf)node;
        int index = _leaf.Find(key);
        _index = index < 0 ? ~index : index;
    }

    private void DescendEdge(KeyTreeNode node, int level, bool isLast)
    {
        for (; level < _path.Length; level++)
        {
            KeyTreeInner inner = (KeyTreeInner)node;
            _path[level] = inner;
            _pathIndex[level] = isLast ? inner.Count - 1 : 0;
            node = inner.Children[_pathIndex[level]]!;
        }

        _leaf = (KeyTreeLeaf)node;
        _index = isLast ? _leaf.Count - 1 : 0;
    }
}
