using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Google.Protobuf;
using RaftKv.Core;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.Tests.Hosting;

namespace RaftKv.Tests.Fuzz;

/// <summary>
/// Valid requests broken at the level of bytes, through every door, over raw sockets: a broken one is never a defect of the
/// server (500 or its like, or a line in its log), changes nothing when it is refused, and the next one works.
/// RAFTKV_FUZZ=n tries n times as many, from another seed each.
/// </summary>
public sealed partial class FuzzTests : IAsyncLifetime
{
    private const int TriesPerItem = 12;
    private const string Defect = "the server failed on this";

    private static readonly int _rounds = int.Parse(
        Environment.GetEnvironmentVariable("RAFTKV_FUZZ") ?? "1", NumberStyles.None, CultureInfo.InvariantCulture);

    private readonly int _port = PortPool.Take();
    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-fuzz-").FullName;
    private readonly HttpClient _http = new();
    private ServerProcess _server = null!;

    public async Task InitializeAsync()
    {
        _server = ServerProcess.Start(
            "serve", "--data-dir", Path.Combine(_directory, "n1"), "--client", $"http://127.0.0.1:{_port}",
            "--peer", $"http://127.0.0.1:{PortPool.Take()}");
        await _server.WaitForOutputAsync("is ready");
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Theory]
    [InlineData("rest.txt")]
    [InlineData("gateway.txt")]
    public async Task Broken_requests_over_http_1_are_the_callers_fault(string corpus)
    {
        IReadOnlyList<CorpusItem> items = CorpusItem.Read(corpus);
        Assert.True(items.Count > 10, "hardly anything in the corpus");
        for (int seed = 1; seed <= _rounds; seed++)
        {
            var random = new DeterministicRandom((ulong)seed);
            var mutator = new Mutator(random);
            foreach (CorpusItem item in items)
            {
                for (int i = 0; i < TriesPerItem; i++)
                {
                    byte[] head = random.Chance(500) ? mutator.Break(item.Head) : item.Head;
                    byte[] body = item.Body.Length > 0 && random.Chance(700) ? mutator.Break(item.Body) : item.Body;
                    byte[] wire = CorpusItem.ToWire(head, body, hasLength: item.Body.Length > 0 && random.Chance(900));
                    await CheckAsync(random.Chance(100) ? mutator.Break(wire) : wire, isDone: null);
                }
            }
        }

        AssertNothingBroke();
    }

    [Fact]
    public async Task Broken_calls_over_grpc_are_the_callers_fault()
    {
        for (int seed = 1; seed <= _rounds; seed++)
        {
            var random = new DeterministicRandom((ulong)seed);
            var mutator = new Mutator(random);
            foreach ((string path, IMessage message) in GrpcCorpus.Calls)
            {
                for (int i = 0; i < 2 * TriesPerItem; i++)
                {
                    byte[] wire = Http2Request.Of(path, mutator.Break(message.ToByteArray()));
                    await CheckAsync(random.Chance(100) ? mutator.Break(wire) : wire, static answer => answer.Contains("grpc-status"));
                }
            }
        }

        AssertNothingBroke();
    }

