using System.Net;
using System.Text;
using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Service.Sessions;

namespace RaftKv.Tests.Api;

/// <summary>Bad input of any kind: a 4xx with a sentence, the state unchanged, the process up.</summary>
public sealed class AbuseTests : IAsyncLifetime
{
    private const int MaxValueBytes = 1_572_864;

    private ApiHost _host = null!;
    private ulong _before;

    public async Task InitializeAsync()
    {
        _host = await ApiHost.StartAsync();
        await _host.SendAsync("PUT", "/api/v1/kv/k", "v");
        _before = _host.Node.View.StateHash;
    }

    public async Task DisposeAsync()
    {
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync("GET", "/readyz")).StatusCode);
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", "/api/v1/kv/k?revision=0")]
    [InlineData("GET", "/api/v1/kv/k?revision=-1")]
    [InlineData("GET", "/api/v1/kv/k?revision=9223372036854775808")]
    [InlineData("GET", "/api/v1/kv/k?revision=9223372036854775807")]
    [InlineData("GET", "/api/v1/kv/k?revision=1e3")]
    [InlineData("GET", "/api/v1/kv/k?revision=")]
    [InlineData("GET", "/api/v1/kv/k?raw=maybe")]
    [InlineData("GET", "/api/v1/kv/k?raw&raw")]
    [InlineData("GET", "/api/v1/kv/k?encoding=rot13")]
    [InlineData("GET", "/api/v1/kv/k?wait=1h")]
    [InlineData("GET", "/api/v1/kv/k?wait=0s")]
    [InlineData("GET", "/api/v1/kv/k?wait=-1s")]
    [InlineData("GET", "/api/v1/kv/k?limit=1")]
    [InlineData("GET", "/api/v1/kv/k?history&revision=1")]
    [InlineData("GET", "/api/v1/kv/k?cas=1")]
    [InlineData("GET", "/api/v1/kv?limit=0")]
    [InlineData("GET", "/api/v1/kv?limit=-1")]
    [InlineData("GET", "/api/v1/kv?limit=10001")]
    [InlineData("GET", "/api/v1/kv?limit=99999999999999999999")]
    [InlineData("GET", "/api/v1/kv?start=b&end=a")]
    [InlineData("GET", "/api/v1/kv?prefix=a&start=b")]
    [InlineData("GET", "/api/v1/kv?order=random")]
    [InlineData("GET", "/api/v1/kv?raw")]
    [InlineData("GET", "/api/v1/kv?key=a&prefix=b")]
    [InlineData("PUT", "/api/v1/kv/k?lease=0")]
    [InlineData("PUT", "/api/v1/kv/k?lease=xyz")]
    [InlineData("PUT", "/api/v1/kv/k?lease=ffffffffffffffff")]
    [InlineData("PUT", "/api/v1/kv/k?ttl=5s")]
    [InlineData("PUT", "/api/v1/kv/k?consistency=eventual")]
    [InlineData("PUT", "/api/v1/kv")]
    [InlineData("DELETE", "/api/v1/kv/k?prefix=a")]
    public async Task Bad_parameters_are_refused(string method, string path)
    {
        await (await _host.SendAsync(method, path, method == "PUT" ? "x" : null)).ProblemAsync(400, "invalid-request");
        Assert.Equal(_before, _host.Node.View.StateHash);
    }

    [Theory]
    [InlineData("GET", "RaftKv-Consistency", "serializable")]
    [InlineData("GET", "RaftKv-Consistency", "bounded")]
    [InlineData("PUT", "RaftKv-Consistency", "strongest")]
    [InlineData("GET", "RaftKv-Consistency", "Linearizable")]
    [InlineData("GET", "RaftKv-Consistency", "")]
    [InlineData("GET", "RaftKv-Timeout", "5")]
    [InlineData("GET", "RaftKv-Timeout", "0s")]
    [InlineData("GET", "RaftKv-Timeout", "61s")]
    [InlineData("GET", "RaftKv-Timeout", "99999999999h")]
    [InlineData("GET", "RaftKv-On-Unmet", "pray")]
    [InlineData("GET", "RaftKv-Fence", "lock;token=1")]
    [InlineData("PUT", "RaftKv-Write-Concern", "both")]
    [InlineData("PUT", "RaftKv-Write-Concern", "none")]
    public async Task Bad_or_unserved_headers_are_refused_by_name(string method, string name, string value)
    {
        HttpResponseMessage refused = await _host.SendAsync(method, "/api/v1/kv/k", method == "PUT" ? "x" : null, null, (name, value));
        await refused.ProblemAsync(400, "invalid-request");
        Assert.Equal(_before, _host.Node.View.StateHash);
    }

    [Fact]
    public async Task Repeated_headers_and_two_levels_are_refused()
    {
        const string Twice = "GET /api/v1/kv/k HTTP/1.1\r\nHost: x\r\nConnection: close\r\nRaftKv-Timeout: 1s\r\nRaftKv-Timeout: 2s\r\n\r\n";
        Assert.StartsWith("HTTP/1.1 400", await _host.SendRawAsync(Twice));
        await (await _host.SendAsync("GET", "/api/v1/kv/k?consistency=eventual", headers: ("RaftKv-Consistency", "eventual")))
            .ProblemAsync(400, "invalid-request");
        await (await _host.SendAsync("GET", "/api/v1/kv/k?consistency=eventual", headers: ("RaftKv-Max-Staleness", "1s")))
            .ProblemAsync(400, "invalid-request");
    }

    [Fact]
    public async Task Session_tokens_of_this_cluster_pass_and_of_another_are_a_mismatch()
    {
        string own = (await _host.SendAsync("GET", "/api/v1/kv/k")).Header("RaftKv-Session")!;
        Assert.Equal(own, TokenOf(SingleNodeFake.ClusterId, incarnation: 0));
        Assert.Equal(HttpStatusCode.OK, (await _host.SendAsync("GET", "/api/v1/kv/k", headers: ("RaftKv-Session", $"{own}, {own}"))).StatusCode);
        string foreign = TokenOf(SingleNodeFake.ClusterId + 1, incarnation: 0);
        string restored = TokenOf(SingleNodeFake.ClusterId, incarnation: 1);
        await (await _host.SendAsync("GET", "/api/v1/kv/k", headers: ("RaftKv-Session", $"{own},{foreign}"))).ProblemAsync(400, "session-mismatch");
        await (await _host.SendAsync("PUT", "/api/v1/kv/k", "x", null, ("RaftKv-Session", restored))).ProblemAsync(400, "session-mismatch");
        Assert.Equal(_before, _host.Node.View.StateHash);
    }

    private static string TokenOf(ulong clusterId, ulong incarnation) =>
        new SessionTokens(new ClusterKeys(SingleNodeFake.ClusterKey), clusterId, incarnation).Encode(new SessionMark(new Revision(2), Revision.Zero));

    [Theory]
    [InlineData(MaxValueBytes - 1, true)]
    [InlineData(MaxValueBytes, true)]
    [InlineData(MaxValueBytes + 1, false)]
    public async Task Value_may_have_one_and_a_half_mebibytes(int length, bool fits)
    {
        HttpResponseMessage sized = await _host.Client.PutAsync("/api/v1/kv/big", new ByteArrayContent(new byte[length]));
        var chunkedRequest = new HttpRequestMessage(HttpMethod.Put, "/api/v1/kv/big2") { Content = new ByteArrayContent(new byte[length]) };
        chunkedRequest.Headers.TransferEncodingChunked = true;
        HttpResponseMessage chunked = await _host.Client.SendAsync(chunkedRequest);
        string base64 = Convert.ToBase64String(new byte[length]);
        HttpResponseMessage inTxn = await _host.PostAsync(
            "/api/v1/txn", $$$"""{"then":[{"put":{"key":"big3","value":"{{{base64}}}","encoding":"base64"}}]}""");
        if (fits)
        {
            Assert.Equal(HttpStatusCode.Created, sized.StatusCode);
            Assert.Equal(HttpStatusCode.Created, chunked.StatusCode);
            Assert.Equal(HttpStatusCode.OK, inTxn.StatusCode);
            Assert.Equal(length, (await (await _host.SendAsync("GET", "/api/v1/kv/big?raw")).Content.ReadAsByteArrayAsync()).Length);
            return;
        }

        await sized.ProblemAsync(413, "too-large");
        await chunked.ProblemAsync(413, "too-large");
        await inTxn.ProblemAsync(413, "too-large");
        Assert.Equal(_before, _host.Node.View.StateHash);
    }

    [Fact]
    public async Task Several_values_of_one_request_share_the_limit_and_huge_bodies_are_refused()
    {
        string half = new('x', 1_000_000);
        await (await _host.PostAsync(
            "/api/v1/txn", $$$"""{"then":[{"put":{"key":"a","value":"{{{half}}}"}},{"put":{"key":"b","value":"{{{half}}}"}}]}""")).ProblemAsync(413, "too-large");
        string answer = await _host.SendRawAsync(
            "POST /api/v1/txn HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 999999999999\r\n\r\n{");
        Assert.StartsWith("HTTP/1.1 413", answer);
        Assert.Contains("\"code\":\"too-large\"", answer);
        Assert.Equal(_before, _host.Node.View.StateHash);
    }

    [Theory]
    [InlineData("GET", "/api/v1/nothing", 404)]
    [InlineData("GET", "/api/v2/kv/k", 404)]
    [InlineData("GET", "/nothing", 404)]
    [InlineData("POST", "/", 404)]
    [InlineData("POST", "/api/v1/kv/k", 405)]
    [InlineData("PATCH", "/api/v1/kv/k", 405)]
    [InlineData("POST", "/api/v1/kv", 405)]
    [InlineData("GET", "/api/v1/txn", 405)]
    [InlineData("OPTIONS", "/api/v1/kv/k", 405)]
    [InlineData("DELETE", "/api/v1/status", 405)]
    [InlineData("PUT", "/readyz", 405)]
    public async Task Unknown_paths_and_methods_are_problems_too(string method, string path, int status)
    {
        HttpResponseMessage refused = await _host.SendAsync(method, path);
        await refused.ProblemAsync(status, status == 404 ? "not-found" : "method-not-allowed");
        Assert.Equal(status == 405, refused.Content.Headers.Allow.Count > 0);
    }

    [Theory]
    [InlineData("%00")]
    [InlineData("a%00b")]
    public async Task Null_byte_in_a_path_is_refused_by_the_server_and_changes_nothing(string key)
    {
        Assert.StartsWith("HTTP/1.1 400", await _host.SendTargetAsync("PUT", "/api/v1/kv/" + key, "x"));
        Assert.Equal(_before, _host.Node.View.StateHash);
    }

    [Fact]
    public async Task Broken_chunking_is_a_400_problem()
    {
        string answer = await _host.SendRawAsync(
            "PUT /api/v1/kv/k HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400", answer);
        Assert.Contains("invalid-request", answer);
        Assert.Equal(_before, _host.Node.View.StateHash);
    }

    [Theory]
    [InlineData("""{"ranges":[]}""")]
    [InlineData("""{"ranges":[{}]}""")]
    [InlineData("""{"ranges":[null]}""")]
    [InlineData("""{"ranges":[{"key":"a","prefix":"b"}]}""")]
    [InlineData("""{"ranges":[{"prefix":""}],"revision":0}""")]
    [InlineData("""{"ranges":[{"prefix":""}],"revision":99}""")]
    [InlineData("""{"ranges":[{"prefix":"","order":"x"}]}""")]
    [InlineData("""{"ranges":[{"prefix":""}],"encoding":"x"}""")]
    [InlineData("""{"ranges":[{"key":"a","keyEncoding":"x"}]}""")]
    [InlineData("\u0001")]
    [InlineData("""{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}}}}""")]
    public async Task Bad_range_bodies_are_refused(string json) =>
        await (await _host.PostAsync("/api/v1/kv/range", json)).ProblemAsync(400, "invalid-request");

    [Fact]
    public async Task Random_bytes_never_break_the_server_or_the_state()
    {
        const int Seed = 20_260_721;
        var random = new Random(Seed);
        string[] paths = ["/api/v1/txn", "/api/v1/kv/range", "/api/v1/compact", "/api/v1/counters/c"];
        for (int i = 0; i < 400; i++)
        {
            byte[] body = new byte[random.Next(1, 60)];
            random.NextBytes(body);
            var request = new HttpRequestMessage(HttpMethod.Post, paths[i % paths.Length]) { Content = new ByteArrayContent(body) };
            HttpResponseMessage answer = await _host.Client.SendAsync(request);
            Assert.True((int)answer.StatusCode is >= 400 and < 500, $"seed {Seed}, round {i}: {(int)answer.StatusCode} for {Convert.ToHexString(body)}");
        }

        for (int i = 0; i < 400; i++)
        {
            byte[] text = new byte[random.Next(1, 40)];
            random.NextBytes(text);
            string query = Encoding.Latin1.GetString([.. text.Select(b => (byte)(33 + (b % 94)))]).Replace('#', 'x');
            HttpResponseMessage answer = await _host.SendAsync("GET", "/api/v1/kv?" + query);
            Assert.True((int)answer.StatusCode is 200 or (>= 400 and < 500), $"seed {Seed}, round {i}: {(int)answer.StatusCode}");
        }

        Assert.Equal(_before, _host.Node.View.StateHash);
    }
}
