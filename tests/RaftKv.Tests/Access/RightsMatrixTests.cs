using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Etcd;
using RaftKv.Doors.Grpc;
using RaftKv.Doors.JsonGateway;
using RaftKv.Doors.OpenApi.Model;
using RaftKv.Doors.OpenApi.Operations;
using RaftKv.Tests.Api;
using RaftKv.Tests.Service;
using static RaftKv.Tests.Access.AccessHost;

namespace RaftKv.Tests.Access;

/// <summary>
/// Every operation of the API document and every method of the gateway, by each kind of caller: who lacks the right is told so,
/// and who has it is not. What each call needs is said here once more, apart from the server's own table.
/// </summary>
public sealed class RightsMatrixTests
{
    // Over all keys: r to read, w to write, rw both, t to watch; q to look at a queue, a to join it, o to observe it; or the name of
    // an operation; any: every user; open: everybody; root.
    private static readonly Dictionary<string, string> _needs = new()
    {
        ["GET /api/v1/kv/{key}"] = "r",
        ["PUT /api/v1/kv/{key}"] = "w",
        ["DELETE /api/v1/kv/{key}"] = "w",
        ["GET /api/v1/kv"] = "r",
        ["PUT /api/v1/kv"] = "w",
        ["DELETE /api/v1/kv"] = "w",
        ["POST /api/v1/kv/range"] = "r",
        ["GET /api/v1/watch"] = "t",
        ["POST /api/v1/txn"] = "rw",
        ["POST /api/v1/counters/{key}"] = "rw",
        ["POST /api/v1/compact"] = "compact",
        ["GET /api/v1/leases"] = "lease",
        ["POST /api/v1/leases"] = "lease",
        ["GET /api/v1/leases/{id}"] = "lease",
        ["DELETE /api/v1/leases/{id}"] = "lease",
        ["POST /api/v1/leases/{id}/keepalive"] = "lease",
        ["POST /api/v1/locks/{name}"] = "a",
        ["POST /api/v1/semaphores/{name}"] = "a",
        ["POST /api/v1/elections/{name}/campaign"] = "a",
        ["GET /api/v1/elections/{name}/observe"] = "o",
        ["POST /api/v1/fence/verify"] = "q",
        ["GET /api/v1/guards"] = "limits",
        ["PUT /api/v1/guards/{prefix}"] = "limits",
        ["DELETE /api/v1/guards/{prefix}"] = "limits",
        ["GET /api/v1/alarms"] = "alarms",
        ["DELETE /api/v1/alarms/{kind}"] = "alarms",
        ["GET /metrics"] = "metrics",
        ["POST /api/v1/client-sessions"] = "any",
        ["DELETE /api/v1/client-sessions/{id}"] = "any",
        ["GET /api/v1/operations/{id}"] = "any",
        ["GET /api/v1/status"] = "any",
        ["GET /api/v1/cluster"] = "any",
        ["GET /api/v1/log"] = "root",
        ["POST /api/v1/receipts/verify"] = "any",
        ["POST /api/v1/consistency/advice"] = "open",
        ["GET /api/v1/auth"] = "any",
        ["GET /api/v1/auth/tokens"] = "any",
    };

    private static readonly (string Name, KeyRights Keys, OperationRights Operations)[] _users =
    [
        ("plain", KeyRights.None, OperationRights.None), ("r", KeyRights.Read, OperationRights.None),
        ("w", KeyRights.Write, OperationRights.None), ("rw", KeyRights.Read | KeyRights.Write, OperationRights.None),
        ("t", KeyRights.Watch, OperationRights.None), ("l", KeyRights.Lock, OperationRights.None),
        ("lease", KeyRights.None, OperationRights.Lease), ("compact", KeyRights.None, OperationRights.Compact),
        ("members", KeyRights.None, OperationRights.Members), ("backup", KeyRights.None, OperationRights.Backup),
        ("alarms", KeyRights.None, OperationRights.Alarms), ("dashboard", KeyRights.None, OperationRights.Dashboard),
        ("metrics", KeyRights.None, OperationRights.Metrics), ("limits", KeyRights.None, OperationRights.Limits),
    ];

