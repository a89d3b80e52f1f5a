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

    [Fact]
    public void An_answer_that_shows_a_defect_or_a_change_by_what_was_refused_is_found()
    {
        Assert.NotNull(FaultOf($"HTTP/1.1 500 Internal Server Error\r\n\r\n{Defect} request", ""));
        Assert.NotNull(FaultOf("HTTP/1.1 400 Bad Request\r\n", """{"type":"put","reason":"put"}"""));
        Assert.Null(FaultOf("HTTP/1.1 400 Bad Request\r\n", """{"type":"delete","reason":"expired"}"""));
        Assert.Null(FaultOf("HTTP/1.1 200 OK\r\n", """{"type":"put","reason":"put"}"""));
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

    private void AssertNothingBroke() => AssertNothingBroke(_server.Output);

    internal static void AssertNothingBroke(string output)
    {
        Assert.DoesNotContain("fail: ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("crit: ", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled exception", output, StringComparison.Ordinal);
    }

    internal static int[] StatusesOf(string answer) =>
        [.. StatusLine().Matches(answer).Select(static match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];

    [GeneratedRegex("\"reason\":\"([a-z-]+)\"")]
    private static partial Regex Reason();

    [GeneratedRegex(@"HTTP/1\.1 (\d{3}) ")]
    private static partial Regex StatusLine();
}
