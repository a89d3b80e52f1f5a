using System.Globalization;
using Google.Protobuf;
using RaftKv.EtcdConformance.Clients;
using RaftKv.EtcdConformance.Servers;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Kubernetes;

/// <summary>
/// One API server's storage calls, as kube-apiserver makes them: create, guaranteed update and delete by transactions on the
/// mod revision, lists in pages of one revision, leases for events, compaction. Whatever node does not
/// answer is left for the next one. Used by one task.
/// </summary>
internal sealed class ApiServer : IDisposable
{
    private const string Prefix = "/registry/";
    private readonly GrpcClient[] _nodes;
    private readonly Observed _seen;
    private readonly string _name;
    private int _node;
    private int _sent;

    public ApiServer(string name, IEnumerable<ServerUnderTest> nodes, Observed seen, int first)
    {
        _name = name;
        _seen = seen;
        _nodes = [.. nodes.Select(static node => new GrpcClient(node.Client))];
        _node = first % _nodes.Length;
    }

    public static ByteString Start { get; } = ByteString.CopyFromUtf8(Prefix);

    public static ByteString End { get; } = ByteString.CopyFromUtf8("/registry0");

    /// <summary>The client of the node that is asked now.</summary>
    public GrpcClient Now => _nodes[_node % _nodes.Length];

    public void MoveOn() => _node++;

    /// <summary>Creates the object, or updates it from what it is; true when the store says that it was done.</summary>
    public async Task<bool> GuaranteedUpdateAsync(string key, long lease = 0)
    {
        KeyValue? current = await GetAsync(key);
        string value = $"{_name}-{++_sent}";
        lock (_seen)
        {
            _seen.Sent.Add(value);
        }

        var put = new PutRequest { Key = Of(key), Value = ByteString.CopyFromUtf8(value), Lease = lease };
        TxnResponse? done = await TxnAsync(key, current?.ModRevision ?? 0, new RequestOp { RequestPut = put });
        return Note(done, key, value);
    }

    /// <summary>Deletes the object as it was seen.</summary>
    public async Task<bool> DeleteAsync(string key)
    {
        KeyValue? current = await GetAsync(key);
        if (current is null)
        {
            return false;
        }

        var delete = new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = Of(key) } };
        return Note(await TxnAsync(key, current.ModRevision, delete), key, value: null);
    }

    /// <summary>A lease for events; 0 when none was granted.</summary>
    public async Task<long> GrantAsync(long seconds) =>
        (await CallAsync<LeaseGrantResponse>("/etcdserverpb.Lease/LeaseGrant", new LeaseGrantRequest { TTL = seconds }))?.ID ?? 0;

    /// <summary>All objects at one revision, page by page, or in chunks; null when a page was not answered.</summary>
    public async Task<Listed?> ListAsync(int pageSize, bool isStream)
    {
        using var shown = new ListDigest();
        var request = new RangeRequest { Key = Start, RangeEnd = End, Limit = isStream ? 0 : pageSize };
        while (true)
        {
            RangeResponse? page = isStream ? await StreamAsync(request) : await CallAsync<RangeResponse>("/etcdserverpb.KV/Range", request);
            if (page is null)
            {
                return null;
            }

            request.Revision = request.Revision == 0 ? page.Header.Revision : request.Revision;
            foreach (KeyValue pair in page.Kvs)
            {
                shown.Add(pair.Key.ToStringUtf8(), pair.Value.ToStringUtf8(), pair.ModRevision);
            }

            if (!page.More)
            {
                return new Listed(request.Revision, shown.Sum());
            }

            request.Key = ByteString.CopyFrom([.. page.Kvs[^1].Key.Span, 0]);
        }
    }

    /// <summary>Compacts up to a revision; another may have done so before.</summary>
    public async Task CompactAsync(long revision)
    {
        await CallAsync<CompactionResponse>("/etcdserverpb.KV/Compact", new CompactionRequest { Revision = revision });
    }

    public void Dispose() => Array.ForEach(_nodes, static node => node.Dispose());

    /// <summary>The key of an object.</summary>
    public static string Key(int number) => Prefix + "pods/p" + number.ToString("d3", CultureInfo.InvariantCulture);

    private static ByteString Of(string key) => ByteString.CopyFromUtf8(key);

    private bool Note(TxnResponse? done, string key, string? value)
    {
        if (done is not { Succeeded: true })
        {
            return false;
        }

        lock (_seen)
        {
            _seen.Writes.Add(new Acknowledged(key, value, done.Header.Revision));
        }

        return true;
    }

    private async Task<KeyValue?> GetAsync(string key)
    {
        RangeResponse? read;
        do
        {
            read = await CallAsync<RangeResponse>("/etcdserverpb.KV/Range", new RangeRequest { Key = Of(key) });
        }
        while (read is null);
        return read.Kvs.FirstOrDefault();
    }

    private Task<TxnResponse?> TxnAsync(string key, long modRevision, RequestOp then) =>
        CallAsync<TxnResponse>("/etcdserverpb.KV/Txn", new TxnRequest
        {
            Compare = { new Compare { Key = Of(key), Target = Compare.Types.CompareTarget.Mod, ModRevision = modRevision } },
            Success = { then },
            Failure = { new RequestOp { RequestRange = new RangeRequest { Key = Of(key) } } },
        });

    private async Task<RangeResponse?> StreamAsync(RangeRequest request)
    {
        GrpcAnswer? answer = await AskAsync(grpc => grpc.CallMergedAsync<RangeStreamResponse>("/etcdserverpb.KV/RangeStream", request));
        return ((RangeStreamResponse?)answer?.Message)?.RangeResponse;
    }

    private async Task<TAnswer?> CallAsync<TAnswer>(string method, IMessage request)
        where TAnswer : class, IMessage<TAnswer>, new() =>
        (TAnswer?)(await AskAsync(grpc => grpc.CallAsync<TAnswer>(method, request, TimeSpan.FromSeconds(5))))?.Message;

    // Null: nobody knows what came of it. Only what explains itself may happen: a lease that has ended (5), what is compacted
    // already (11), and what a leader's end brings.
    private async Task<GrpcAnswer?> AskAsync(Func<GrpcClient, Task<GrpcAnswer>> ask)
    {
        try
        {
            GrpcAnswer answer = await ask(Now);
            if (answer.Code is 0 or 5 or 11)
            {
                return answer;
            }

            Assert.True(answer.Code is 4 or 14, answer.ToString());
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            // The node was killed.
        }

        MoveOn();
        await Task.Delay(20);
        return null;
    }
}
