using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using RaftKv.Contract;

namespace RaftKv.Client.Testing.InMemory;

/// <summary>Versions, revisions and changes. Its owner lets one in at a time.</summary>
/// <param name="hasEnded">Whether a lease has ended, so that nothing can hang on it any more.</param>
internal sealed class MemoryStore(Func<string, bool> hasEnded)
{
    private static readonly ImmutableSortedDictionary<RaftKvKey, KeyValueEntry> Empty =
        ImmutableSortedDictionary.Create<RaftKvKey, KeyValueEntry>(RaftKvKeyOrder.Instance);

    private readonly SortedDictionary<long, ImmutableSortedDictionary<RaftKvKey, KeyValueEntry>> _states = new() { [1] = Empty };
    private readonly List<WatchEvent> _changes = [];
    private ImmutableSortedDictionary<RaftKvKey, KeyValueEntry> _state = Empty;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<WatchEvent> _batch = [];

    internal long Revision { get; private set; } = 1;

    /// <summary>The revision that the write which runs now ends with.</summary>
    internal long RevisionAfterThis => _batch.Count > 0 ? Revision + 1 : Revision;

    /// <summary>Done at the next change.</summary>
    internal Task Changed => _changed.Task;

    internal ResponseMetadata Metadata => MetadataAt(RevisionAfterThis);

    internal KeyValueEntry? Find(RaftKvKey key) => _state.GetValueOrDefault(key);

    internal static bool IsIn(RaftKvRange range, RaftKvKey key)
    {
        ReadOnlySpan<byte> bytes = key.Bytes.Span;
        return bytes.StartsWith(range.PrefixBytes.Span)
            && bytes.SequenceCompareTo(range.StartBytes.Span) >= 0
            && (range.EndBytes.IsEmpty || bytes.SequenceCompareTo(range.EndBytes.Span) < 0);
    }

    /// <exception cref="RaftKvRequestException">The revision is still to come.</exception>
    internal MemoryView At(long? revision)
    {
        long at = revision ?? Revision;
        return at > Revision
            ? throw TestFailures.Refused(ErrorCodes.InvalidRequest)
            : new MemoryView(_states.Last(pair => pair.Key <= at).Value, MetadataAt(Revision));
    }

    /// <summary>As it is within the write that runs.</summary>
    internal MemoryView Now() => new(_state, Metadata);

    internal List<WatchEvent> Changes(long fromRevision, RaftKvRange range) =>
        [.. _changes.Where(change => change.Revision >= fromRevision && IsIn(range, change.Key))];

    /// <summary>Runs changes as one revision; none means no revision, and one that throws leaves nothing.</summary>
    internal void Write(Action write)
    {
        ImmutableSortedDictionary<RaftKvKey, KeyValueEntry> before = _state;
        _batch = [];
        try
        {
            write();
        }
        catch
        {
            _state = before;
            _batch = [];
            throw;
        }

        if (_batch.Count == 0)
        {
            return;
        }

        Revision++;
        _states[Revision] = _state;
        _changes.AddRange(_batch);
        _batch = [];
        TaskCompletionSource changed = _changed;
        _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        changed.SetResult();
    }

    /// <exception cref="RaftKvRequestException">The lease has ended.</exception>
    internal KeyValueEntry Put(RaftKvKey key, ReadOnlyMemory<byte> value, string? lease)
    {
        if (lease is not null && hasEnded(lease))
        {
            throw TestFailures.Refused(ErrorCodes.LeaseNotFound, 404);
        }

        KeyValueEntry? before = Find(key);
        long revision = Revision + 1;
        KeyValueEntry entry = new()
        {
            Key = new RaftKvKey(key.Bytes.ToArray()),
            Value = value.ToArray(),
            CreateRevision = before?.CreateRevision ?? revision,
            ModRevision = revision,
            Version = (before?.Version ?? 0) + 1,
            Lease = lease,
            Metadata = MetadataAt(revision),
        };
        _state = _state.SetItem(key, entry);
        Add(WatchEventType.Put, WatchEventReason.Put, entry, before);
        return entry;
    }

    internal int Delete(Func<KeyValueEntry, bool> isMeant, WatchEventReason reason)
    {
        KeyValueEntry[] meant = [.. _state.Values.Where(isMeant)];
        foreach (KeyValueEntry entry in meant)
        {
            _state = _state.Remove(entry.Key);
            Add(WatchEventType.Delete, reason, entry with { Value = default, Version = 0, ModRevision = Revision + 1 }, entry);
        }

        return meant.Length;
    }

    /// <exception cref="RaftKvRequestException">The value is no number, or would be none.</exception>
    internal long Add(RaftKvKey key, long by)
    {
        KeyValueEntry? before = Find(key);
        long number = 0;
        if (before is not null
            && !long.TryParse(before.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
        {
            throw TestFailures.Refused(ErrorCodes.NotACounter, 409);
        }

        Int128 sum = (Int128)number + by;
        if (sum > long.MaxValue || sum < long.MinValue)
        {
            throw TestFailures.Refused(ErrorCodes.CounterOverflow, 409);
        }

        Put(key, Encoding.ASCII.GetBytes(sum.ToString(CultureInfo.InvariantCulture)), before?.Lease);
        return (long)sum;
    }

    private static ResponseMetadata MetadataAt(long revision) => new()
    {
        Revision = revision,
        Term = 1,
        AppliedIndex = revision,
        ServedBy = "memory",
        Role = "leader",
        Leader = "memory",
        Consistency = ReadLevel.Linearizable,
        StalenessMs = 0,
    };

    private void Add(WatchEventType type, WatchEventReason reason, KeyValueEntry entry, KeyValueEntry? before) => _batch.Add(new WatchEvent
    {
        Type = type,
        Reason = reason,
        Key = entry.Key,
        Entry = entry,
        Previous = before,
        Revision = Revision + 1,
    });
}

/// <summary>The store at a revision.</summary>
internal sealed record MemoryView(ImmutableSortedDictionary<RaftKvKey, KeyValueEntry> Entries, ResponseMetadata Metadata)
{
    internal KeyValueEntry? Find(RaftKvKey key) => Entries.GetValueOrDefault(key);

    internal List<KeyValueEntry> Range(RaftKvRange range) => [.. Entries.Values.Where(entry => MemoryStore.IsIn(range, entry.Key))];
}
