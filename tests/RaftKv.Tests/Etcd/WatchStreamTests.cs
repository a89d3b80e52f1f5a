using Google.Protobuf;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Protocol.Etcd;
using RaftKv.Tests.Api;
using RaftKv.Tests.Client;
using RaftKv.Tests.Support;

namespace RaftKv.Tests.Etcd;

/// <summary>Many watches of one stream, which one pump tells.</summary>
public sealed class WatchStreamTests : IAsyncLifetime
{
    private const int Ids = 100;
    private static readonly ByteString Key = ByteString.CopyFromUtf8("k");
    private static readonly ByteString End = ByteString.CopyFromUtf8("l");

    private readonly List<(string Key, long Revision)> _written = [];
    private ApiHost _host = null!;
    private int _openedAt;

    public async Task InitializeAsync() =>
        _host = await ApiHost.StartAsync(new SingleNodeFake(), options: null, HttpProtocols.Http2);

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task One_publication_wakes_a_stream_no_more_than_once_however_many_watches_it_concerns()
    {
        using WatchStreamClient stream = await WatchStreamClient.OpenAsync(_host.Address, Ids, static _ => All());
        using WatchStreamClient other = await WatchStreamClient.OpenAsync(_host.Address, Ids, static _ => All());
        await ParkedAsync(2 * Ids);
        (long woken, long flows) = (_host.Node.Watches.WokenCount, _host.Node.Watches.WokenFlowCount);

        await PutAsync("k1");
        await ReadAsync(stream, new ToldChanges(), Ids, 1);
        await ReadAsync(other, new ToldChanges(), Ids, 1);

        // A pump that is still about to wait finds them without being woken.
        Assert.Equal(2 * Ids, _host.Node.Watches.WokenCount - woken);
        Assert.InRange(_host.Node.Watches.WokenFlowCount - flows, 0, 2);
    }

    [Fact]
    public async Task Each_watch_is_told_every_change_of_its_keys_once_and_in_order()
    {
        // Some from now on, some of the past, of a key, a prefix and all, with and without what was there before.
        for (int i = 0; i < 300; i++)
        {
            await PutAsync($"k{i % 10}");
        }

        ToldChanges told = new();
        using WatchStreamClient stream = await WatchStreamClient.OpenAsync(_host.Address, Ids, Watch);
        _openedAt = _written.Count;
        await WriteAsync(300);
        int expected = Enumerable.Range(1, Ids).Sum(id => Written(id).Count);
        for (int left = expected; left > 0;)
        {
            WatchResponse message = await stream.ReadAsync();
            told.Add(message);
            left -= message.Events.Count;
            bool wantsPrevious = message.WatchId % 4 == 3;
            Assert.All(message.Events, change => Assert.Equal(wantsPrevious && change.Kv.Version > 1, change.PrevKv is not null));
        }

        for (int id = 1; id <= Ids; id++)
        {
            Assert.Null(told.Complaint(id, Written(id)));
        }
    }

