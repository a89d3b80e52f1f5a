using System.Runtime.InteropServices;
using Google.Protobuf;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Doors.Etcd.Kv;

/// <summary>etcd's range request as the store's, and the store's result as etcd's answer.</summary>
internal static class RangeMapping
{
    /// <summary>Key and range_end: one key, an interval, or (range_end is one zero byte) everything from the key on.</summary>
    public static KeyRange KeysOf(ByteString key, ByteString rangeEnd) => KeysOf(key.Memory, rangeEnd.Memory);

    /// <summary>The same.</summary>
    public static KeyRange KeysOf(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> rangeEnd)
    {
        if (rangeEnd.IsEmpty)
        {
            return KeyRange.Single(key);
        }

        return rangeEnd.Length == 1 && rangeEnd.Span[0] == 0 ? KeyRange.From(key) : KeyRange.Between(key, rangeEnd);
    }

    /// <summary>The store's limit; 0 or less is none in both.</summary>
    public static int LimitOf(long limit) => (int)Math.Clamp(limit, 0, int.MaxValue - 1);

    /// <summary>The store's request.</summary>
    public static RangeRequest ToStore(Proto.RangeRequest request)
    {
        int limit = LimitOf(request.Limit);
        bool isSortedHere = IsSortedAfterLimit(request);
        (Revision minMod, Revision maxMod) = Bounds(request.MinModRevision, request.MaxModRevision);
        (Revision minCreate, Revision maxCreate) = Bounds(request.MinCreateRevision, request.MaxCreateRevision);
        return new RangeRequest
        {
            Keys = KeysOf(request.Key, request.RangeEnd),
            Revision = new Revision(Math.Max(request.Revision, 0)),
            Limit = isSortedHere ? limit + 1 : limit,
            IsKeysOnly = request.KeysOnly && !isSortedHere,
            IsCountOnly = request.CountOnly,
            SortBy = isSortedHere ? SortTarget.Key : (SortTarget)request.SortTarget,
            IsDescending = request.SortOrder == Proto.RangeRequest.Types.SortOrder.Descend,
            MinModRevision = minMod,
            MaxModRevision = maxMod,
            MinCreateRevision = minCreate,
            MaxCreateRevision = maxCreate,
        };
    }

    /// <summary>etcd's answer to the request from the store's result.</summary>
    public static Proto.RangeResponse ToAnswer(Proto.RangeRequest request, RangeResult result)
    {
        if (IsSortedAfterLimit(request))
        {
            var sorted = new Proto.RangeResponse { Count = result.Count };
            PutSorted(request, result, sorted);
            return sorted;
        }

        return ToAnswer(result);
    }

    /// <summary>etcd's answer to a request whose order is the store's, too.</summary>
    public static Proto.RangeResponse ToAnswer(RangeResult result)
    {
        var answer = new Proto.RangeResponse { Count = result.Count, More = result.HasMore };
        answer.Kvs.Capacity = result.Pairs.Count;
        for (int i = 0; i < result.Pairs.Count; i++)
        {
            answer.Kvs.Add(ToPair(result.Pairs[i]));
        }

        return answer;
    }

    /// <summary>A pair as etcd shows it. Shares the bytes with the store, which never change.</summary>
    public static Proto.KeyValue ToPair(KeyValue pair)
    {
        ReadOnlyMemory<byte> bytes = pair.KeyAndValue;
        return new()
        {
            Key = UnsafeByteOperations.UnsafeWrap(bytes[..pair.KeyLength]),
            Value = UnsafeByteOperations.UnsafeWrap(bytes[pair.KeyLength..]),
            CreateRevision = pair.CreateRevision.Value,
            ModRevision = pair.ModRevision.Value,
            Version = pair.Version,
            Lease = pair.Lease.Value,
        };
    }

    // etcd stops at limit + 1 keys, in key order, when no order is asked for, and sorts those by the target then.
    private static bool IsSortedAfterLimit(Proto.RangeRequest request) =>
        request.SortOrder == Proto.RangeRequest.Types.SortOrder.None
        && request.SortTarget != Proto.RangeRequest.Types.SortTarget.Key
        && request.Limit > 0
        && request is { MinModRevision: 0, MaxModRevision: 0, MinCreateRevision: 0, MaxCreateRevision: 0 };

    private static void PutSorted(Proto.RangeRequest request, RangeResult result, Proto.RangeResponse answer)
    {
        var pairs = new List<KeyValue>(result.Pairs);
        IOrderedEnumerable<KeyValue> sorted = request.SortTarget switch
        {
            Proto.RangeRequest.Types.SortTarget.Version => pairs.OrderBy(static pair => pair.Version),
            Proto.RangeRequest.Types.SortTarget.Create => pairs.OrderBy(static pair => pair.CreateRevision.Value),
            Proto.RangeRequest.Types.SortTarget.Mod => pairs.OrderBy(static pair => pair.ModRevision.Value),
            _ => pairs.OrderBy(static pair => pair.Value, _byBytes),
        };
        foreach (KeyValue pair in sorted.Take((int)Math.Min(request.Limit, int.MaxValue)))
        {
            Proto.KeyValue shown = ToPair(pair);
            if (request.KeysOnly)
            {
                shown.Value = ByteString.Empty;
            }

            answer.Kvs.Add(shown);
        }

        answer.More = pairs.Count > request.Limit;
    }

    private static readonly Comparer<ReadOnlyMemory<byte>> _byBytes =
        Comparer<ReadOnlyMemory<byte>>.Create(static (x, y) => x.Span.SequenceCompareTo(y.Span));

    // 0 means no bound. Below zero etcd compares all the same: nothing is below such a minimum, everything above such a
    // maximum.
    private static (Revision Min, Revision Max) Bounds(long min, long max) => max < 0
        ? (new Revision(long.MaxValue), Revision.Zero)
        : (new Revision(Math.Max(min, 0)), new Revision(max));
}
