using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Random;

/// <summary>
/// What a watch over everything from the first revision on tells, read as far as one wants to know; and what any other watch
/// must tell, which follows from it.
/// </summary>
internal sealed class EventHistory : IDisposable
{
    private readonly GrpcStream<WatchRequest, WatchResponse> _watch;
    private readonly List<(Event Event, KeyValue? Previous)> _told = [];
    private readonly Dictionary<ByteString, KeyValue> _pairs = [];

    private EventHistory(GrpcStream<WatchRequest, WatchResponse> watch) => _watch = watch;

    /// <summary>All events that were read, in their order, without previous pairs.</summary>
    public IEnumerable<Event> Events => _told.Select(static told => told.Event);

    /// <summary>What was read last; 0 when nothing was.</summary>
    public long Revision => _told.Count == 0 ? 0 : _told[^1].Event.Kv.ModRevision;

    public static async Task<EventHistory> OpenAsync(GrpcClient client)
    {
        var everything = new WatchCreateRequest { Key = ByteString.CopyFrom(0), RangeEnd = ByteString.CopyFrom(0), StartRevision = 1 };
        GrpcStream<WatchRequest, WatchResponse> watch = await client.OpenAsync<WatchRequest, WatchResponse>(
            "/etcdserverpb.Watch/Watch", new WatchRequest { CreateRequest = everything });
        Assert.True(await watch.ReadAsync() is { Created: true, Canceled: false, WatchId: 0 });
        return new EventHistory(watch);
    }

    /// <summary>Reads until everything up to a revision is told; every revision after the first has an event.</summary>
    public async Task ReadToAsync(long revision)
    {
        while (revision > 1 && Revision < revision)
        {
            WatchResponse? answer = await _watch.ReadAsync();
            Assert.NotNull(answer);
            Assert.False(answer.Canceled, $"the watch was cancelled: {answer}");
            foreach (Event change in answer.Events)
            {
                Add(change);
            }
        }
    }

    /// <summary>What a watch must tell of what was read; of revisions from the first on.</summary>
    public List<Event> Expected(WatchCreateRequest watch, long first)
    {
        var expected = new List<Event>();
        foreach ((Event change, KeyValue? previous) in _told)
        {
            bool isDelete = change.Type == Event.Types.EventType.Delete;
            if (change.Kv.ModRevision < first || !IsIn(watch, change.Kv.Key) || watch.Filters.Contains(isDelete
                ? WatchCreateRequest.Types.FilterType.Nodelete : WatchCreateRequest.Types.FilterType.Noput))
            {
                continue;
            }

            Event told = change.Clone();
            told.PrevKv = watch.PrevKv ? previous : null;
            expected.Add(told);
        }

        return expected;
    }

    public void Dispose() => _watch.Dispose();

    /// <summary>True when the key is in the watch's range. No key at all means the smallest one.</summary>
    public static bool IsIn(WatchCreateRequest watch, ByteString key)
    {
        ReadOnlySpan<byte> start = watch.Key.IsEmpty ? [0] : watch.Key.Span;
        ReadOnlySpan<byte> end = watch.RangeEnd.Span;
        return end.IsEmpty ? key.Span.SequenceEqual(start)
            : key.Span.SequenceCompareTo(start) >= 0 && (end is [0] || key.Span.SequenceCompareTo(end) < 0);
    }

    private void Add(Event change)
    {
        _told.Add((change, _pairs.GetValueOrDefault(change.Kv.Key)));
        if (change.Type == Event.Types.EventType.Delete)
        {
            _pairs.Remove(change.Kv.Key);
        }
        else
        {
            _pairs[change.Kv.Key] = change.Kv;
        }
    }
}
