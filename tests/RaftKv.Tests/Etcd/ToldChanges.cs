using RaftKv.Protocol.Etcd;

namespace RaftKv.Tests.Etcd;

/// <summary>
/// What the watches of a stream were told, held against what was written: each change of its keys once, in order, and nothing else;
/// no progress beyond what came before it.
/// </summary>
internal sealed class ToldChanges
{
    private readonly Dictionary<long, List<(string Key, long Revision)>> _told = [];

    /// <summary>Changes of one watch so far.</summary>
    public int CountOf(long id) => _told.GetValueOrDefault(id)?.Count ?? 0;

    /// <summary>Notes a message.</summary>
    public void Add(WatchResponse message)
    {
        if (!_told.TryGetValue(message.WatchId, out List<(string, long)>? told))
        {
            _told.Add(message.WatchId, told = []);
        }

        told.AddRange(message.Events.Select(static change => (change.Kv.Key.ToStringUtf8(), change.Kv.ModRevision)));
    }

    /// <summary>What is wrong with what a watch was told; null when nothing is.</summary>
    /// <param name="written">All changes of its keys, in order.</param>
    public string? Complaint(long id, IReadOnlyList<(string Key, long Revision)> written)
    {
        List<(string Key, long Revision)> told = _told.GetValueOrDefault(id) ?? [];
        for (int i = 0; i < Math.Max(told.Count, written.Count); i++)
        {
            if (i >= told.Count || i >= written.Count || told[i] != written[i])
            {
                return $"watch {id}: change {i} is {(i < told.Count ? told[i] : "missing")}, "
                    + $"written was {(i < written.Count ? written[i] : "nothing")}";
            }
        }

        return null;
    }
}
