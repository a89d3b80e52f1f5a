using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Core.Store.Work;

namespace RaftKv.Core.Store.Reading;

/// <summary>
/// One read of a range that can stop after any key and go on later, while the root stays as it is: walk, sort, strip.
/// What it answers is said at <see cref="RangeReader"/>.
/// </summary>
internal sealed class RangeRead
{
    private readonly KeyTreeNode _root;
    private readonly RangeRequest _request;
    private readonly Revision _revision;
    private readonly bool _isNewestRoot;
    private readonly bool _isInKeyOrder;
    private readonly int _stopAfter;
    private RangeWalk? _walk;
    private SlicedSort<KeyValue>? _sort;
    private List<KeyValue> _pairs = [];
    private long _total;
    private bool _hasMore;
    private bool _isWalked;
    private bool _isSorted;
    private int _stripped;

    /// <summary>Begins a read of more than a single key, of a revision that can be read.</summary>
    public RangeRead(KeyTreeNode root, RangeRequest request, Revision current)
    {
        bool isNewest = request.Revision <= Revision.Zero;
        _root = root;
        _request = request;
        _revision = isNewest ? new Revision(long.MaxValue) : request.Revision;
        _isNewestRoot = isNewest || request.Revision == current;
        _isInKeyOrder = request.SortBy == SortTarget.Key;

        // Only in key order may the walk end at the limit, and then the count comes from the tree, if the newest state
        // is read.
        _stopAfter = request.IsCountOnly ? 0 : _isInKeyOrder && request.Limit > 0 ? request.Limit : int.MaxValue;
    }

    /// <summary>Goes on; null while more is to be done. Without a meter nothing cuts it.</summary>
    public RangeResult? Step(WorkMeter? meter)
    {
        if (_request.IsCountOnly && _isNewestRoot)
        {
            meter?.Visit();
            return new RangeResult(ReadStatus.Ok, [], HasMore: false, RangeReader.CountLive(_root, _request.Keys));
        }

        _walk ??= new RangeWalk(_root, _request.Keys, _request.IsDescending && _isInKeyOrder);
        _isWalked = _isWalked || Walk(_walk, meter);
        _isSorted = _isSorted || (_isWalked && Sort(meter));
        return _isSorted && Strip(meter) ? new RangeResult(ReadStatus.Ok, _pairs, _hasMore && !_request.IsCountOnly, _total) : null;
    }

    private bool Walk(RangeWalk walk, WorkMeter? meter)
    {
        for (; walk.Slot is { } slot; walk.MoveOn())
        {
            if (meter is { IsSpent: true })
            {
                return false;
            }

            meter?.Visit();
            if (RangeReader.LiveAt(slot, _revision) is not { } pair)
            {
                continue;
            }

            _total++;
            if (!RangeReader.PassesFilters(pair, _request))
            {
                continue;
            }

            if (_pairs.Count < _stopAfter)
            {
                _pairs.Add(pair);
                continue;
            }

            _hasMore = true;
            if (_isNewestRoot)
            {
                _total = RangeReader.CountLive(_root, _request.Keys);
                break;
            }
        }

        return true;
    }

    private bool Sort(WorkMeter? meter)
    {
        if (_isInKeyOrder)
        {
            return true;
        }

        _sort ??= new SlicedSort<KeyValue>(_pairs, RangeReader.OrderOf(_request));
        if (_sort.Step(meter) is not { } sorted)
        {
            return false;
        }

        _pairs = sorted;
        _hasMore = _request.Limit > 0 && _pairs.Count > _request.Limit;
        if (_hasMore)
        {
            _pairs.RemoveRange(_request.Limit, _pairs.Count - _request.Limit);
        }

        return true;
    }

    private bool Strip(WorkMeter? meter)
    {
        for (; _request.IsKeysOnly && _stripped < _pairs.Count; _stripped++)
        {
            if (meter is { IsSpent: true })
            {
                return false;
            }

            meter?.Visit();
            _pairs[_stripped] = _pairs[_stripped].WithoutValue();
        }

        return true;
    }
}
