using Google.Protobuf;
using RaftKv.Bench.Grpc;
using RaftKv.EtcdConformance.Kubernetes;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Bench.Kubernetes;

/// <summary>
/// One API server's calls of its storage, as kube-apiserver makes them: writes are transactions on the mod revision that was
/// seen last, which answer with what is there when it is another one. What node does not answer is left for the next. Any
/// number of callers at a time.
/// </summary>
internal sealed class StorageApi : IDisposable
{
    private const string Range = "/etcdserverpb.KV/Range";
    private const int NotFound = 5;
    private const int OutOfRange = 11;

    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);

    private readonly EtcdEndpoint[] _nodes;
    private readonly LoadFigures _figures;
    private int _node;

    internal StorageApi(IEnumerable<Uri> nodes, int first, LoadFigures figures)
    {
        _nodes = [.. nodes.Select(static node => new EtcdEndpoint(node))];
        _node = first % _nodes.Length;
        _figures = figures;
    }

    internal IReadOnlyList<EtcdEndpoint> Nodes => _nodes;

    /// <summary>
    /// Creates the object, or updates it as it was seen, until that is acknowledged. False when its lease is gone, or the run
    /// is over.
    /// </summary>
    internal async Task<bool> UpdateAsync(ResourceLog log, StoredObject target, int bytes, long lease, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            (string id, ByteString value) = log.NewValue(bytes);
            PutRequest put = new() { Key = ByteString.CopyFromUtf8(target.Key), Value = value, Lease = lease };
            EtcdAnswer<TxnResponse> answer = await WriteAsync(target, new RequestOp { RequestPut = put }, stop);
            if (answer.Message is { Succeeded: true } done)
            {
                target.ModRevision = done.Header.Revision;
                log.Acknowledge(target.Key, id, done.Header.Revision);
                return true;
            }

            if (answer.Code == NotFound)
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>Deletes the object as it was seen, until it is gone. False when the run is over before.</summary>
    internal async Task<bool> DeleteAsync(ResourceLog log, StoredObject target, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && target.ModRevision != 0)
        {
            DeleteRangeRequest delete = new() { Key = ByteString.CopyFromUtf8(target.Key) };
            EtcdAnswer<TxnResponse> answer = await WriteAsync(target, new RequestOp { RequestDeleteRange = delete }, stop);
            if (answer.Message is { Succeeded: true } done)
            {
                target.ModRevision = 0;
                log.Acknowledge(target.Key, id: null, done.Header.Revision);
            }
        }

        return target.ModRevision == 0;
    }

    /// <summary>Creates many objects at once, before a run.</summary>
    /// <exception cref="BenchException">They were refused.</exception>
    internal async Task CreateAsync(ResourceLog log, IReadOnlyList<StoredObject> targets, int bytes)
    {
        TxnRequest txn = new();
        List<string> ids = [];
        foreach (StoredObject target in targets)
        {
            (string id, ByteString value) = log.NewValue(bytes);
            ids.Add(id);
            PutRequest put = new() { Key = ByteString.CopyFromUtf8(target.Key), Value = value };
            txn.Success.Add(new RequestOp { RequestPut = put });
        }

        EtcdAnswer<TxnResponse> answer = await CallAsync<TxnResponse>("/etcdserverpb.KV/Txn", txn);
        long revision = answer.Message?.Header.Revision ?? throw new BenchException($"Loading failed: code {answer.Code}, {answer.Detail}");
        for (int i = 0; i < targets.Count; i++)
        {
            targets[i].ModRevision = revision;
            log.Acknowledge(targets[i].Key, ids[i], revision);
        }
    }

    /// <summary>All below the prefix at one revision, in pages; null when a page was not answered, or is compacted.</summary>
    internal async Task<Listed?> ListAsync(string prefix, Action<long> onPage, Func<long> now)
    {
        using ListDigest shown = new();
        byte[] end = [.. ByteString.CopyFromUtf8(prefix).Span];
        end[^1]++;
        RangeRequest request = new()
        {
            Key = ByteString.CopyFromUtf8(prefix),
            RangeEnd = ByteString.CopyFrom(end),
            Limit = KubernetesRates.PageSize,
        };
        while (true)
        {
            long begun = now();
            RangeResponse? page = (await CallAsync<RangeResponse>(Range, request)).Message;
            if (page is null)
            {
                return null;
            }

            onPage(begun);
            request.Revision = request.Revision == 0 ? page.Header.Revision : request.Revision;
            foreach (KeyValue pair in page.Kvs)
            {
                shown.Add(pair.Key.ToStringUtf8(), StoredValue.Read(pair.Value).Id, pair.ModRevision);
            }

            if (!page.More)
            {
                return new Listed(request.Revision, shown.Sum(), prefix);
            }

            request.Key = ByteString.CopyFrom([.. page.Kvs[^1].Key.Span, 0]);
        }
    }

    /// <summary>One object, linearizable; the store's revision, 0 when there was no answer.</summary>
    internal async Task<long> GetAsync(string key) =>
        (await CallAsync<RangeResponse>(Range, new RangeRequest { Key = ByteString.CopyFromUtf8(key) })).Message?.Header.Revision ?? 0;

    /// <summary>A lease; 0 when none was granted.</summary>
    internal async Task<long> GrantAsync(long seconds) => (await CallAsync<LeaseGrantResponse>(
        "/etcdserverpb.Lease/LeaseGrant", new LeaseGrantRequest { TTL = seconds })).Message?.ID ?? 0;

    /// <summary>Compacts up to a revision; another may have done so before.</summary>
    internal async Task<bool> CompactAsync(long revision) => (await CallAsync<CompactionResponse>(
        "/etcdserverpb.KV/Compact", new CompactionRequest { Revision = revision })).Message is not null;

    public void Dispose() => Array.ForEach(_nodes, static node => node.Dispose());

    // Who does not know what came of it, or that it was another one, looks.
    private async Task<EtcdAnswer<TxnResponse>> WriteAsync(StoredObject target, RequestOp then, CancellationToken stop)
    {
        ByteString key = ByteString.CopyFromUtf8(target.Key);
        RangeRequest look = new() { Key = key };
        EtcdAnswer<TxnResponse> answer = await CallAsync<TxnResponse>("/etcdserverpb.KV/Txn", new TxnRequest
        {
            Compare = { new Compare { Key = key, Target = Compare.Types.CompareTarget.Mod, ModRevision = target.ModRevision } },
            Success = { then },
            Failure = { new RequestOp { RequestRange = look } },
        });
        if (answer.Message is { Succeeded: false } other)
        {
            target.ModRevision = ModRevisionOf(other.Responses[0].ResponseRange);
        }

        while (answer.Message is null && answer.Code != NotFound && !stop.IsCancellationRequested)
        {
            if ((await CallAsync<RangeResponse>(Range, look)).Message is { } there)
            {
                target.ModRevision = ModRevisionOf(there);
                break;
            }
        }

        return answer;
    }

    private static long ModRevisionOf(RangeResponse there) => there.Kvs.Count == 0 ? 0 : there.Kvs[0].ModRevision;

    private async Task<EtcdAnswer<TAnswer>> CallAsync<TAnswer>(string method, IMessage request)
        where TAnswer : class, IMessage<TAnswer>, new()
    {
        int node = Volatile.Read(ref _node);
        EtcdAnswer<TAnswer> answer = await _nodes[node].CallAsync<TAnswer>(method, request, _timeout);
        if (answer.IsElsewhere)
        {
            Interlocked.CompareExchange(ref _node, (node + 1) % _nodes.Length, node);
            await Task.Delay(_pause);
        }
        else if (answer.Code is not (0 or NotFound or OutOfRange))
        {
            _figures.Refused(method, answer.Code, answer.Detail);
            await Task.Delay(_pause);
        }

        return answer;
    }
}
