using Google.Protobuf;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Etcd.Kv;
using RaftKv.Watch;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Watches;

/// <summary>etcd's watch request as the hub's, and the store's changes as etcd's events.</summary>
internal static class WatchMapping
{
    /// <summary>Which changes a watch is about; null when its range holds no key.</summary>
    public static WatchSelector? SelectorOf(Proto.WatchCreateRequest request)
    {
        // No key at all means the smallest one.
        ByteString key = request.Key.IsEmpty ? ByteString.CopyFrom(0) : request.Key;
        KeyRange keys = RangeMapping.KeysOf(key, request.RangeEnd);
        if (keys.Kind == KeyRangeKind.Between && keys.Start.Span.SequenceCompareTo(keys.End.Span) >= 0)
        {
            return null;
        }

        bool wantsPuts = !request.Filters.Contains(Proto.WatchCreateRequest.Types.FilterType.Noput);
        bool wantsDeletes = !request.Filters.Contains(Proto.WatchCreateRequest.Types.FilterType.Nodelete);
        return Selector(keys).Only(wantsPuts, wantsDeletes);
    }

    /// <summary>An event; with the pair before it when asked for and still known.</summary>
    public static Proto.Event ToEvent(KeyValue change, StoreView view, bool wantsPrevious)
    {
        var shown = new Proto.Event();
        if (change.IsTombstone)
        {
            shown.Type = Proto.Event.Types.EventType.Delete;
            shown.Kv = new Proto.KeyValue { Key = UnsafeByteOperations.UnsafeWrap(change.Key), ModRevision = change.ModRevision.Value };
        }
        else
        {
            shown.Kv = RangeMapping.ToPair(change);
        }

        if (wantsPrevious && PreviousOf(change, view) is { } previous)
        {
            shown.PrevKv = RangeMapping.ToPair(previous);
        }

        return shown;
    }

    /// <summary>The pair before a change; null when there was none, or it is not known any more.</summary>
    public static KeyValue? PreviousOf(KeyValue change, StoreView view)
    {
        bool isCreation = !change.IsTombstone && change.CreateRevision == change.ModRevision;
        var before = new Revision(change.ModRevision.Value - 1);
        return !isCreation && view.Get(change.KeySpan, before, out KeyValue? previous) == ReadStatus.Ok ? previous : null;
    }

    // The hub finds prefixes by a look-up, and tries other ranges one by one.
    private static WatchSelector Selector(KeyRange keys)
    {
        if (keys.Kind == KeyRangeKind.From && keys.Start.Span is [0])
        {
            return WatchSelector.OfPrefix([]);
        }

        if (keys.Kind == KeyRangeKind.Between)
        {
            KeyRange prefix = KeyRange.Prefix(keys.Start);
            if (prefix.Kind == KeyRangeKind.Between && prefix.End.Span.SequenceEqual(keys.End.Span))
            {
                return WatchSelector.OfPrefix(keys.Start.ToArray());
            }
        }

        return WatchSelector.OfRange(keys);
    }
}