    // Found alive by a fuzzer, one of each kind.
    [Theory]
    [InlineData("PUT /api/v1/kv/a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nabc", 400)]
    [InlineData("PUT /api/v1/kv/a HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", 415)]
    [InlineData("POST /v3/watch HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{\"a\":", 400)]
    [InlineData("POST /v3/lease/keepalive HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n{\"a\":", 400)]
    [InlineData("POST /v3/kv/put HTTP/1.1\r\nHost: x\r\nContent-Length: 27\r\n\r\n{\"key\":\"Zm9v\",\"lease\":\"-5\"}", 404)]
    [InlineData("POST /v3/lock/lock HTTP/1.1\r\nHost: x\r\nContent-Length: 28\r\n\r\n{\"name\":\"Zm9v\",\"lease\":\"-5\"}", 500)]
    [InlineData("POST /api/v1/counters/a HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n{\"by\":null}", 400)]
    [InlineData("POST /api/v1/locks/a HTTP/1.1\r\nHost: x\r\nContent-Length: 12\r\n\r\n{\"ttl\":null}", 400)]
    [InlineData("GET /api/v1/watch?key=a&limit=0 HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    public async Task What_was_found_alive_is_refused(string request, int status)
    {
        string wire = request.Replace("Host: x\r\n", "Host: x\r\nConnection: close\r\n", StringComparison.Ordinal);
        string answer = await RawSocket.ExchangeAsync(_port, System.Text.Encoding.ASCII.GetBytes(wire), isAnswered: true);

        Assert.Equal(status, Assert.Single(StatusesOf(answer)));
        Assert.DoesNotContain("cursor", answer, StringComparison.Ordinal);
        AssertNothingBroke();
    }

    [Fact]
    public void An_answer_that_shows_a_defect_or_a_change_by_what_was_refused_is_found()
    {
        Assert.NotNull(FaultOf($"HTTP/1.1 500 Internal Server Error\r\n\r\n{Defect} request", ""));
        Assert.NotNull(FaultOf("HTTP/1.1 400 Bad Request\r\n", """{"type":"put","reason":"put"}"""));
        Assert.Null(FaultOf("HTTP/1.1 400 Bad Request\r\n", """{"type":"delete","reason":"expired"}"""));
        Assert.Null(FaultOf("HTTP/1.1 200 OK\r\n", """{"type":"put","reason":"put"}"""));
    }

    [Fact]
    public async Task A_client_that_resets_its_connection_in_the_middle_is_no_defect_of_the_server()
    {
        for (int i = 0; i < 50; i++)
        {
            string rest = "PUT /api/v1/kv/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n" + new string('x', 20_000 * (i % 5));
            await RawSocket.ExchangeAsync(_port, System.Text.Encoding.ASCII.GetBytes(rest), static _ => true);
        }

        await NextWorksAsync();
        AssertNothingBroke();
    }

    private async Task CheckAsync(byte[] wire, Func<string, bool>? isDone)
    {
        long before = await NextWorksAsync();
        string answer = await RawSocket.ExchangeAsync(_port, wire, isDone);
        long after = await NextWorksAsync();
        string changes = before == after ? "" : await ChangesAsync(from: before + 1, to: after);
        string? fault = FaultOf(answer, changes);
        string sent = $"{Convert.ToBase64String(wire)}\n{System.Text.Encoding.Latin1.GetString(wire)}";
        Assert.True(fault is null, $"{fault}\n{sent}\n{answer}\n{changes}");
    }

    /// <summary>What is wrong with an answer; null when nothing is.</summary>
    /// <param name="changes">What was changed meanwhile, in the form of a watch; ends of leases come by themselves.</param>
    private static string? FaultOf(string answer, string changes)
    {
        if (answer.Contains(Defect, StringComparison.Ordinal))
        {
            return "the server calls it its own defect";
        }

        int[] statuses = StatusesOf(answer);
        bool isRefused = statuses.Length > 0 && statuses.All(static status => status is >= 400 and < 500);
        bool isChanged = Reason().Matches(changes).Any(static match => match.Groups[1].Value != "expired");
        return isRefused && isChanged ? "it is refused, and something was changed" : null;
    }

    private async Task<string> ChangesAsync(long from, long to)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Get, $"http://127.0.0.1:{_port}/api/v1/watch?prefix=&startRevision={from}&limit={to - from + 1}&timeout=1s");
        request.Headers.Accept.ParseAdd("application/json");
        return await (await _http.SendAsync(request)).Content.ReadAsStringAsync();
    }

    // The revision as a healthy client sees it.
    private async Task<long> NextWorksAsync()
    {
        HttpResponseMessage next = await _http.GetAsync(new Uri($"http://127.0.0.1:{_port}/api/v1/kv/healthy"));
        Assert.Equal(HttpStatusCode.NotFound, next.StatusCode);
        return long.Parse(next.Headers.GetValues("RaftKv-Revision").Single(), CultureInfo.InvariantCulture);
    }

    private void AssertNothingBroke()
    {
        Assert.DoesNotContain("fail: ", _server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("crit: ", _server.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", _server.Output, StringComparison.Ordinal);
    }

    private static int[] StatusesOf(string answer) =>
        [.. StatusLine().Matches(answer).Select(static match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex("\"reason\":\"([a-z-]+)\"")]
    private static partial Regex Reason();

    [GeneratedRegex(@"HTTP/1\.1 (\d{3}) ")]
    private static partial Regex StatusLine();
}
