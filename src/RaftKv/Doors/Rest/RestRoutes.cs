using System.Collections.Frozen;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Health;
using RaftKv.Doors.Rest.Admin;
using RaftKv.Doors.Rest.Coordination;
using RaftKv.Doors.Rest.Kv;
using RaftKv.Doors.Rest.Watches;

namespace RaftKv.Doors.Rest;

/// <summary>
/// All paths of the REST door. Matching is on the target as it was sent, not on the decoded path: a key is whatever
/// follows
/// <c>/api/v1/kv/</c> on the wire.
/// </summary>
internal static class RestRoutes
{
    private static readonly RestRoute _key = new(
        "/api/v1/kv/{key}",
        ("GET", KvReadEndpoints.GetAsync),
        ("HEAD", KvReadEndpoints.GetAsync),
        ("PUT", KvWriteEndpoints.PutAsync),
        ("DELETE", KvWriteEndpoints.DeleteAsync))
    { IsQuick = true };

    private static readonly RestRoute _range = new("/api/v1/kv/range", ("POST", RangeEndpoint.PostAsync));

    private static readonly RestRoute[] _withTail =
    [
        new("/api/v1/counters/{key}", ("POST", TxnEndpoints.IncrementAsync)),
        new("/api/v1/operations/{id}", ("GET", NodeEndpoints.OperationAsync)),

        // A fixed end goes before the open one: names have their slashes escaped.
        new("/api/v1/leases/{id}/keepalive", ("POST", LeaseEndpoints.KeepAliveAsync)),
        new("/api/v1/leases/{id}", ("GET", LeaseEndpoints.GetAsync), ("DELETE", LeaseEndpoints.RevokeAsync)),
        new("/api/v1/locks/{name}/keepalive", ("POST", QueueEndpoints.KeepAlive(LockKind.Lock))),
        QueueRoute("/api/v1/locks/{name}", LockKind.Lock),
        new("/api/v1/semaphores/{name}/keepalive", ("POST", QueueEndpoints.KeepAlive(LockKind.Semaphore))),
        QueueRoute("/api/v1/semaphores/{name}", LockKind.Semaphore),
        new("/api/v1/elections/{name}/campaign", ("POST", QueueEndpoints.Acquire(LockKind.Election))),
        new("/api/v1/elections/{name}/value", ("PUT", ElectionEndpoints.ProclaimAsync)),
        new("/api/v1/elections/{name}/keepalive", ("POST", QueueEndpoints.KeepAlive(LockKind.Election))),
        new("/api/v1/elections/{name}/observe", ("GET", ElectionEndpoints.ObserveAsync)),
        new("/api/v1/elections/{name}", ("GET", ElectionEndpoints.GetAsync), ("DELETE", QueueEndpoints.Release(LockKind.Election))),
        new("/api/v1/client-sessions/{id}", ("DELETE", ClientSessionEndpoints.CloseAsync)),
        new("/api/v1/guards/{prefix}", ("PUT", FenceEndpoints.SetAsync), ("DELETE", FenceEndpoints.RemoveAsync)),
        new(
            "/api/v1/quotas/{prefix}", ("GET", QuotaEndpoints.GetAsync), ("PUT", QuotaEndpoints.SetAsync),
            ("DELETE", QuotaEndpoints.RemoveAsync)),
        new("/api/v1/alarms/{kind}", ("DELETE", QuotaEndpoints.ClearAsync)),
    ];

    private static readonly RestRoute[] _fixed =
    [
        new(
            "/api/v1/kv",
            ("GET", KvListEndpoints.GetAsync),
            ("HEAD", KvListEndpoints.GetAsync),
            ("PUT", KvWriteEndpoints.PutByQueryAsync),
            ("DELETE", KvWriteEndpoints.DeleteManyAsync)),
        new("/api/v1/watch", ("GET", WatchEndpoint.GetAsync)),
        new("/api/v1/txn", ("POST", TxnEndpoints.TxnAsync)),
        new("/api/v1/compact", ("POST", TxnEndpoints.CompactAsync)),
        new("/api/v1/leases", ("GET", LeaseEndpoints.ListAsync), ("POST", LeaseEndpoints.GrantAsync)),
        new("/api/v1/client-sessions", ("POST", ClientSessionEndpoints.OpenAsync)),
        new("/api/v1/locks", ("GET", QueueEndpoints.List(LockKind.Lock, "locks"))),
        new("/api/v1/semaphores", ("GET", QueueEndpoints.List(LockKind.Semaphore, "semaphores"))),
        new("/api/v1/fence/verify", ("POST", FenceEndpoints.VerifyAsync)),
        new("/api/v1/guards", ("GET", FenceEndpoints.ListAsync)),
        new("/api/v1/quotas", ("GET", QuotaEndpoints.ListAsync), ("PUT", QuotaEndpoints.SetStoreAsync)),
        new("/api/v1/alarms", ("GET", QuotaEndpoints.AlarmsAsync)),
        new("/api/v1/status", ("GET", NodeEndpoints.StatusAsync)),
        new("/api/v1/cluster", ("GET", NodeEndpoints.ClusterAsync)),
        new("/api/v1/consistency/advice", ("POST", AdviceEndpoint.PostAsync)),
        new("/api/v1/receipts/verify", ("POST", ReceiptEndpoint.VerifyAsync)),
        new("/metrics", ("GET", MetricsEndpoint.GetAsync), ("HEAD", MetricsEndpoint.GetAsync)),
        new("/livez", ("GET", HealthEndpoints.LiveAsync), ("HEAD", HealthEndpoints.LiveAsync)),
        new("/readyz", ("GET", HealthEndpoints.ReadyAsync), ("HEAD", HealthEndpoints.ReadyAsync)),
        new("/healthz", ("GET", HealthEndpoints.ReadyAsync), ("HEAD", HealthEndpoints.ReadyAsync)),
        new("/health", ("GET", HealthEndpoints.EtcdHealthAsync), ("HEAD", HealthEndpoints.EtcdHealthAsync)),
        new("/version", ("GET", HealthEndpoints.VersionAsync), ("HEAD", HealthEndpoints.VersionAsync)),
    ];

    private static readonly FrozenDictionary<string, RestRoute>.AlternateLookup<ReadOnlySpan<char>> _byPath =
        _fixed.ToFrozenDictionary(static r => r.Template, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>All of them, for tests that hold the API document against them.</summary>
    public static IReadOnlyList<RestRoute> All => [_key, _range, .. _withTail, .. _fixed];

    private static RestRoute QueueRoute(string template, LockKind kind) => new(
        template, ("GET", QueueEndpoints.Get(kind)), ("POST", QueueEndpoints.Acquire(kind)), ("DELETE", QueueEndpoints.Release(kind)));

    /// <summary>The route of a path, or null when it is not one of ours.</summary>
    /// <param name="method">Tells POST /kv/range from a key of that name, which has no POST.</param>
    public static RestRoute? Match(ReadOnlySpan<char> path, string method)
    {
        if (path.StartsWith(_key.Prefix, StringComparison.Ordinal))
        {
            return path.Length == _range.Template.Length && method == "POST" && path.SequenceEqual(_range.Template) ? _range : _key;
        }

        if (_byPath.TryGetValue(path, out RestRoute? route))
        {
            return route;
        }

        foreach (RestRoute candidate in _withTail)
        {
            if (path.StartsWith(candidate.Prefix, StringComparison.Ordinal)
                && path.Length >= candidate.Prefix.Length + candidate.Suffix.Length
                && path.EndsWith(candidate.Suffix, StringComparison.Ordinal))
            {
                return candidate;
            }
        }

        return null;
    }
}
