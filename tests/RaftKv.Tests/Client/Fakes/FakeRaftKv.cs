using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using RaftKv.Client;

namespace RaftKv.Tests.Client.Fakes;

/// <summary>
/// A cluster behind an HTTP handler, without sockets: one store, several host names, faults on demand, and time that a
/// test moves. It keeps the contract of leases, queues, fences and watches as far as the client's tests need it.
/// </summary>
internal sealed class FakeRaftKv : HttpMessageHandler
{
    private readonly FakeStore _store = new();
    private readonly TimeProvider _time;
    private readonly FakeQueues _queues;
    private readonly FakeWatches _watches;
    private readonly ConcurrentQueue<FakeRequest> _requests = new();
    private readonly ConcurrentDictionary<string, bool> _deadHosts = new();
    private readonly ConcurrentDictionary<string, bool> _silentHosts = new();

    internal FakeRaftKv(TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _queues = new FakeQueues(_store, this);
        _watches = new FakeWatches(_store);
    }

    internal FakeStore Store => _store;

    internal FakeWatches Watches => _watches;

    internal IReadOnlyList<FakeRequest> Requests => [.. _requests];

    /// <summary>Answers instead of the fake when it gives something.</summary>
    internal Func<FakeRequest, HttpResponseMessage?>? Script { get; set; }

    internal long NowMs => (long)_time.GetElapsedTime(0).TotalMilliseconds;

    internal RaftKvClient Client(params string[] hosts) => new(Options(hosts));

    internal RaftKvClientOptions Options(params string[] hosts) =>
        ClientFixture.Options([.. (hosts.Length == 0 ? ["n1"] : hosts).Select(static host => new Uri($"http://{host}/"))]) with
        {
            HttpMessageHandler = this,
            TimeProvider = _time,
        };

    /// <summary>Refuses connections, and breaks the streams that stand.</summary>
    internal void Kill(string host)
    {
        _deadHosts[host] = true;
        _watches.Break(host);
    }

    internal void Revive(string host)
    {
        _deadHosts.TryRemove(host, out _);
        _silentHosts.TryRemove(host, out _);
    }

    /// <summary>Takes requests and never answers.</summary>
    internal void Silence(string host) => _silentHosts[host] = true;

    internal bool IsDead(string host) => _deadHosts.ContainsKey(host);

    internal void Put(string key, string value)
    {
        lock (_store.Gate)
        {
            _store.Write(() => _store.Put(FakeStore.Latin1(key), Encoding.UTF8.GetBytes(value), 0));
        }
    }

    internal void Delete(string key)
    {
        lock (_store.Gate)
        {
            _store.Write(() => _store.Delete(FakeStore.Latin1(key)));
        }
    }

    internal string? Get(string key)
    {
        lock (_store.Gate)
        {
            return _store.Get(FakeStore.Latin1(key)) is { } pair ? Encoding.UTF8.GetString(pair.Value) : null;
        }
    }

    internal List<string> Keys(string prefix)
    {
        lock (_store.Gate)
        {
            return [.. _store.Range(key => key.StartsWith(FakeStore.Latin1(prefix), StringComparison.Ordinal)).Select(static pair => pair.Key)];
        }
    }

    /// <summary>Ends a lease as its expiry would.</summary>
    internal void Expire(string lease)
    {
        lock (_store.Gate)
        {
            _store.EndLease(Convert.ToInt64(lease, 16), "expired");
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string host = request.RequestUri!.Host;
        if (_deadHosts.ContainsKey(host))
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, "refused");
        }

