using System.IO.Pipelines;
using Google.Protobuf;
using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Etcd.Watches;
using RaftKv.Doors.Grpc;
using RaftKv.Service;
using RaftKv.Service.Calls;
using RaftKv.Service.Watches;
using RaftKv.Tests.Api;
using RaftKv.Tests.Watch;
using RaftKv.Watch;
using Proto = RaftKv.Protocol.Etcd;

namespace RaftKv.Tests.Etcd;

/// <summary>Answers of watches that are written field by field, beside protobuf's bytes of the same messages.</summary>
public sealed class WatchFramesTests : IDisposable
{
    private const int Compacted = 40;

    private readonly DeterministicRandom _random = new(11);
    private readonly SingleNodeFake _node = new();
    private readonly WatcherGroup _group;
    private readonly EtcdGate _gate;
    private readonly KvService _service;

    public WatchFramesTests()
    {
        _service = new KvService(_node, new ApiOptions());
        _gate = new EtcdGate(_service);
        _group = _node.Watches.NewGroup(CancellationToken.None);
    }

    public void Dispose()
    {
        _group.Dispose();
        _node.Watches.Dispose();
    }

    [Fact]
    public void They_have_protobufs_bytes()
    {
        StoreView view = Filled();
        int written = 0;
        for (int i = 0; i < 400; i++)
        {
            List<WatchTelling> tellings = Tellings(view);
            (byte[] bytes, int end, long counted) = Written(tellings);
            byte[] expected = [.. tellings[..end].SelectMany(Frame)];
            Assert.Equal(expected, bytes);
            Assert.Equal(expected.Length - (GrpcFrame.PrefixBytes * end), counted);
            written += end;

            // What was not written is large.
            Assert.True(end == tellings.Count || Frame(tellings[end]).Length > 60_000);
        }

        Assert.InRange(written, 2_000, 20_000);
    }

    [Fact]
    public void Another_id_or_another_change_has_other_bytes()
    {
        StoreView view = Filled();
        WatchTelling one = Telling(view, id: 1, last: 2, wantsPrevious: false);

        Assert.NotEqual(Frame(Telling(view, id: 2, last: 2, wantsPrevious: false)), Written([one]).Bytes);
        Assert.NotEqual(Frame(Telling(view, id: 1, last: 3, wantsPrevious: false)), Written([one]).Bytes);
    }

    [Fact]
    public void What_answers_have_in_common_is_made_once_for_all_watches_of_all_streams_of_a_thread()
    {
        StoreView view = Filled();
        long before = WatchFrames.OfThread.EncodedCount;
        for (int stream = 0; stream < 10; stream++)
        {
            ChangeBatch batch = Read(view, view.Revision.Value);
            Written([.. Enumerable.Range(0, 100).Select(id => new WatchTelling(Flow(id, wantsPrevious: false), FeedStep.Changes, batch))]);
        }

        Assert.Equal(1, WatchFrames.OfThread.EncodedCount - before);
        Written([Telling(view, id: 1, last: 2, wantsPrevious: false)]);
        Written([Telling(view, id: 1, last: 2, wantsPrevious: true)]);
        Written([Telling(view, id: 1, last: 2, wantsPrevious: false)]);
        Assert.Equal(4, WatchFrames.OfThread.EncodedCount - before);
    }

    private (byte[] Bytes, int End, long Counted) Written(List<WatchTelling> tellings)
    {
        var stream = new MemoryStream();
        PipeWriter body = PipeWriter.Create(stream);
        long counted = 0;
        int end = WatchFrames.OfThread.Put(body, _gate, tellings, from: 0, ref counted);
        body.Complete();
        return (stream.ToArray(), end, counted);
    }

    private byte[] Frame(WatchTelling telling)
    {
        var messages = WatchMessages.Of(telling.Flow.Id, telling.Batch!, telling.Flow.WantsPrevious).ToList();
        (Proto.WatchResponse message, Revision complete) = messages[0];
        message.Header = _gate.Header(complete);
        byte[] frame = new byte[GrpcFrame.PrefixBytes + message.CalculateSize()];
        GrpcFrame.Write(frame, message.CalculateSize());
        message.WriteTo(frame.AsSpan(GrpcFrame.PrefixBytes));
        return frame;
    }

    // Some of the same changes side by side, some of others.
    private List<WatchTelling> Tellings(StoreView view)
    {
        List<WatchTelling> tellings = [];
        ChangeBatch? batch = null;
        for (int i = 0; i < 20; i++)
        {
            if (batch is null || _random.Chance(300))
            {
                batch = Batch(view, Compacted + _random.Next((int)view.Revision.Value - Compacted));
            }

            tellings.Add(new WatchTelling(Flow(Id(), _random.Chance(300)), FeedStep.Changes, batch));
        }

        return tellings;
    }

    // The last so many revisions.
    private WatchTelling Telling(StoreView view, long id, int last, bool wantsPrevious) =>
        new(Flow(id, wantsPrevious), FeedStep.Changes, Read(view, view.Revision.Value - last + 1));

    // The last change of some key, so that many have one change each; or a few revisions, or all that are left.
    private ChangeBatch Batch(StoreView view, long from)
    {
        if (_random.Chance(500))
        {
            KeyValue newest = view.History(StoreDriver.Bytes($"k{_random.Next(20)}"), limit: 1)[0];
            return ChangeBatch.Read(WatchSelector.OfKey(newest.Key.ToArray()), newest.ModRevision, view);
        }

        return Read(view, _random.Chance(100) ? from : Math.Max(from, view.Revision.Value - _random.Next(9)));
    }

    private static ChangeBatch Read(StoreView view, long from) => ChangeBatch.Read(WatchSelector.OfPrefix([]), new Revision(from), view);

    private long Id() => _random.Chance(200) ? 0 : (long)(_random.NextUInt64() >> _random.Next(64));

    private WatchFlow Flow(long id, bool wantsPrevious)
    {
        var request = new Proto.WatchCreateRequest { PrevKv = wantsPrevious };
        var call = new RaftKv.Tests.Service.TestCall(_service.Context);
        using WatchFlow flow = WatchFlow.TryOpen(call, _group, id, request, WatchSelector.OfPrefix([]), new Revision(2))!;
        return flow;
    }

    // Puts of all sizes, deletions, txns of many, keys on a lease, some of them compacted.
    private static StoreView Filled()
    {
        var random = new DeterministicRandom(5);
        using var store = new StoreDriver();
        store.Apply(new GrantLeaseCommand(new LeaseId(long.MaxValue), 60_000));
        for (int i = 0; i < 300; i++)
        {
            string key = $"k{random.Next(20)}";
            LeaseId lease = random.Chance(300) ? new LeaseId(long.MaxValue) : LeaseId.None;
            byte[] value = new byte[random.Chance(50) ? 50_000 : random.Next(300)];
            KvOp op = random.Chance(200) ? StoreDriver.DeleteOf(key) : new PutOp(StoreDriver.Bytes(key), value, lease);
            store.Write(random.Chance(100) ? [op, StoreDriver.PutOf($"other{i}", "1"), StoreDriver.PutOf("last", "2")] : [op]);
        }

        store.Compact(Compacted);
        return store.View;
    }
}
