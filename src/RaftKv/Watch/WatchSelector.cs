using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Watch;

/// <summary>How a watch names its keys; the hub finds each kind in its own way.</summary>
public enum WatchSelectorKind : byte
{
    /// <summary>One key: found by a look-up.</summary>
    Key = 0,

    /// <summary>Keys that begin so: found by a look-up for each length of a prefix that is watched.</summary>
    Prefix = 1,

    /// <summary>A range: all watched ranges are tried one by one.</summary>
    Range = 2,
}

/// <summary>Which changes a watch is about. Immutable.</summary>
public sealed class WatchSelector
{
    private WatchSelector(WatchSelectorKind kind, byte[] bytes, KeyRange keys)
    {
        Kind = kind;
        Bytes = bytes;
        Keys = keys;
    }

    /// <summary>Which of the three.</summary>
    public WatchSelectorKind Kind { get; }

    /// <summary>The keys as a range.</summary>
    public KeyRange Keys { get; }

    /// <summary>False leaves puts out.</summary>
    public bool WantsPuts { get; init; } = true;

    /// <summary>False leaves deletions out, expired and revoked ones too.</summary>
    public bool WantsDeletes { get; init; } = true;

    /// <summary>The key or the prefix; empty for a range.</summary>
    internal byte[] Bytes { get; }

    /// <summary>One key.</summary>
    public static WatchSelector OfKey(byte[] key) => new(WatchSelectorKind.Key, key, KeyRange.Single(key));

    /// <summary>All keys that begin so; an empty prefix is every key.</summary>
    public static WatchSelector OfPrefix(byte[] prefix) => new(WatchSelectorKind.Prefix, prefix, KeyRange.Prefix(prefix));

    /// <summary>A range, in any of its forms.</summary>
    public static WatchSelector OfRange(KeyRange keys) =>
        keys.Kind == KeyRangeKind.Single ? OfKey(keys.Start.ToArray()) : new(WatchSelectorKind.Range, [], keys);

    /// <summary>The same keys, with kinds of changes left out.</summary>
    public WatchSelector Only(bool puts, bool deletes) => new(Kind, Bytes, Keys) { WantsPuts = puts, WantsDeletes = deletes };

    /// <summary>True when the change is one that the watch is about.</summary>
    public bool Matches(KeyValue change) => WantsKind(change) && Keys.Contains(change.KeySpan);

    /// <summary>True when both are about the same changes.</summary>
    internal bool IsSameAs(WatchSelector other) =>
        ReferenceEquals(this, other)
        || (Kind == other.Kind && WantsPuts == other.WantsPuts && WantsDeletes == other.WantsDeletes
            && Keys.Kind == other.Keys.Kind && Keys.Start.Span.SequenceEqual(other.Keys.Start.Span)
            && Keys.End.Span.SequenceEqual(other.Keys.End.Span));

    /// <summary>True when the kind of change is wanted; says nothing about the key.</summary>
    internal bool WantsKind(KeyValue change) => change.IsTombstone ? WantsDeletes : WantsPuts;
}
