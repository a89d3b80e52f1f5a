using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.EtcdConformance.Servers;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Random;

/// <summary>
/// One watch, opened at both servers at the same revision: how it begins, what it tells up to a revision, and how it ends must
/// be the same, and what it tells must be what follows from the watch over everything.
/// </summary>
internal sealed class RandomWatch : IDisposable
{
    private const string Method = "/etcdserverpb.Watch/Watch";

    private readonly WatchCreateRequest _create;
    private readonly string _what;
    private readonly long _first;
    private readonly GrpcStream<WatchRequest, WatchResponse> _etcd;
    private readonly GrpcStream<WatchRequest, WatchResponse> _raftkv;
    private readonly List<Event> _fromEtcd = [];
    private readonly List<Event> _fromRaftKv = [];
    private long _id;

    private RandomWatch(
        WatchCreateRequest create, string what, long first, GrpcStream<WatchRequest, WatchResponse> etcd,
        GrpcStream<WatchRequest, WatchResponse> raftkv)
    {
        _create = create;
        _what = what;
        _first = first;
        _etcd = etcd;
        _raftkv = raftkv;
    }

    /// <summary>Opens it; null when both servers refused it alike, or both said that its start is compacted.</summary>
    /// <param name="now">The servers' revision.</param>
    /// <param name="compacted">The revision that was compacted last.</param>
    public static async Task<RandomWatch?> OpenAsync(ServerPair pair, WatchCreateRequest create, long now, long compacted, string what)
    {
        var request = new WatchRequest { CreateRequest = create };
        var watch = new RandomWatch(
            create,
            what,
            create.StartRevision == 0 ? now + 1 : create.StartRevision,
            await pair.EtcdGrpc.OpenAsync<WatchRequest, WatchResponse>(Method, request),
            await pair.RaftKvGrpc.OpenAsync<WatchRequest, WatchResponse>(Method, request));
        WatchResponse created = await watch.SameAsync("begins");
        watch._id = created.WatchId;
        if (!created.Canceled && !(create.StartRevision > 0 && create.StartRevision < compacted))
        {
            return watch;
        }

        if (!created.Canceled)
        {
            WatchResponse refused = await watch.SameAsync("says that its start is compacted");
            Assert.True(refused is { Canceled: true } && refused.CompactRevision == compacted, $"{what}{refused}");
        }

        watch.Dispose();
        return null;
    }

    /// <summary>
    /// Reads what it must have told by now; the history was read as far. RaftKv says then that all was told, and so needs
    /// nothing any more of what may be compacted next.
    /// </summary>
    /// <returns>How many events it has told in all.</returns>
    public async Task<int> CatchUpAsync(EventHistory history)
    {
        List<Event> expected = history.Expected(_create, _first);
        await ReadAsync(_etcd, _fromEtcd, expected, "etcd");
        await ReadAsync(_raftkv, _fromRaftKv, expected, "raftkv");
        await _raftkv.SendAsync(new WatchRequest { ProgressRequest = new WatchProgressRequest() });
        WatchResponse? there = await _raftkv.ReadAsync();
        Assert.True(
            there is { Created: false, Canceled: false, Events.Count: 0 } && there.Header.Revision >= history.Revision,
            $"{_what}{_create}\nafter revision {history.Revision} raftkv says {there}");
        return expected.Count;
    }

    /// <summary>Cancels it; nothing but the word that it is cancelled may come.</summary>
    public async Task CancelAsync()
    {
        var cancel = new WatchRequest { CancelRequest = new WatchCancelRequest { WatchId = _id } };
        await _etcd.SendAsync(cancel);
        await _raftkv.SendAsync(cancel);
        WatchResponse end = await SameAsync("is cancelled");
        Assert.True(end is { Canceled: true, Events.Count: 0 }, $"{_what}{end}");
    }

    public void Dispose()
    {
        _etcd.Dispose();
        _raftkv.Dispose();
    }

    private async Task<WatchResponse> SameAsync(string when)
    {
        WatchResponse? etcd = await _etcd.ReadAsync();
        WatchResponse? raftkv = await _raftkv.ReadAsync();
        Assert.True(
            etcd is not null && Equals(Comparison.Plain(etcd), Comparison.Plain(raftkv)),
            $"{_what}{_create}\n{when}\netcd:   {etcd}\nraftkv: {raftkv}");
        return etcd;
    }

    private async Task ReadAsync(GrpcStream<WatchRequest, WatchResponse> stream, List<Event> told, List<Event> expected, string server)
    {
        int before = told.Count;
        while (told.Count < expected.Count)
        {
            WatchResponse? answer = await stream.ReadAsync();
            Assert.True(answer is { Canceled: false, Created: false } && answer.WatchId == _id, $"{_what}{_create}\n{server}: {answer}");
            told.AddRange(answer.Events);
        }

        for (int i = before; i < told.Count; i++)
        {
            Assert.True(
                i < expected.Count && Equals(told[i], expected[i]),
                $"{_what}{_create}\n{server} tells {told[i]}\nexpected   {(i < expected.Count ? expected[i] : "nothing")}");
        }
    }
}