    // What etcd's API has, at a path of its gateway. NAME stands for a name that is nobody else's.
    private static readonly (string Path, string Body, string Need)[] _etcdCalls =
    [
        ("kv/range", """{"key":"YQ=="}""", "r"), ("kv/put", """{"key":"YQ==","value":"MQ=="}""", "w"),
        ("kv/put", """{"key":"YQ==","value":"MQ==","prev_kv":true}""", "rw"),
        ("kv/deleterange", """{"key":"eA=="}""", "w"),
        ("kv/deleterange", """{"key":"eA==","prev_kv":true}""", "rw"),
        ("kv/compaction", """{"revision":"1"}""", "compact"),
        ("kv/txn", """{"compare":[{"key":"YQ==","target":"VERSION","result":"EQUAL","version":"9"}],"success":[]}""", "r"),
        ("kv/txn", """{"success":[{"request_put":{"key":"YQ==","value":"MQ=="}}]}""", "w"),
        ("kv/txn", """{"success":[{"request_txn":{"failure":[{"request_range":{"key":"YQ=="}}]}}]}""", "r"),
        ("lease/grant", """{"TTL":"60"}""", "lease"), ("kv/lease/revoke", """{"ID":"99"}""", "lease"),
        ("lease/timetolive", """{"ID":"99"}""", "lease"),
        ("lease/leases", "{}", "lease"),
        ("lease/keepalive", """{"ID":"99"}""", "lease"),
        ("cluster/member/list", "{}", "any"), ("cluster/member/add", """{"peerURLs":["http://a:1"]}""", "members"),
        ("cluster/member/remove", """{"ID":"9"}""", "members"),
        ("cluster/member/update", """{"ID":"9","peerURLs":["http://a:1"]}""", "members"),
        ("cluster/member/promote", """{"ID":"9"}""", "members"),
        ("maintenance/alarm", "{}", "alarms"),
        ("maintenance/status", "{}", "any"),
        ("maintenance/defragment", "{}", "root"),
        ("maintenance/hash", "{}", "root"),
        ("maintenance/snapshot", "{}", "backup"),
        ("maintenance/transfer-leadership", """{"targetID":"9"}""", "members"),
        ("auth/status", "{}", "open"),
        ("auth/enable", "{}", "root"),
        ("auth/user/add", """{"name":"n","password":"p"}""", "root"),
        ("auth/user/get", """{"name":"nosuch"}""", "root"),
        ("auth/user/list", "{}", "root"),
        ("auth/user/delete", """{"name":"n"}""", "root"),
        ("auth/user/changepw", """{"name":"n","password":"p"}""", "root"),
        ("auth/user/grant", """{"user":"n","role":"x"}""", "root"),
        ("auth/user/revoke", """{"name":"n","role":"x"}""", "root"), ("auth/role/add", """{"name":"x"}""", "root"),
        ("auth/role/get", """{"role":"nosuch"}""", "root"),
        ("auth/role/list", "{}", "root"),
        ("auth/role/delete", """{"role":"x"}""", "root"),
        ("auth/role/grant", """{"name":"x","perm":{"key":"YQ=="}}""", "root"),
        ("auth/role/revoke", """{"role":"x","key":"YQ=="}""", "root"),
        ("election/leader", """{"name":"ZQ=="}""", "r"),
        ("election/resign", """{"leader":{"name":"ZQ==","key":"ZS8x","rev":"9"}}""", "rw"),
        ("election/proclaim", """{"leader":{"name":"ZQ==","key":"ZS8x","rev":"9"},"value":"MQ=="}""", "rw"),
        ("lock/unlock", """{"key":"bS8x"}""", "w"),
        ("lock/lock", """{"name":"NAME"}""", "rw"),
        ("election/campaign", """{"name":"NAME"}""", "rw"),
    ];