        byte[] body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken);
        FakeRequest seen = new(request.Method.Method, request.RequestUri, host, body, request.Headers);
        _requests.Enqueue(seen);
        if (_silentHosts.ContainsKey(host))
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }

        HttpResponseMessage response = Script?.Invoke(seen) ?? await AnswerAsync(seen, cancellationToken);
        response.Headers.TryAddWithoutValidation("RaftKv-Served-By", host);
        return response;
    }

    private Task<HttpResponseMessage> AnswerAsync(FakeRequest request, CancellationToken cancellationToken)
    {
        if (request.Path == "/api/v1/watch")
        {
            return Task.FromResult(_watches.Open(request));
        }

        if (request.Path.StartsWith("/api/v1/locks/", StringComparison.Ordinal)
            || request.Path.StartsWith("/api/v1/semaphores/", StringComparison.Ordinal)
            || request.Path.StartsWith("/api/v1/elections/", StringComparison.Ordinal))
        {
            return _queues.AnswerAsync(request, cancellationToken);
        }

        lock (_store.Gate)
        {
            HttpResponseMessage response = Data(request);
            response.Headers.TryAddWithoutValidation("RaftKv-Revision", $"{_store.Revision}");
            return Task.FromResult(response);
        }
    }

    private HttpResponseMessage Data(FakeRequest request)
    {
        string path = request.Path["/api/v1/".Length..];
        if (request.Header("RaftKv-Fence") is { } fence && !_queues.Holds(fence))
        {
            return FakeJson.Problem(412, "fence-lost");
        }

        return (request.Method, path.Split('/')[0]) switch
        {
            ("POST", "leases") => Lease(request, path),
            ("DELETE", "leases") => _store.Leases.ContainsKey(Convert.ToInt64(path.Split('/')[1], 16))
                ? FakeJson.Answer(200, new JsonObject
                {
                    ["id"] = path.Split('/')[1],
                    ["deletedKeys"] = _store.EndLease(Convert.ToInt64(path.Split('/')[1], 16), "revoked"),
                    ["revision"] = _store.Revision,
                })
                : FakeJson.Problem(404, "lease-not-found"),
            ("GET", "leases") => LeaseInfo(path.Split('/')[1]),
            ("GET", "kv") when request.KeyIn("/api/v1/kv") is { } key => Get(key, isBytes: false),
            ("GET", "kv") => Page(request),
            ("PUT", "kv") => Put(request),
            ("DELETE", "kv") => Delete(request),
            ("POST", "counters") => Increment(request),
            ("POST", "txn") => FakeTxn.Run(_store, FakeJson.Parse(request.Body)),
            _ => FakeJson.Problem(404, "not-found"),
        };
    }

    private HttpResponseMessage LeaseInfo(string id) => _store.Leases.GetValueOrDefault(Convert.ToInt64(id, 16)) is { } lease
        ? FakeJson.Answer(200, new JsonObject { ["id"] = id, ["ttlMs"] = lease.TtlMs, ["remainingMs"] = lease.DeadlineMs - NowMs, ["keys"] = new JsonArray() })
        : FakeJson.Problem(404, "lease-not-found");

    private HttpResponseMessage Lease(FakeRequest request, string path)
    {
        if (path == "leases")
        {
            long ttl = FakeJson.ParseMs(FakeJson.Parse(request.Body)["ttl"], 15_000);
            FakeLease granted = _store.Grant(ttl, NowMs + ttl);
            return FakeJson.Answer(201, new JsonObject
            {
                ["id"] = FakeJson.LeaseId(granted.Id),
                ["ttlMs"] = ttl,
                ["remainingMs"] = ttl,
                ["revision"] = _store.Revision,
            });
        }

        string id = path.Split('/')[1];
        if (_store.Leases.GetValueOrDefault(Convert.ToInt64(id, 16)) is not { } lease)
        {
            return FakeJson.Problem(404, "lease-not-found");
        }

        _store.Renew(lease, NowMs + lease.TtlMs);
        return FakeJson.Answer(200, new JsonObject { ["id"] = id, ["ttlMs"] = lease.TtlMs, ["remainingMs"] = lease.TtlMs });
    }

    private HttpResponseMessage Get(string key, bool isBytes) => _store.Get(key) is { } pair
        ? FakeJson.Answer(200, FakeJson.Pair(key, pair), ("ETag", $"\"{pair.ModRevision}\""))
        : FakeJson.Problem(404, "key-not-found");

    private HttpResponseMessage Page(FakeRequest request)
    {
        Func<string, bool> isInside = request.Range();
        List<KeyValuePair<string, FakePair>> pairs = _store.Range(isInside);
        int limit = int.Parse(request.Query["limit"] ?? "1000");
        JsonArray items = [];
        foreach ((string key, FakePair pair) in pairs.Take(limit))
        {
            items.Add(FakeJson.Pair(key, pair));
        }

        return FakeJson.Answer(200, new JsonObject { ["items"] = items, ["hasMore"] = pairs.Count > limit, ["count"] = pairs.Count });
    }

    private HttpResponseMessage Put(FakeRequest request)
    {
        string key = request.KeyIn("/api/v1/kv")!;
        FakePair? before = _store.Get(key);
        if (!MeetsPrecondition(request, before))
        {
            return FakeJson.Problem(412, "precondition-failed", more: new JsonObject { ["actualRevision"] = before?.ModRevision ?? 0 });
        }

        long lease = request.Query["lease"] is { } id ? Convert.ToInt64(id, 16) : 0;
        if (lease != 0 && !_store.Leases.ContainsKey(lease))
        {
            return FakeJson.Problem(404, "lease-not-found");
        }

        _store.Write(() => _store.Put(key, request.Body, lease));
        return FakeJson.Answer(before is null ? 201 : 200, FakeJson.Pair(key, _store.Get(key)!));
    }

    private HttpResponseMessage Delete(FakeRequest request)
    {
        int deleted = 0;
        string? key = request.KeyIn("/api/v1/kv");
        if (key is not null && !MeetsPrecondition(request, _store.Get(key)))
        {
            return FakeJson.Problem(412, "precondition-failed");
        }

        Func<string, bool> isInside = key is null ? request.Range() : candidate => candidate == key;
        _store.Write(() => deleted = _store.Range(isInside).Count(pair => _store.Delete(pair.Key)));
        return FakeJson.Answer(200, new JsonObject { ["deleted"] = deleted });
    }

    private HttpResponseMessage Increment(FakeRequest request)
    {
        string key = request.KeyIn("/api/v1/counters")!;
        long value = FakeTxn.NumberAt(_store, key) + FakeJson.Parse(request.Body)["by"]!.GetValue<long>();
        _store.Write(() => _store.Put(key, Encoding.ASCII.GetBytes($"{value}"), 0));
        return FakeJson.Answer(200, new JsonObject { ["value"] = value, ["revision"] = _store.Revision });
    }

    private static bool MeetsPrecondition(FakeRequest request, FakePair? before) => (request.Header("If-None-Match"), request.Header("If-Match")) switch
    {
        (not null, _) => before is null,
        (_, { } match) => match == $"\"{before?.ModRevision}\"",
        _ => true,
    };
}

