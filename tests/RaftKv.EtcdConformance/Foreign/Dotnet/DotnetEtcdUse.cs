using System.Globalization;
using System.Threading.Channels;
using dotnet_etcd;
using Etcdserverpb;
using Google.Protobuf;
using Mvccpb;
using V3Electionpb;
using V3Lockpb;

namespace RaftKv.EtcdConformance.Foreign.Dotnet;

/// <summary>Everyday use of keys, leases, watches, locks and elections by dotnet-etcd, of an empty server.</summary>
internal sealed class DotnetEtcdUse(EtcdClient client)
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly Transcript _transcript = new();

    public static ByteString Bytes(string text) => ByteString.CopyFromUtf8(text);

    /// <summary>All of it.</summary>
    public async Task<IReadOnlyList<string>> RunAsync()
    {
        await UseKeysAsync();
        await UseTransactionsAsync();
        await UseLeasesAsync();
        await UseWatchesAsync();
        await UseLocksAsync();
        await UseElectionsAsync();
        await CompactAsync();
        return _transcript.Lines;
    }

    private static string Show(RangeResponse answer) => string.Create(
        CultureInfo.InvariantCulture, $"{answer.Count}{(answer.More ? "+" : "")} {string.Join(' ', answer.Kvs.Select(Show))}");

    private static string Show(KeyValue pair) => $"{pair.Key.ToStringUtf8()}={pair.Value.ToStringUtf8()}/{pair.Version}";

    private static string Show(Event change) => $"{change.Type} {Show(change.Kv)} was {(change.PrevKv is { } old ? Show(old) : "none")}";

    private async Task UseKeysAsync()
    {
        var prefix = new RangeRequest { Key = Bytes("kv/"), RangeEnd = Bytes(EtcdClient.GetRangeEnd("kv/")) };
        await _transcript.SayAsync("put", () => client.PutAsync("kv/a", "1"), static a => a.PrevKv is null ? "new" : "old");
        await _transcript.SayAsync(
            "put with what was before", () => client.PutAsync(new PutRequest { Key = Bytes("kv/a"), Value = Bytes("2"), PrevKv = true }),
            static a => Show(a.PrevKv));
        await _transcript.SayAsync(
            "put of an absent key's own value", () => client.PutAsync(new PutRequest { Key = Bytes("kv/no"), IgnoreValue = true }));
        await _transcript.SayAsync("put without a key", () => client.PutAsync("", "x"));
        await _transcript.SayAsync("put b", () => client.PutAsync("kv/b", "ä"));
        await _transcript.SayAsync("put c", () => client.PutAsync("kv/c", ""));
        await _transcript.SayAsync("get", () => client.GetAsync("kv/a"), Show);
        await _transcript.SayAsync("get value", () => client.GetValAsync("kv/b"), static a => a);
        await _transcript.SayAsync("get value of none", () => client.GetValAsync("kv/no"), static a => $"'{a}'");
        await _transcript.SayAsync("get range", () => client.GetRangeAsync("kv/"), Show);
        await _transcript.SayAsync(
            "get range of values", () => client.GetRangeValAsync("kv/"),
            static a => string.Join(' ', a.Select(static p => p.Key + p.Value)));
        RangeRequest limited = prefix.Clone();
        (limited.Limit, limited.SortOrder, limited.SortTarget) = (
            2, RangeRequest.Types.SortOrder.Descend, RangeRequest.Types.SortTarget.Key);
        await _transcript.SayAsync("range with a limit, descending", () => client.GetAsync(limited), Show);
        RangeRequest counted = prefix.Clone();
        (counted.CountOnly, counted.Serializable) = (true, true);
        await _transcript.SayAsync("count, serializable", () => client.GetAsync(counted), Show);
        RangeRequest ahead = prefix.Clone();
        ahead.Revision = 1_000_000;
        await _transcript.SayAsync("range at a revision to come", () => client.GetAsync(ahead), Show);
        await _transcript.SayAsync("range stream", () => client.RangeStreamAsync(prefix), Show);
        var chunks = new List<RangeResponse>();
        await _transcript.SayAsync("range stream, by chunk", () => client.RangeStream(prefix, chunks.Add, CancellationToken.None));
        _transcript.Note("chunks: " + string.Join(' ', chunks.SelectMany(static chunk => chunk.Kvs).Select(Show)));
        await _transcript.SayAsync("delete", () => client.DeleteAsync("kv/a"), static a => $"{a.Deleted}");
        await _transcript.SayAsync("delete again", () => client.DeleteAsync("kv/a"), static a => $"{a.Deleted}");
        await _transcript.SayAsync(
            "delete with what was before",
            () => client.DeleteAsync(new DeleteRangeRequest { Key = Bytes("kv/b"), PrevKv = true }),
            static a => Show(a.PrevKvs.Single()));
        await _transcript.SayAsync("delete range", () => client.DeleteRangeAsync("kv/"), static a => $"{a.Deleted}");
        await _transcript.SayAsync(
            "put of more than fits", () => client.PutAsync("kv/large", new string('x', 2 * 1024 * 1024 - 512)));
    }

    private async Task UseTransactionsAsync()
    {
        var absent = new Compare
        {
            Key = Bytes("txn/a"),
            Target = Compare.Types.CompareTarget.Create,
            Result = Compare.Types.CompareResult.Equal,
            CreateRevision = 0,
        };
        RequestOp put = new() { RequestPut = new PutRequest { Key = Bytes("txn/a"), Value = Bytes("1") } };
        RequestOp get = new() { RequestRange = new RangeRequest { Key = Bytes("txn/a") } };
        RequestOp nested = new() { RequestTxn = new TxnRequest { Success = { get } } };
        var create = new TxnRequest { Compare = { absent }, Success = { put, nested }, Failure = { get } };
        await _transcript.SayAsync(
            "txn that holds", () => client.TransactionAsync(create),
            static a => $"{a.Succeeded} {Show(a.Responses[1].ResponseTxn.Responses[0].ResponseRange)}");
        await _transcript.SayAsync(
            "txn that does not", () => client.TransactionAsync(create), static a => $"{a.Succeeded} {Show(a.Responses[0].ResponseRange)}");
        await _transcript.SayAsync(
            "txn that writes a key twice", () => client.TransactionAsync(new TxnRequest { Success = { put, put } }));
    }

    private async Task UseLeasesAsync()
    {
        LeaseGrantResponse? lease = await _transcript.SayAsync(
            "grant", () => client.LeaseGrantAsync(new LeaseGrantRequest { TTL = 600 }), static a => $"{a.TTL}");
        var named = new LeaseGrantRequest { TTL = 600, ID = 77 };
        await _transcript.SayAsync("grant under an id", () => client.LeaseGrantAsync(named), static a => $"{a.ID}");
        await _transcript.SayAsync("grant of what is there", () => client.LeaseGrantAsync(named), static a => $"{a.ID}");
        await _transcript.SayAsync(
            "put under a lease", () => client.PutAsync(new PutRequest { Key = Bytes("lease/a"), Lease = 77 }));
        await _transcript.SayAsync(
            "put under no lease there is", () => client.PutAsync(new PutRequest { Key = Bytes("lease/a"), Lease = 78 }));
        await _transcript.SayAsync(
            "time to live", () => client.LeaseTimeToLiveAsync(new LeaseTimeToLiveRequest { ID = 77, Keys = true }),
            static a => $"{a.GrantedTTL} {a.TTL is > 0 and <= 600} {string.Join(' ', a.Keys.Select(static key => key.ToStringUtf8()))}");
        await _transcript.SayAsync(
            "time to live of none", () => client.LeaseTimeToLiveAsync(new LeaseTimeToLiveRequest { ID = 78 }), static a => $"{a.TTL}");
        await _transcript.SayAsync(
            "leases", () => client.LeaseLeasesAsync(), static a => $"{a.Leases.Count} {a.Leases.Any(static l => l.ID == 77)}");
        var renewed = new List<LeaseKeepAliveResponse>();
        await _transcript.SayAsync(
            "keep alive", () => client.LeaseKeepAlive(new LeaseKeepAliveRequest { ID = 77 }, renewed.Add, CancellationToken.None));
        await _transcript.SayAsync(
            "keep two alive", () => client.LeaseKeepAlive(
                [new LeaseKeepAliveRequest { ID = 77 }, new LeaseKeepAliveRequest { ID = 78 }], renewed.Add, CancellationToken.None));
        _transcript.Note("renewed: " + string.Join(' ', renewed.Select(static a => $"{a.ID}/{a.TTL}")));
        await _transcript.SayAsync("revoke", () => client.LeaseRevokeAsync(new LeaseRevokeRequest { ID = 77 }));
        await _transcript.SayAsync("revoke again", () => client.LeaseRevokeAsync(new LeaseRevokeRequest { ID = 77 }));
        await _transcript.SayAsync("its key", () => client.GetAsync("lease/a"), Show);
        await client.LeaseRevokeAsync(new LeaseRevokeRequest { ID = lease!.ID });
    }

    private async Task UseWatchesAsync()
    {
        var changes = Channel.CreateUnbounded<WatchResponse>();
        long before = (await client.PutAsync("watch/a", "0")).Header.Revision;
        var from = new WatchRequest
        {
            CreateRequest = new WatchCreateRequest { Key = Bytes("watch/a"), StartRevision = before, PrevKv = true },
        };
        long id = await client.WatchAsync(from, (WatchResponse answer) => changes.Writer.TryWrite(answer));
        await client.PutAsync("watch/a", "1");
        await client.DeleteAsync("watch/a");
        _transcript.Note("watch from a revision: " + await EventsAsync(changes.Reader, 3));
        client.CancelWatch(id);
        var prefix = Channel.CreateUnbounded<WatchResponse>();
        long range = await client.WatchRangeAsync("watch/", (WatchResponse answer) => prefix.Writer.TryWrite(answer));

        // It begins when it has said so.
        Assert.True((await prefix.Reader.ReadAsync().AsTask().WaitAsync(_patience)).Created);
        await client.PutAsync("watch/b", "2");
        await client.PutAsync("other", "2");
        await client.DeleteRangeAsync("watch/");
        _transcript.Note("watch of a range: " + await EventsAsync(prefix.Reader, 2));
        client.CancelWatch(range);
        while (changes.Reader.TryRead(out WatchResponse? late))
        {
            Assert.Empty(late.Events);
        }

        await client.DeleteAsync("other");
    }

    private async Task UseLocksAsync()
    {
        LeaseGrantResponse one = await client.LeaseGrantAsync(new LeaseGrantRequest { TTL = 600 });
        LeaseGrantResponse two = await client.LeaseGrantAsync(new LeaseGrantRequest { TTL = 600 });
        LockResponse? held = await _transcript.SayAsync(
            "lock", () => client.LockAsync("lock", one.ID), a => $"{a.Key.ToStringUtf8() == $"lock/{one.ID:x}"}");
        Task<LockResponse> second = client.LockAsync(new LockRequest { Name = Bytes("lock"), Lease = two.ID });
        while ((await client.GetRangeAsync("lock/")).Count < 2)
        {
            await Task.Yield();
        }

        _transcript.Note($"the second waits: {!second.IsCompleted}");
        await _transcript.SayAsync("unlock", () => client.UnlockAsync(held!.Key.ToStringUtf8()));
        await _transcript.SayAsync("the second", () => second, a => $"{a.Key.ToStringUtf8() == $"lock/{two.ID:x}"}");
        await client.LeaseRevokeAsync(new LeaseRevokeRequest { ID = two.ID });
        LockResponse? own = await _transcript.SayAsync(
            "lock without a lease", () => client.LockAsync(new LockRequest { Name = Bytes("lock") }),
            static a => $"{a.Key.ToStringUtf8()[..5]}");
        await _transcript.SayAsync("unlock", () => client.UnlockAsync(new UnlockRequest { Key = own!.Key }));
        await _transcript.SayAsync("lock under no lease there is", () => client.LockAsync("lock", 78));
        await client.LeaseRevokeAsync(new LeaseRevokeRequest { ID = one.ID });
    }

    private async Task UseElectionsAsync()
    {
        LeaseGrantResponse lease = await client.LeaseGrantAsync(new LeaseGrantRequest { TTL = 600 });
        await _transcript.SayAsync("leader of nobody", () => client.LeaderAsync("election"), static a => Show(a.Kv));
        CampaignResponse? won = await _transcript.SayAsync(
            "campaign", () => client.CampaignAsync("election", lease.ID, "me"), static a => a.Leader.Name.ToStringUtf8());
        using var enough = new CancellationTokenSource(_patience);
        await using IAsyncEnumerator<LeaderResponse> observed =
            client.ObserveAsync("election", cancellationToken: enough.Token).GetAsyncEnumerator(enough.Token);
        Assert.True(await observed.MoveNextAsync());
        _transcript.Note("observed: " + observed.Current.Kv.Value.ToStringUtf8());
        await _transcript.SayAsync("proclaim", () => client.ProclaimAsync(won!.Leader, "still me"));
        Assert.True(await observed.MoveNextAsync());
        _transcript.Note("observed: " + observed.Current.Kv.Value.ToStringUtf8());
        await _transcript.SayAsync(
            "leader", () => client.LeaderAsync("election"), static a => $"{a.Kv.Value.ToStringUtf8()}/{a.Kv.Version}");
        await _transcript.SayAsync("resign", () => client.ResignAsync(won!.Leader));
        await _transcript.SayAsync("proclaim after that", () => client.ProclaimAsync(won!.Leader, "x"));
        await client.LeaseRevokeAsync(new LeaseRevokeRequest { ID = lease.ID });
    }

    private async Task CompactAsync()
    {
        long revision = (await client.PutAsync("compact", "1")).Header.Revision;
        await client.PutAsync("compact", "2");
        var request = new CompactionRequest { Revision = revision + 1, Physical = true };
        await _transcript.SayAsync("compact", () => client.CompactAsync(request));
        await _transcript.SayAsync("compact again", () => client.CompactAsync(request));
        var old = new RangeRequest { Key = Bytes("compact"), Revision = revision };
        await _transcript.SayAsync("range before it", () => client.GetAsync(old), Show);
        var answers = Channel.CreateUnbounded<WatchResponse>();
        var from = new WatchRequest { CreateRequest = new WatchCreateRequest { Key = Bytes("compact"), StartRevision = revision } };
        await client.WatchAsync(from, (WatchResponse answer) => answers.Writer.TryWrite(answer));
        WatchResponse end;
        do
        {
            end = await answers.Reader.ReadAsync().AsTask().WaitAsync(_patience);
        }
        while (!end.Canceled);

        _transcript.Note($"watch from before it: canceled, from {end.CompactRevision == revision + 1}");
        await client.DeleteAsync("compact");
    }

    private static async Task<string> EventsAsync(ChannelReader<WatchResponse> answers, int count)
    {
        var events = new List<Event>();
        while (events.Count < count)
        {
            events.AddRange((await answers.ReadAsync().AsTask().WaitAsync(_patience)).Events);
        }

        return string.Join(", ", events.Select(Show));
    }
}
