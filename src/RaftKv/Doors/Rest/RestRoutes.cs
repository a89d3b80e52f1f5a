using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Http;
using RaftKv.Doors.Rest.Access;
using RaftKv.Doors.Rest.Admin;
using RaftKv.Doors.Rest.Coordination;
using RaftKv.Doors.Rest.Kv;
using RaftKv.Doors.Rest.Watches;

namespace RaftKv.Doors.Rest;

/// <summary>All paths of the REST door.</summary>
internal static class RestRoutes
{
    private static readonly HttpRoute _key = new(
        "/api/v1/kv/{key}",
        ("GET", KvReadEndpoints.GetAsync),
        ("HEAD", KvReadEndpoints.GetAsync),
        ("PUT", KvWriteEndpoints.PutAsync),
        ("DELETE", KvWriteEndpoints.DeleteAsync))
    { IsQuick = true };

    private static readonly HttpRoute[] _withTail =
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
        new("/api/v1/elections/{name}/campaign", ("POST", AcquireEndpoint.Of(LockKind.Election))),
        new("/api/v1/elections/{name}/value", ("PUT", ElectionEndpoints.ProclaimAsync)),
        new("/api/v1/elections/{name}/keepalive", ("POST", QueueEndpoints.KeepAlive(LockKind.Election))),
        new("/api/v1/elections/{name}/observe", ("GET", ElectionEndpoints.ObserveAsync)),
        new("/api/v1/elections/{name}", ("GET", ElectionEndpoints.GetAsync), ("DELETE", QueueEndpoints.Release(LockKind.Election))),
        new("/api/v1/client-sessions/{id}", ("DELETE", ClientSessionEndpoints.CloseAsync)),
        new("/api/v1/guards/{prefix}", ("PUT", FenceEndpoints.SetAsync), ("DELETE", FenceEndpoints.RemoveAsync)),
        new(
            "/api/v1/quotas/{prefix}", ("GET", QuotaEndpoints.GetAsync), ("PUT", QuotaEndpoints.SetAsync),
            ("DELETE", QuotaEndpoints.RemoveAsync)),
        new("/api/v1/cluster/members/{id}/promote", ("POST", MemberEndpoints.PromoteAsync)),
        new("/api/v1/cluster/members/{id}/demote", ("POST", MemberEndpoints.DemoteAsync)),
        new("/api/v1/cluster/members/{id}/replace", ("POST", MemberEndpoints.ReplaceAsync)),
        new("/api/v1/cluster/members/{id}/lead", ("POST", MemberEndpoints.LeadAsync)),
        new("/api/v1/cluster/members/{id}/drain", ("POST", MemberEndpoints.DrainAsync)),
        new("/api/v1/cluster/members/{id}", ("DELETE", MemberEndpoints.RemoveAsync), ("PATCH", MemberEndpoints.PatchAsync)),
        new("/api/v1/alarms/{kind}", ("DELETE", QuotaEndpoints.ClearAsync)),
        new("/api/v1/backups/{id}", ("GET", BackupEndpoints.GetAsync)),
    ];

    private static readonly HttpRoute[] _fixed =
    [
        new(
            "/api/v1/kv",
            ("GET", KvListEndpoints.GetAsync),
            ("HEAD", KvListEndpoints.GetAsync),
            ("PUT", KvWriteEndpoints.PutByQueryAsync),
            ("DELETE", KvWriteEndpoints.DeleteManyAsync)),
        new("/api/v1/kv/range", ("POST", RangeEndpoint.PostAsync)),
        new("/api/v1/watch", ("GET", WatchEndpoint.GetAsync)),
        new("/api/v1/txn", ("POST", TxnEndpoints.TxnAsync)),
        new("/api/v1/compact", ("POST", TxnEndpoints.CompactAsync)),
        new("/api/v1/leases", ("GET", LeaseEndpoints.ListAsync), ("POST", LeaseEndpoints.GrantAsync)),
        new("/api/v1/client-sessions", ("POST", ClientSessionEndpoints.OpenAsync)),
        new("/api/v1/locks", ("GET", QueueEndpoints.List(LockKind.Lock))),
        new("/api/v1/semaphores", ("GET", QueueEndpoints.List(LockKind.Semaphore))),
        new("/api/v1/fence/verify", ("POST", FenceEndpoints.VerifyAsync)),
        new("/api/v1/guards", ("GET", FenceEndpoints.ListAsync)),
        new("/api/v1/quotas", ("GET", QuotaEndpoints.ListAsync), ("PUT", QuotaEndpoints.SetStoreAsync)),
        new("/api/v1/alarms", ("GET", QuotaEndpoints.AlarmsAsync)),
        new("/api/v1/backups", ("GET", BackupEndpoints.ListAsync), ("POST", BackupEndpoints.BeginAsync)),
        new("/api/v1/snapshot", ("GET", SnapshotEndpoint.GetAsync)),
        new("/api/v1/status", ("GET", NodeEndpoints.StatusAsync)),
        new("/api/v1/cluster/members", ("POST", MemberEndpoints.AddAsync)),
        new("/api/v1/cluster/members/change", ("POST", MemberEndpoints.ChangeAsync)),
        new("/api/v1/events", ("GET", EventStream.GetAsync)),
        new("/api/v1/cluster", ("GET", NodeEndpoints.ClusterAsync)),
        new("/api/v1/log", ("GET", LogEndpoint.GetAsync)),
        new("/api/v1/consistency/advice", ("POST", AdviceEndpoint.PostAsync)),
        new("/api/v1/receipts/verify", ("POST", ReceiptEndpoint.VerifyAsync)),
    ];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<HttpRoute> All => [_key, .. _withTail, .. _fixed, .. AuthRoutes.All];

    private static HttpRoute QueueRoute(string template, LockKind kind) => new(
        template, ("GET", QueueEndpoints.Get(kind)), ("POST", AcquireEndpoint.Of(kind)), ("DELETE", QueueEndpoints.Release(kind)));
}
