namespace RaftKv.Core.Store.Work;

/// <summary>
/// A merge sort that can stop after any element and go on later. Stable, so that the order of the result depends on
/// nothing but the list.
/// </summary>
internal sealed class SlicedSort<T>
{
    private readonly Comparison<T> _comparison;
    private List<T> _from;
    private List<T> _to;
    private int _width = 1;

    // The next of either run that is being merged into _to, from whose length on.
    private int _left;
    private int _right;

    /// <summary>Sorts this list; it is used as working space, and is not to be used again.</summary>
    public SlicedSort(List<T> list, Comparison<T> comparison)
    {
        _comparison = comparison;
        _from = list;
        _to = new List<T>(list.Count);
        BeginPair(start: 0);
    }

    /// <summary>The sorted list; null while more is to be done.</summary>
    public List<T>? Step(WorkMeter? meter)
    {
        while (_width < _from.Count)
        {
            while (_to.Count < _from.Count)
            {
                if (meter is { IsSpent: true })
                {
                    return null;
                }

                meter?.Visit();
                MergeNext();
            }

            (_from, _to) = (_to, _from);
            _to.Clear();
            _width = _width > _from.Count / 2 ? _from.Count : _width * 2;
            BeginPair(start: 0);
        }

        return _from;
    }

    private void MergeNext()
    {
        int start = _to.Count / (2 * _width) * 2 * _width;
        int leftEnd = Math.Min(start + _width, _from.Count);
        int rightEnd = Math.Min(leftEnd + _width, _from.Count);
        bool isLeft = _right >= rightEnd || (_left < leftEnd && _comparison(_from[_left], _from[_right]) <= 0);
        _to.Add(_from[isLeft ? _left++ : _right++]);
        if (_to.Count == rightEnd)
        {
            BeginPair(rightEnd);
        }
    }

    private void BeginPair(int start)
    {
        _left = start;
        _right = Math.Min(start + _width, _from.Count);
    }
}