    [Fact]
    public void A_change_that_is_missing_told_twice_or_out_of_order_is_noticed()
    {
        ToldChanges told = new();
        told.Add(Message(1, ("k1", 2), ("k2", 3)));
        told.Add(Message(2, ("k1", 2), ("k1", 2)));

        Assert.Null(told.Complaint(1, [("k1", 2), ("k2", 3)]));
        Assert.NotNull(told.Complaint(1, [("k1", 2), ("k2", 3), ("k1", 4)]));
        Assert.NotNull(told.Complaint(1, [("k2", 3), ("k1", 2)]));
        Assert.NotNull(told.Complaint(2, [("k1", 2)]));
        Assert.NotNull(told.Complaint(3, [("k1", 2)]));
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_up_no_other_stream_and_lacks_nothing_later()
    {
        const int Puts = 20;
        using WatchStreamClient slow = await WatchStreamClient.OpenAsync(_host.Address, Ids, static _ => All(), windowBytes: 65_536);
        using WatchStreamClient quick = await WatchStreamClient.OpenAsync(_host.Address, Ids, static _ => All());
        ToldChanges quickTold = new();
        ToldChanges slowTold = new();
        for (int i = 0; i < Puts; i++)
        {
            await PutAsync($"k{i}", valueBytes: 10_000);
            await ReadAsync(quick, quickTold, Ids, i + 1);
        }

        // 20 MB were written for it, of which its windows take less than one.
        await ReadAsync(slow, slowTold, Ids, Puts);
        for (int id = 1; id <= Ids; id++)
        {
            Assert.Null(quickTold.Complaint(id, Changes()));
            Assert.Null(slowTold.Complaint(id, Changes()));
        }
    }

    [Fact]
    public async Task Streams_that_share_little_room_take_turns_and_each_is_told_everything()
    {
        const int Streams = 3;
        const int Puts = 40;

        // The hub's time stands still: nobody is cut off, however slow the machine is.
        await _host.DisposeAsync();
        var node = new SingleNodeFake(new ManualTimeProvider(), watchBytes: 150_000);
        _host = await ApiHost.StartAsync(node, options: null, HttpProtocols.Http2);
        var streams = new WatchStreamClient[Streams];
        var told = new ToldChanges[Streams];
        for (int i = 0; i < Streams; i++)
        {
            streams[i] = await WatchStreamClient.OpenAsync(_host.Address, 10, static _ => All());
            told[i] = new ToldChanges();
        }

        Task[] reading = [.. streams.Select((stream, i) => Task.Run(() => ReadAsync(stream, told[i], 10, Puts)))];
        for (int i = 0; i < Puts; i++)
        {
            await PutAsync($"k{i}", valueBytes: 10_000);
        }

        await Task.WhenAll(reading);
        foreach (ToldChanges of in told)
        {
            Assert.All(Enumerable.Range(1, 10), id => Assert.Null(of.Complaint(id, Changes())));
        }

        Array.ForEach(streams, static stream => stream.Dispose());
        await Eventually.TrueAsync(() => node.Watches is { OpenCount: 0, Room.UsedBytes: 0 });
        Assert.Equal(0, node.Watches.Room.CutOffCount);
    }

    [Fact]
    public async Task Nothing_of_a_watch_comes_after_the_word_that_it_is_cancelled_and_the_others_go_on()
    {
        using WatchStreamClient stream = await WatchStreamClient.OpenAsync(_host.Address, Ids, static _ => All());
        Task writing = WriteAsync(200);
        for (int id = 1; id < Ids; id++)
        {
            stream.Send(new WatchRequest { CancelRequest = new WatchCancelRequest { WatchId = id } });
        }

        HashSet<long> cancelled = [];
        ToldChanges told = new();
        while (cancelled.Count < Ids - 1 || told.CountOf(Ids) < 200)
        {
            WatchResponse message = await stream.ReadAsync();
            Assert.DoesNotContain(message.WatchId, cancelled);
            told.Add(message);
            if (message.Canceled)
            {
                cancelled.Add(message.WatchId);
            }
        }

        await writing;
        Assert.Null(told.Complaint(Ids, Changes()));
        await Eventually.TrueAsync(() => _host.Node.Watches.OpenCount == 1);
    }

    [Fact]
    public async Task Progress_covers_what_came_before_it_and_what_was_written_when_it_was_asked_for()
    {
        using WatchStreamClient stream = await WatchStreamClient.OpenAsync(_host.Address, Ids, Watch);
        ToldChanges told = new();
        for (int round = 0; round < 40; round++)
        {
            Task writing = WriteAsync(30);
            long asked = _host.Node.View.Revision.Value;
            stream.Send(new WatchRequest { ProgressRequest = new WatchProgressRequest() });
            WatchResponse message;
            while ((message = await stream.ReadAsync()).WatchId != -1)
            {
                told.Add(message);
            }

            long complete = message.Header.Revision;
            Assert.True(complete >= asked, $"asked at {asked}, told {complete}");
            await writing;
            for (int id = 1; id <= Ids; id++)
            {
                int due = Written(id).Count(change => change.Revision <= complete);
                Assert.Equal(due, told.CountOf(id));
            }
        }
    }

    [Fact]
    public async Task A_compaction_ends_those_watches_alone_that_need_what_is_gone()
    {
        for (int i = 0; i < 50; i++)
        {
            await PutAsync("k1");
        }

        await _host.ApplyAsync(new CompactCommand(new Revision(40)));
        using WatchStreamClient stream = await WatchStreamClient.OpenAsync(
            _host.Address, Ids, static id => new WatchCreateRequest { Key = Key, RangeEnd = End, StartRevision = id % 2 == 0 ? 10 : 51 });
        Dictionary<long, WatchResponse> first = [];
        while (first.Count < Ids)
        {
            WatchResponse message = await stream.ReadAsync();
            first.TryAdd(message.WatchId, message);
        }

        Assert.All(first, static one => Assert.Equal(
            one.Key % 2 == 0 ? (true, 40, 0) : (false, 0, 1), (one.Value.Canceled, one.Value.CompactRevision, one.Value.Events.Count)));
        await Eventually.TrueAsync(() => _host.Node.Watches.OpenCount == Ids / 2);
    }

    private static async Task ReadAsync(WatchStreamClient stream, ToldChanges told, int ids, int changes)
    {
        while (Enumerable.Range(1, ids).Any(id => told.CountOf(id) < changes))
        {
            told.Add(await stream.ReadAsync());
        }
    }

    private Task ParkedAsync(int count) => Eventually.TrueAsync(() => _host.Node.Watches.ParkedCount == count);

    private Task WriteAsync(int count) => Task.Run(async () =>
    {
        for (int i = 0; i < count; i++)
        {
            await PutAsync($"k{i % 10}");
            await Task.Yield();
        }
    });

    // One writer at a time.
    private async Task PutAsync(string key, int valueBytes = 10)
    {
        await _host.ApplyAsync(new MutateCommand(new PutOp(System.Text.Encoding.UTF8.GetBytes(key), new byte[valueBytes])));
        lock (_written)
        {
            _written.Add((key, _host.Node.View.Revision.Value));
        }
    }

    private List<(string Key, long Revision)> Changes()
    {
        lock (_written)
        {
            return [.. _written];
        }
    }

    // What one of the watches of Watch is to be told.
    private List<(string Key, long Revision)> Written(int id) =>
        [.. Changes().Skip(id % 5 == 0 ? 0 : _openedAt).Where(change => id % 3 == 0 || change.Key == $"k{id % 10}")];

    private static WatchCreateRequest All() => new() { Key = Key, RangeEnd = End };

    private static WatchCreateRequest Watch(int id)
    {
        WatchCreateRequest create = id % 3 == 0 ? All() : new WatchCreateRequest { Key = ByteString.CopyFromUtf8($"k{id % 10}") };
        create.PrevKv = id % 4 == 3;
        create.StartRevision = id % 5 == 0 ? 2 : 0;
        return create;
    }

    private static WatchResponse Message(long id, params (string Key, long Revision)[] changes) => new()
    {
        WatchId = id,
        Events =
        {
            changes.Select(static change => new Event
            {
                Kv = new Protocol.Etcd.KeyValue { Key = ByteString.CopyFromUtf8(change.Key), ModRevision = change.Revision },
            }),
        },
    };
}
