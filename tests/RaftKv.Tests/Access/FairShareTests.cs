using System.Net.Http.Headers;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Health;
using RaftKv.Doors.Rest;
using RaftKv.Service.Calls;
using RaftKv.Service.Shares;
using RaftKv.Tests.Api;
using RaftKv.Tests.Client;
using RaftKv.Tests.Support;
using static RaftKv.Tests.Access.AccessHost;

namespace RaftKv.Tests.Access;

/// <summary>
/// Fair shares at the doors: the excess of one is refused, and nobody else notices. Counted, by a clock that only the test
/// moves.
/// </summary>
public sealed class FairShareTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task A_noisy_neighbour_is_held_to_its_share_and_no_lease_of_another_ends()
    {
        (int applied, int refused) = await NeighboursAsync(new ShareOptions { OfEveryone = new ShareTerms(10, 8) });
        Assert.Equal(10 * 20, applied);
        Assert.Equal(90 * 20, refused);
    }

    [Fact]
    public async Task Without_shares_the_same_neighbour_is_refused_nothing()
    {
        (int applied, int refused) = await NeighboursAsync(ShareOptions.None);
        Assert.Equal((100 * 20, 0), (applied, refused));
    }

    // Twenty seconds: bob calls at ten times his share, ann renews her lease of two seconds once each, writes once and reads once.
    private async Task<(int Applied, int Refused)> NeighboursAsync(ShareOptions shares)
    {
        await using AccessHost host = await HostAsync(shares);
        HttpResponseMessage granted = await host.AsAsync("ann", "POST", "/api/v1/leases", """{"ttl":"2s"}""");
        string lease = (await granted.JsonAsync()).GetProperty("id").GetString()!;
        (string Name, string Value) bob = Bearer(await host.LoginAsync("bob"));
        int applied = 0;
        int refused = 0;
        for (int second = 0; second < 20; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            for (int i = 0; i < 100; i++)
            {
                HttpResponseMessage answer = await host.Api.SendAsync("PUT", $"/api/v1/kv/b/{i}", "x", null, bob);
                _ = answer.IsSuccessStatusCode ? applied++ : refused++;
                if (!answer.IsSuccessStatusCode)
                {
                    await answer.ProblemAsync(429, "overloaded");
                    Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
                }
            }

            // Each renewal is confirmed within the lease's life of the one before: E1 does the rest.
            Assert.Equal(200, await host.StatusAsync("ann", "POST", $"/api/v1/leases/{lease}/keepalive"));
            Assert.InRange(await host.StatusAsync("ann", "PUT", "/api/v1/kv/a/1", "x"), 200, 201);
            Assert.Equal(200, await host.StatusAsync("ann", "GET", "/api/v1/kv/a/1"));
            Assert.Equal(200, await host.StatusAsync("", "GET", "/readyz"));
        }

        Assert.Equal(200, await host.StatusAsync("ann", "GET", $"/api/v1/leases/{lease}"));
        return (applied, refused);
    }

    [Fact]
    public async Task Whoever_has_no_share_left_still_renews_leases_and_asks_for_health_and_metrics()
    {
        await using AccessHost host = await HostAsync(new ShareOptions { OfEveryone = new ShareTerms(2, 0) });
        HttpResponseMessage granted = await host.AsAsync("ann", "POST", "/api/v1/leases", """{"ttl":"2s"}""");
        string lease = (await granted.JsonAsync()).GetProperty("id").GetString()!;
        Assert.Equal(201, await host.StatusAsync("ann", "PUT", "/api/v1/kv/a/1", "x"));
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(429, await host.StatusAsync("ann", "GET", "/api/v1/kv/a/1"));
            Assert.Equal(429, (int)(await GatewayAsync(host, "/v3/kv/range", """{"key":"YS8x"}""")).StatusCode);
            Assert.Equal(200, await host.StatusAsync("ann", "POST", $"/api/v1/leases/{lease}/keepalive"));
            string renewed = await (await GatewayAsync(host, "/v3/lease/keepalive", $$"""{"ID":{{Convert.ToInt64(lease, 16)}}}"""))
                .Content.ReadAsStringAsync();
            Assert.Contains("\"TTL\":\"2\"", renewed, StringComparison.Ordinal);
            Assert.Equal(200, await host.StatusAsync("", "GET", "/livez"));
            Assert.Equal(200, await host.StatusAsync("root", "GET", "/metrics"));
        }

        string metrics = await host.TextAsync("root", "GET", "/metrics");
        Assert.Contains("raftkv_share_refusals_total{share=\"caller\",reason=\"rate\"} 40", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_excess_is_told_in_each_doors_own_words_with_a_time_to_come_back()
    {
        await using AccessHost host = await HostAsync(new ShareOptions { OfUsers = Of("ann", new ShareTerms(1, 0)) });
        Assert.Equal(404, await host.StatusAsync("ann", "GET", "/api/v1/kv/a/1"));
        HttpResponseMessage rest = await host.AsAsync("ann", "GET", "/api/v1/kv/a/1");
        await rest.ProblemAsync(429, "overloaded");
        Assert.Equal(TimeSpan.FromSeconds(1), rest.Headers.RetryAfter!.Delta);
        HttpResponseMessage gateway = await GatewayAsync(host, "/v3/kv/range", """{"key":"YS8x"}""");
        Assert.Equal(429, (int)gateway.StatusCode);
        Assert.Contains("etcdserver: too many requests", await gateway.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(2), gateway.Headers.RetryAfter!.Delta);

        // Others have shares of their own, or none.
        Assert.Equal(404, await host.StatusAsync("bob", "GET", "/api/v1/kv/b/1"));

        // Whoever comes when he was told to finds room.
        _time.Advance(rest.Headers.RetryAfter!.Delta!.Value);
        Assert.Equal(404, await host.StatusAsync("ann", "GET", "/api/v1/kv/a/1"));
    }

    [Fact]
    public async Task The_excess_is_told_to_gRPC_with_a_time_to_come_back()
    {
        await using AccessHost host = await HostAsync(
            new ShareOptions { OfUsers = Of("ann", new ShareTerms(1, 0)) }, HttpProtocols.Http2);
        Assert.NotEqual("8", (await GrpcAsync(host, "etcdserverpb.KV/Range", "ann")).Header("grpc-status"));
        HttpResponseMessage refused = await GrpcAsync(host, "etcdserverpb.KV/Range", "ann");
        Assert.Equal("8", refused.Header("grpc-status"));
        Assert.Equal("etcdserver: too many requests", refused.Header("grpc-message"));
        Assert.Equal("1000", refused.Header("grpc-retry-pushback-ms"));
        Assert.NotEqual("8", (await GrpcAsync(host, "etcdserverpb.KV/Range", "bob")).Header("grpc-status"));
    }

    [Fact]
    public async Task A_prefix_has_a_share_of_its_own_for_reads_writes_txns_locks_and_watches_of_all_callers()
    {
        var shares = new ShareOptions { OfPrefixes = [(Bytes("a/"), new ShareTerms(1, 0))] };
        (string User, string Method, string Path, string? Body)[] calls =
        [
            ("ann", "GET", "/api/v1/kv/a/1", null),
            ("root", "PUT", "/api/v1/kv/a/1", "x"),
            ("root", "GET", "/api/v1/kv?prefix=", null),
            ("root", "DELETE", "/api/v1/kv?prefix=a/", null),
            ("root", "POST", "/api/v1/counters/a/n", """{"by":1}"""),
            ("root", "POST", "/api/v1/kv/range", """{"ranges":[{"prefix":"b/"},{"key":"a/1"}]}"""),
            ("root", "POST", "/api/v1/txn", """{"then":[{"txn":{"then":[{"put":{"key":"a/1","value":"x"}}]}}]}"""),
            ("root", "POST", "/api/v1/txn", """{"compare":[{"key":"a/1","target":"version","op":"=","operand":0}],"then":[]}"""),
            ("root", "POST", "/api/v1/locks/a/l", """{"ttl":"5s","wait":"0s"}"""),
            ("root", "GET", "/api/v1/watch?prefix=a/&timeout=1ms", null),
            ("root", "POST", "/v3/kv/put", """{"key":"YS8x","value":"eA=="}"""),
            ("root", "POST", "/v3/kv/txn", """{"success":[{"request_put":{"key":"YS8x","value":"eA=="}}]}"""),
        ];
        foreach ((string user, string method, string path, string? body) in calls)
        {
            await using AccessHost host = await HostAsync(shares);
            Assert.NotEqual(429, await host.StatusAsync(user, method, path, body));
            Assert.Equal(429, await host.StatusAsync("bob", "GET", "/api/v1/kv/a/1"));
            Assert.Equal(429, await host.StatusAsync(user, method, path, body));
            Assert.NotEqual(429, await host.StatusAsync(user, "GET", "/api/v1/kv/b/1"));
            _time.Advance(TimeSpan.FromSeconds(2));
            Assert.NotEqual(429, await host.StatusAsync(user, method, path, body));
        }
    }

    [Fact]
    public async Task Who_only_waits_is_not_under_way()
    {
        await using AccessHost host = await HostAsync(new ShareOptions { OfEveryone = new ShareTerms(0, 1) });
        await host.UserAsync("eve", KeyRights.All, "");
        (string Name, string Value) eve = Bearer(await host.LoginAsync("eve"));
        await host.AsAsync("root", "POST", "/api/v1/locks/l", """{"ttl":"60s"}""");
        Task watch = host.Api.SendAsync("GET", "/api/v1/watch?prefix=x/&timeout=60s", null, null, eve, ("Accept", "text/event-stream"));
        await Eventually.TrueAsync(() => host.Api.Node.Watches.ParkedCount == 1);
        Task place = host.Api.SendAsync("POST", "/api/v1/locks/l", """{"ttl":"60s","wait":"60s"}""", "application/json", eve);
        await Eventually.TrueAsync(() => host.Api.Node.Watches.ParkedCount == 3);
        Assert.Equal(404, (int)(await host.Api.SendAsync("GET", "/api/v1/kv/x", null, null, eve)).StatusCode);
        Assert.False(watch.IsCompleted || place.IsCompleted);
    }

    [Fact]
    public async Task Without_rights_each_address_is_a_caller()
    {
        await using ApiHost host = await ApiHost.StartAsync(
            new ApiOptions { Time = _time, Shares = new ShareOptions { OfEveryone = new ShareTerms(2, 0) } });
        int[] statuses = new int[3];
        for (int i = 0; i < statuses.Length; i++)
        {
            statuses[i] = (int)(await host.SendAsync("PUT", "/api/v1/kv/a", "x")).StatusCode;
        }

        Assert.Equal([201, 200, 429], statuses);
        Assert.Equal(200, (int)(await host.SendAsync("GET", "/readyz")).StatusCode);
    }

    [Fact]
    public async Task Calls_that_prove_nothing_count_for_where_they_come_from()
    {
        await using AccessHost host = await HostAsync(new ShareOptions { OfEveryone = new ShareTerms(3, 0) });
        int[] statuses = new int[5];
        for (int i = 0; i < statuses.Length; i++)
        {
            statuses[i] = (int)(await host.Api.SendAsync("GET", "/api/v1/kv/a", null, null, Bearer("rkl.nonsense"))).StatusCode;
        }

        Assert.Equal([401, 401, 401, 429, 429], statuses);
        Assert.Equal(404, await host.StatusAsync("ann", "GET", "/api/v1/kv/a/1"));
    }

    [Fact]
    public void What_goes_before_all_shares_is_health_the_ways_in_and_renewals_and_nothing_else()
    {
        string[] first =
        [
            .. RestRoutes.All.Concat(HealthRoutes.All)
                .SelectMany(static route => route.AllowedMethods.Split(", ").Select(method => (method, route.Template)))
                .Where(static call => call.method != "HEAD" && RestRules.Of(call.method, call.Template).GoesFirst)
                .Select(static call => $"{call.method} {call.Template}"),
        ];
        Assert.All(first, static call => Assert.True(
            call.EndsWith("/keepalive", StringComparison.Ordinal) || call == "GET /metrics"
                || call is "POST /api/v1/auth/login" or "POST /api/v1/consistency/advice"
                || !call.Contains("/api/", StringComparison.Ordinal),
            call));
        Assert.Equal(4, first.Count(static call => call.EndsWith("/keepalive", StringComparison.Ordinal)));
        Assert.True(EtcdRules.Of("/etcdserverpb.Lease/LeaseKeepAlive").GoesFirst);
        Assert.False(EtcdRules.Of("/etcdserverpb.Lease/LeaseGrant").GoesFirst);
        Assert.False(EtcdRules.Of("/etcdserverpb.Watch/Watch").GoesFirst);
    }

    private async Task<AccessHost> HostAsync(ShareOptions shares, HttpProtocols protocols = HttpProtocols.Http1AndHttp2)
    {
        AccessHost host = await AccessHost.StartAsync(new ApiOptions { Time = _time, Shares = shares }, protocols: protocols);
        await host.UserAsync("ann", KeyRights.All, "a/", OperationRights.Lease);
        await host.UserAsync("bob", KeyRights.All, "");
        return host;
    }

    private static Dictionary<string, ShareTerms> Of(string user, ShareTerms terms) => new() { [user] = terms };

    private static Task<HttpResponseMessage> GatewayAsync(AccessHost host, string path, string body) =>
        host.AsAsync("ann", "POST", path, body);

    // An empty message: only its head matters here.
    private static Task<HttpResponseMessage> GrpcAsync(AccessHost host, string method, string user)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/" + method)
        {
            Version = new Version(2, 0),
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent([0, 0, 0, 0, 0]),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Headers.Add(Basic(user).Name, Basic(user).Value);
        return host.Api.Client.SendAsync(request);
    }
}
