using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Tree;
using RaftKv.Watch;

namespace RaftKv.Service.Watches;

/// <summary>
/// Follows an election change by change, so that an observer misses no leadership, however short it was. Pure.
/// </summary>
internal sealed class LeaderHistory
{
    private readonly Dictionary<byte[], KeyValue> _places = new(ByteStringComparer.Instance);

    /// <summary>Begins with the queue of a view.</summary>
    public LeaderHistory(LockQueue queue)
    {
        foreach (LockEntry entry in queue.Entries)
        {
            _places[entry.Pair.KeySpan.ToArray()] = entry.Pair;
        }

        Leader = FindLeader();
    }

    /// <summary>The place that leads; null when nobody does.</summary>
    public KeyValue? Leader { get; private set; }

    /// <summary>Applies the changes of one revision; true when leader or value is another one then.</summary>
    public bool Apply(List<KeyValue> changes, int from, int count)
    {
        for (int i = from; i < from + count; i++)
        {
            byte[] key = changes[i].Key.ToArray();
            if (changes[i].IsTombstone)
            {
                _places.Remove(key);
            }
            else if (LockKeys.TryParse(LockKind.Election, key, out _, out _, out _))
            {
                _places[key] = changes[i];
            }
        }

        KeyValue? before = Leader;
        Leader = FindLeader();
        return !IsSame(before, Leader);
    }

    // A leader that asks for its place again writes it anew, and nothing has changed.
    private static bool IsSame(KeyValue? a, KeyValue? b) =>
        ReferenceEquals(a, b)
        || (a is not null && b is not null && a.CreateRevision == b.CreateRevision && a.ValueSpan.SequenceEqual(b.ValueSpan));

    private KeyValue? FindLeader()
    {
        KeyValue? first = null;
        foreach (KeyValue place in _places.Values)
        {
            first = first is null || place.CreateRevision < first.CreateRevision ? place : first;
        }

        return first;
    }
}
