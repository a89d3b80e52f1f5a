using System.Collections.Concurrent;
using System.Globalization;
using Google.Protobuf;
using RaftKv.EtcdConformance.Kubernetes;

namespace RaftKv.Bench.Kubernetes;

/// <summary>What was sent, acknowledged, listed and told of one resource, for the contract's check. Any thread.</summary>
internal sealed class ResourceLog
{
    private readonly ConcurrentDictionary<(long Revision, string Key), Change> _changes = new();
    private long _sent;

    internal ResourceLog(string name)
    {
        Name = name;
        Prefix = $"/registry/{name}/";
        Start = ByteString.CopyFromUtf8(Prefix);
        End = ByteString.CopyFromUtf8($"/registry/{name}0");
    }

    internal string Name { get; }

    /// <summary>What all its keys begin with.</summary>
    internal string Prefix { get; }

    internal ByteString Start { get; }

    internal ByteString End { get; }

    /// <summary>The last key that is written; who watches has then been told everything.</summary>
    internal string LastKey => Prefix + "~end";

    internal Observed Seen { get; } = new();

    /// <summary>A value that was never sent, noted as sent.</summary>
    internal (string Id, ByteString Value) NewValue(int bytes)
    {
        string id = Interlocked.Increment(ref _sent).ToString("x", CultureInfo.InvariantCulture);
        lock (Seen)
        {
            Seen.Sent.Add(id);
        }

        return (id, StoredValue.Of(id, bytes));
    }

    /// <summary>Notes a write that was acknowledged; no value for a deletion.</summary>
    internal void Acknowledge(string key, string? id, long revision)
    {
        lock (Seen)
        {
            Seen.Writes.Add(new Acknowledged(key, id, revision));
        }
    }

    internal void Note(Listed list)
    {
        lock (Seen)
        {
            Seen.Lists.Add(list);
        }
    }

    /// <summary>The change as another watch told it, when it told the same: so that it is kept once.</summary>
    internal Change Shared(Change change)
    {
        Change known = _changes.GetOrAdd((change.Revision, change.Key), change);
        return known == change ? known : change;
    }
}
