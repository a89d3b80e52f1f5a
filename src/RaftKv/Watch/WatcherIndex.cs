using RaftKv.Core;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Watch;

/// <summary>
/// Who watches a key: by the key itself, by each length of prefix that anyone watches, and by trying the ranges. So a
/// change costs what concerns it, however many watch other keys. Guarded by the hub's lock.
/// </summary>
internal sealed class WatcherIndex
{
    private readonly Dictionary<byte[], WatcherList> _byKey = new(ByteStringComparer.Instance);
    private readonly Dictionary<byte[], WatcherList> _byPrefix = new(ByteStringComparer.Instance);
    private readonly Dictionary<byte[], WatcherList>.AlternateLookup<ReadOnlySpan<byte>> _keys;
    private readonly Dictionary<byte[], WatcherList>.AlternateLookup<ReadOnlySpan<byte>> _prefixes;

    // How many watched prefixes have each length; in rising order of the length.
    private readonly SortedList<int, int> _prefixLengths = [];
    private readonly WatcherList _ranges = new(WatcherListKind.Index);

    public WatcherIndex()
    {
        _keys = _byKey.GetAlternateLookup<ReadOnlySpan<byte>>();
        _prefixes = _byPrefix.GetAlternateLookup<ReadOnlySpan<byte>>();
    }

    /// <summary>Adds a watcher.</summary>
    public void Add(Watcher watcher)
    {
        switch (watcher.Selector.Kind)
        {
            case WatchSelectorKind.Key:
                ListIn(_byKey, watcher.Selector.Bytes).Add(watcher);
                break;
            case WatchSelectorKind.Prefix:
                AddPrefix(watcher);
                break;
            case WatchSelectorKind.Range:
                _ranges.Add(watcher);
                break;
            default:
                Check.Unreachable<int>(watcher.Selector.Kind);
                break;
        }
    }

    /// <summary>Takes a watcher out; lists that are empty go with it.</summary>
    public void Remove(Watcher watcher)
    {
        WatcherList list = watcher.LinksIn(WatcherListKind.Index).List!;
        list.Remove(watcher);
        if (list.First is not null || watcher.Selector.Kind == WatchSelectorKind.Range)
        {
            return;
        }

        byte[] bytes = watcher.Selector.Bytes;
        if (watcher.Selector.Kind == WatchSelectorKind.Key)
        {
            _byKey.Remove(bytes);
            return;
        }

        _byPrefix.Remove(bytes);
        int left = _prefixLengths[bytes.Length] - 1;
        if (left == 0)
        {
            _prefixLengths.Remove(bytes.Length);
        }
        else
        {
            _prefixLengths[bytes.Length] = left;
        }
    }

    /// <summary>Calls <paramref name="visit"/> with everyone whose keys have this change's key.</summary>
    public void Visit(KeyValue change, Action<Watcher, KeyValue> visit)
    {
        ReadOnlySpan<byte> key = change.KeySpan;
        if (_keys.TryGetValue(key, out WatcherList? list))
        {
            VisitList(list, change, visit);
        }

        for (int i = 0; i < _prefixLengths.Count && _prefixLengths.GetKeyAtIndex(i) <= key.Length; i++)
        {
            if (_prefixes.TryGetValue(key[.._prefixLengths.GetKeyAtIndex(i)], out list))
            {
                VisitList(list, change, visit);
            }
        }

        for (Watcher? watcher = _ranges.First; watcher is not null; watcher = _ranges.After(watcher))
        {
            if (watcher.Selector.Keys.Contains(key))
            {
                visit(watcher, change);
            }
        }
    }

    /// <summary>Calls <paramref name="visit"/> with everyone; for what concerns all.</summary>
    public void VisitAll(Action<Watcher> visit)
    {
        foreach (WatcherList list in _byKey.Values)
        {
            VisitList(list, visit);
        }

        foreach (WatcherList list in _byPrefix.Values)
        {
            VisitList(list, visit);
        }

        VisitList(_ranges, visit);
    }

    private static WatcherList ListIn(Dictionary<byte[], WatcherList> lists, byte[] bytes)
    {
        if (!lists.TryGetValue(bytes, out WatcherList? list))
        {
            list = new WatcherList(WatcherListKind.Index);
            lists.Add(bytes, list);
        }

        return list;
    }

    private static void VisitList(WatcherList list, KeyValue change, Action<Watcher, KeyValue> visit)
    {
        for (Watcher? watcher = list.First; watcher is not null; watcher = list.After(watcher))
        {
            visit(watcher, change);
        }
    }

    private static void VisitList(WatcherList list, Action<Watcher> visit)
    {
        for (Watcher? watcher = list.First; watcher is not null; watcher = list.After(watcher))
        {
            visit(watcher);
        }
    }

    private void AddPrefix(Watcher watcher)
    {
        byte[] prefix = watcher.Selector.Bytes;
        WatcherList list = ListIn(_byPrefix, prefix);
        if (list.First is null)
        {
            _prefixLengths[prefix.Length] = _prefixLengths.GetValueOrDefault(prefix.Length) + 1;
        }

        list.Add(watcher);
    }
}