/// <summary>A request as the fake saw it.</summary>
internal sealed record FakeRequest(string Method, Uri Uri, string Host, byte[] Body, System.Net.Http.Headers.HttpRequestHeaders Headers)
{
    internal string Path => Uri.AbsolutePath;

    internal System.Collections.Specialized.NameValueCollection Query { get; } = HttpUtility.ParseQueryString(Uri.Query);

    internal JsonObject Json => FakeJson.Parse(Body);

    internal string? Header(string name) => Headers.TryGetValues(name, out IEnumerable<string>? values) ? string.Join(",", values) : null;

    /// <summary>The key in the path or the query; null when the request is about a range.</summary>
    internal string? KeyIn(string root)
    {
        if (Path.Length > root.Length + 1)
        {
            return FakeStore.Latin1(Uri.UnescapeDataString(Path[(root.Length + 1)..]));
        }

        return Query["key"] is { } key ? Decode(key) : null;
    }

    internal Func<string, bool> Range()
    {
        if (Query["key"] is { } single)
        {
            string key = Decode(single);
            return candidate => candidate == key;
        }

        string prefix = Decode(Query["prefix"] ?? "");
        string start = Decode(Query["start"] ?? "");
        string end = Decode(Query["end"] ?? "");
        return key => key.StartsWith(prefix, StringComparison.Ordinal) && string.CompareOrdinal(key, start) >= 0
            && (end.Length == 0 || string.CompareOrdinal(key, end) < 0);
    }

    private string Decode(string text) => Query["keyEncoding"] == "base64url"
        ? Encoding.Latin1.GetString(Base64Url.DecodeFromChars(text))
        : FakeStore.Latin1(text);
}
