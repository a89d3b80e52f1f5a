using System.Collections.Frozen;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Access;

namespace RaftKv.Doors.Rest;

/// <summary>
/// What each call of the HTTP doors needs once rights are in force, by method and path. What stands not here is root's; a test
/// walks all routes, so that none is forgotten.
/// </summary>
internal static class RestRules
{
    private static readonly FrozenDictionary<string, CallRule> _rules = new Dictionary<string, CallRule>(StringComparer.Ordinal)
    {
        ["GET /livez"] = CallRule.Nothing,
        ["GET /readyz"] = CallRule.Nothing,
        ["GET /livez/serializable_read"] = CallRule.Nothing,
        ["GET /readyz/node"] = CallRule.Nothing,
        ["GET /readyz/data_corruption"] = CallRule.Nothing,
        ["GET /readyz/serializable_read"] = CallRule.Nothing,
        ["GET /readyz/linearizable_read"] = CallRule.Nothing,
        ["GET /readyz/non_learner"] = CallRule.Nothing,
        ["GET /healthz"] = CallRule.Nothing,
        ["GET /health"] = CallRule.Nothing,
        ["GET /version"] = CallRule.Nothing,
        ["GET /metrics"] = CallRule.Of(OperationRights.Metrics).Vital,

        ["GET /api/v1/kv/{key}"] = CallRule.Keys,
        ["PUT /api/v1/kv/{key}"] = CallRule.Keys,
        ["DELETE /api/v1/kv/{key}"] = CallRule.Keys,
        ["GET /api/v1/kv"] = CallRule.Keys,
        ["PUT /api/v1/kv"] = CallRule.Keys,
        ["DELETE /api/v1/kv"] = CallRule.Keys,
        ["POST /api/v1/kv/range"] = CallRule.Keys,
        ["POST /api/v1/txn"] = CallRule.Keys,
        ["POST /api/v1/counters/{key}"] = CallRule.Keys,
        ["GET /api/v1/watch"] = CallRule.Keys,
        ["POST /api/v1/compact"] = CallRule.Of(OperationRights.Compact),

        ["GET /api/v1/leases"] = CallRule.Of(OperationRights.Lease),
        ["POST /api/v1/leases"] = CallRule.Of(OperationRights.Lease),
        ["GET /api/v1/leases/{id}"] = CallRule.Of(OperationRights.Lease),
        ["DELETE /api/v1/leases/{id}"] = CallRule.Of(OperationRights.Lease),
        ["POST /api/v1/leases/{id}/keepalive"] = CallRule.Of(OperationRights.Lease).Vital,

        ["GET /api/v1/locks"] = CallRule.Keys,
        ["GET /api/v1/locks/{name}"] = CallRule.Keys,
        ["POST /api/v1/locks/{name}"] = CallRule.Keys,
        ["DELETE /api/v1/locks/{name}"] = CallRule.Keys,
        ["POST /api/v1/locks/{name}/keepalive"] = CallRule.Keys.Vital,
        ["GET /api/v1/semaphores"] = CallRule.Keys,
        ["GET /api/v1/semaphores/{name}"] = CallRule.Keys,
        ["POST /api/v1/semaphores/{name}"] = CallRule.Keys,
        ["DELETE /api/v1/semaphores/{name}"] = CallRule.Keys,
        ["POST /api/v1/semaphores/{name}/keepalive"] = CallRule.Keys.Vital,
        ["POST /api/v1/elections/{name}/campaign"] = CallRule.Keys,
        ["PUT /api/v1/elections/{name}/value"] = CallRule.Keys,
        ["POST /api/v1/elections/{name}/keepalive"] = CallRule.Keys.Vital,
        ["GET /api/v1/elections/{name}/observe"] = CallRule.Keys,
        ["GET /api/v1/elections/{name}"] = CallRule.Keys,
        ["DELETE /api/v1/elections/{name}"] = CallRule.Keys,
        ["POST /api/v1/fence/verify"] = CallRule.Keys,

        ["POST /api/v1/client-sessions"] = CallRule.User,
        ["DELETE /api/v1/client-sessions/{id}"] = CallRule.User,
        ["GET /api/v1/operations/{id}"] = CallRule.User,
        ["GET /api/v1/status"] = CallRule.User,
        ["GET /api/v1/cluster"] = CallRule.User,
        ["GET /api/v1/log"] = CallRule.Root,
        ["GET /api/v1/backups"] = CallRule.Of(OperationRights.Backup),
        ["POST /api/v1/backups"] = CallRule.Of(OperationRights.Backup),
        ["GET /api/v1/backups/{id}"] = CallRule.Of(OperationRights.Backup),
        ["GET /api/v1/snapshot"] = CallRule.Of(OperationRights.Backup),
        ["GET /api/v1/events"] = CallRule.User,
        ["POST /api/v1/cluster/members"] = CallRule.Of(OperationRights.Members),
        ["POST /api/v1/cluster/members/change"] = CallRule.Of(OperationRights.Members),
        ["DELETE /api/v1/cluster/members/{id}"] = CallRule.Of(OperationRights.Members),
        ["PATCH /api/v1/cluster/members/{id}"] = CallRule.Of(OperationRights.Members),
        ["POST /api/v1/cluster/members/{id}/promote"] = CallRule.Of(OperationRights.Members),
        ["POST /api/v1/cluster/members/{id}/demote"] = CallRule.Of(OperationRights.Members),
        ["POST /api/v1/cluster/members/{id}/replace"] = CallRule.Of(OperationRights.Members),
        ["POST /api/v1/cluster/members/{id}/lead"] = CallRule.Of(OperationRights.Members),
        ["POST /api/v1/cluster/members/{id}/drain"] = CallRule.Of(OperationRights.Members),
        ["POST /api/v1/receipts/verify"] = CallRule.User,
        ["POST /api/v1/consistency/advice"] = CallRule.Nothing,

        ["GET /api/v1/auth"] = CallRule.User,
        ["POST /api/v1/auth/login"] = CallRule.Nothing,
        ["POST /api/v1/auth/enable"] = CallRule.Root,
        ["POST /api/v1/auth/disable"] = CallRule.Root,
        ["GET /api/v1/auth/users"] = CallRule.Root,
        ["POST /api/v1/auth/users"] = CallRule.Root,
        ["PUT /api/v1/auth/users/{name}/password"] = CallRule.Root,
        ["POST /api/v1/auth/users/{name}/grant"] = CallRule.Root,
        ["POST /api/v1/auth/users/{name}/revoke"] = CallRule.Root,
        ["GET /api/v1/auth/users/{name}"] = CallRule.User,
        ["DELETE /api/v1/auth/users/{name}"] = CallRule.Root,
        ["GET /api/v1/auth/roles"] = CallRule.Root,
        ["POST /api/v1/auth/roles"] = CallRule.Root,
        ["POST /api/v1/auth/roles/{name}/grant"] = CallRule.Root,
        ["POST /api/v1/auth/roles/{name}/revoke"] = CallRule.Root,
        ["PUT /api/v1/auth/roles/{name}/operations"] = CallRule.Root,
        ["GET /api/v1/auth/roles/{name}"] = CallRule.Root,
        ["DELETE /api/v1/auth/roles/{name}"] = CallRule.Root,
        ["GET /api/v1/auth/tokens"] = CallRule.User,
        ["POST /api/v1/auth/tokens"] = CallRule.User,
        ["DELETE /api/v1/auth/tokens/{id}"] = CallRule.User,

        ["GET /api/v1/guards"] = CallRule.Of(OperationRights.Limits),
        ["PUT /api/v1/guards/{prefix}"] = CallRule.Of(OperationRights.Limits),
        ["DELETE /api/v1/guards/{prefix}"] = CallRule.Of(OperationRights.Limits),
        ["GET /api/v1/quotas"] = CallRule.Of(OperationRights.Limits),
        ["PUT /api/v1/quotas"] = CallRule.Of(OperationRights.Limits),
        ["GET /api/v1/quotas/{prefix}"] = CallRule.Of(OperationRights.Limits),
        ["PUT /api/v1/quotas/{prefix}"] = CallRule.Of(OperationRights.Limits),
        ["DELETE /api/v1/quotas/{prefix}"] = CallRule.Of(OperationRights.Limits),
        ["GET /api/v1/alarms"] = CallRule.Of(OperationRights.Alarms),
        ["DELETE /api/v1/alarms/{kind}"] = CallRule.Of(OperationRights.Alarms),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The rule of a method and a path; root's when there is none.</summary>
    public static CallRule Of(string method, string template) => Find(method, template) ?? CallRule.Root;

    /// <summary>The rule of a method and a path; null when nobody has made one.</summary>
    public static CallRule? Find(string method, string template) =>
        _rules.TryGetValue($"{(method == "HEAD" ? "GET" : method)} {template}", out CallRule rule) ? rule : null;
}