    [Fact]
    public async Task Each_operation_of_the_document_is_allowed_to_those_with_its_right_and_to_nobody_else()
    {
        await using AccessHost host = await HostAsync();
        List<string> wrong = [];
        int cases = 0;
        foreach (ApiOperation operation in ApiOperations.All)
        {
            string need = NeedOf(operation);
            foreach (string user in (string[])["", .. _users.Select(static user => user.Name), "root"])
            {
                // One is over then, the other says 401 of a wrong password.
                if (operation.Path == "/api/v1/auth/login" || (user == "root" && operation.Path == "/api/v1/auth/disable"))
                {
                    continue;
                }

                int status = await SendAsync(host, operation, user);
                bool isAllowed = status is not (401 or 403);
                cases++;
                if (isAllowed != Has(user, need) || (!isAllowed && status != (user.Length == 0 ? 401 : 403)))
                {
                    wrong.Add($"{operation.Id} needs {need}: {(user.Length == 0 ? "nobody" : user)} got {status}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.True(cases > 900, $"{cases} cases");
    }

    [Fact]
    public async Task Nobody_gets_on_with_a_token_that_is_none()
    {
        await using AccessHost host = await HostAsync();
        string[] texts = ["x", "rkl.x", "rkl.AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "rkt.AAAAAAAAAAAAAAAAAAAAAA.AAAA", "rkt..", ""];
        foreach (ApiOperation operation in ApiOperations.All.Where(static o => NeedOf(o) != "open" && o.Path != "/api/v1/auth/login"))
        {
            foreach (string text in texts)
            {
                Assert.Equal(401, await SendAsync(host, operation, "", Bearer(text)));
            }
        }
    }

    private static async Task<AccessHost> HostAsync(HttpProtocols protocols = HttpProtocols.Http1AndHttp2)
    {
        AccessHost host = await AccessHost.StartAsync(protocols: protocols);
        foreach ((string name, KeyRights keys, OperationRights operations) in _users)
        {
            await host.UserAsync(name, keys, operations: operations);
        }

        return host;
    }

    private static string NeedOf(ApiOperation operation)
    {
        string call = $"{(operation.Method == "HEAD" ? "GET" : operation.Method)} {operation.Path}";
        return _needs.TryGetValue(call, out string? need) ? need
            : operation.Path.StartsWith("/api/v1/auth", StringComparison.Ordinal) ? "root"
            : operation.Path.StartsWith("/api/v1/cluster/members", StringComparison.Ordinal) ? "members"
            : operation.Path == "/api/v1/events" ? "any"
            : operation.Path.StartsWith("/api/v1/backups", StringComparison.Ordinal) || operation.Path == "/api/v1/snapshot" ? "backup"
            : operation.Path.StartsWith("/api/v1/quotas", StringComparison.Ordinal) ? "limits"
            : operation.IsHealth ? "open"
            : operation.Tag is ApiTags.Locks or ApiTags.Elections ? "q"
            : throw new KeyNotFoundException($"{call} has no word here for what it needs.");
    }

    private static bool Has(string user, string need) => need switch
    {
        "open" => true,
        _ when user == "root" => true,
        _ when user.Length == 0 => false,
        "any" => true,
        "root" => false,
        "r" => user is "r" or "rw",
        "w" => user is "w" or "rw",
        "lease" => user is "lease" or "w" or "rw" or "l",

        // Places of locks are keys too.
        "q" => user is "r" or "rw" or "l",
        "a" => user is "rw" or "l",
        "o" => user is "l",
        _ => user == need,
    };

    private static async Task<int> SendAsync(
        AccessHost host, ApiOperation operation, string user, params (string Name, string Value)[] headers)
    {
        string path = operation.Path;
        List<string> query = [];
        foreach (ApiParameter parameter in operation.Parameters.Where(static parameter => parameter.Example is not null))
        {
            if (parameter.In == Microsoft.OpenApi.ParameterLocation.Path)
            {
                path = path.Replace($"{{{parameter.Name}}}", parameter.Example, StringComparison.Ordinal);
            }
            else if (parameter.In == Microsoft.OpenApi.ParameterLocation.Query)
            {
                query.Add($"{parameter.Name}={Uri.EscapeDataString(parameter.Example!)}");
            }
        }

        if (operation.Path is "/api/v1/watch" or "/api/v1/events" or "/api/v1/elections/{name}/observe")
        {
            query.RemoveAll(static part => part.StartsWith("timeout", StringComparison.Ordinal));
            query.Add("timeout=1ms");
        }

        if (query.Count > 0)
        {
            path += "?" + string.Join('&', query);
        }

        JsonNode? example = operation.Body?.Contents[0].Example?.DeepClone();
        if (NeedOf(operation) == "a")
        {
            (example ??= new JsonObject())["wait"] = "0s";
        }

        string? body = example?.ToJsonString();
        HttpResponseMessage answer = await host.AsAsync(user, operation.Method, path, body, headers);
        return (int)answer.StatusCode;
    }

    [Fact]
    public Task Each_method_of_etcds_gateway_is_allowed_to_those_with_its_right_and_to_nobody_else() =>
        WalkEtcdAsync(HttpProtocols.Http1AndHttp2, static async (host, user, path, body) =>
            await (await host.AsAsync(user, "POST", "/v3/" + path, body)).Content.ReadAsStringAsync());

    [Fact]
    public async Task Each_method_of_etcds_grpc_is_allowed_to_those_with_its_right_and_to_nobody_else()
    {
        using var service = new FakeService();
        using var etcd = new EtcdApi(service.Service, NullLogger.Instance);
        Dictionary<string, RpcMethod> methods = new GatewayRoutes([.. etcd.Methods]).Canonical
            .ToDictionary(static route => route.Path["/v3/".Length..], static route => route.Method);
        await WalkEtcdAsync(HttpProtocols.Http2, (host, user, path, body) =>
            GrpcAsync(host, user, methods[path].Path, JsonParser.Default.Parse(body, methods[path].Request)));
    }

    private static async Task WalkEtcdAsync(HttpProtocols protocols, Func<AccessHost, string, string, string, Task<string>> askAsync)
    {
        await using AccessHost host = await HostAsync(protocols);
        List<string> wrong = [];
        int cases = 0;
        foreach ((string path, string body, string need) in _etcdCalls)
        {
            foreach (string user in (string[])["", .. _users.Select(static user => user.Name), "root"])
            {
                string name = Convert.ToBase64String(Bytes($"{user}-{path}"));
                string text = await askAsync(host, user, path, body.Replace("NAME", name, StringComparison.Ordinal));
                bool isAllowed = !text.Contains("permission denied", StringComparison.Ordinal)
                    && !text.Contains("user name is empty", StringComparison.Ordinal);
                cases++;
                if (isAllowed != Has(user, need))
                {
                    wrong.Add($"{path} {body} needs {need}: {(user.Length == 0 ? "nobody" : user)} got {text}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
        Assert.True(cases > 700, $"{cases} cases");
    }

    // Status and word of a call, from its head or its trailers.
    private static async Task<string> GrpcAsync(AccessHost host, string user, string method, IMessage message)
    {
        byte[] bytes = message.ToByteArray();
        byte[] prefix = new byte[5];
        BinaryPrimitives.WriteInt32BigEndian(prefix.AsSpan(1), bytes.Length);
        using var request = new HttpRequestMessage(HttpMethod.Post, method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([.. prefix, .. bytes]),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        if (user.Length > 0)
        {
            request.Headers.Add(Basic(user).Name, Basic(user).Value);
        }

        using HttpResponseMessage answer = await host.Api.Client.SendAsync(request);
        await answer.Content.ReadAsByteArrayAsync();
        IEnumerable<string> said = answer.Headers.Concat(answer.TrailingHeaders)
            .Where(static header => header.Key.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase))
            .Select(static header => $"{header.Key}: {string.Join(' ', header.Value)}");
        string text = string.Join(' ', said);
        Assert.Contains("grpc-status", text, StringComparison.OrdinalIgnoreCase);
        return text;
    }
}
