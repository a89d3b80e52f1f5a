using System.Diagnostics;
using System.Reflection;
using RaftKv.Contract;
using RaftKv.Scenarios.Support;

namespace RaftKv.Scenarios.Pages;

/// <summary>The pages of docs/scenarios are true: they name the tests that there are, and their lines run.</summary>
[Collection(CalmCluster.Name)]
public sealed class PagesTests(ThreeNodes cluster)
{
    // For lines that stand on no page; pages bring their own.
    private const string Prelude = """
        curl() { command curl -sS -m 30 -w '%{stderr}\n%{http_code}\n' "$@"; }
        header() { sed -n "s/^$1: *//Ip" | tr -d '\r'; }

        """;

    // What a reader of the textbooks looks for.
    private static readonly string[] Terms =
    [
        "linearizable", "sequential", "causal", "read-your-writes", "monotonic reads", "monotonic writes", "writes-follow-reads",
        "consistent prefix", "bounded", "eventual", "weak", "vector clock", "version vector", "Lamport clock", "N, R, W; R + W > N",
        "sloppy quorum", "hinted handoff", "read repair", "anti-entropy", "Merkle tree", "gossip", "siblings", "LWW", "CRDT", "(OT)",
        "merge by hand", "2PL", "lock order", "deadlock", "optimistic", "MVCC", "isolation levels", "2PC", "3PC", "saga, orchestrated",
        "saga, choreographed", "a compensation that fails", "CAP", "PACELC", "Paxos", "Raft", "DynamoDB", "Cassandra", "Cosmos DB",
        "Spanner", "MongoDB", "Redis", "PostgreSQL replication", "ZooKeeper", "Consul", "etcd", "TAO", "S3", "DNS",
    ];

    private static readonly IReadOnlyDictionary<string, IReadOnlySet<string>> TestsOfClasses = typeof(PagesTests).Assembly
        .GetExportedTypes()
        .Where(static type => type.Namespace == "RaftKv.Scenarios" && type.Name.EndsWith("Tests", StringComparison.Ordinal))
        .ToDictionary(static type => type.Name, static type => (IReadOnlySet<string>)type.GetMethods()
            .Where(static method => method.GetCustomAttribute<FactAttribute>() is not null)
            .Select(static method => method.Name)
            .ToHashSet());

    public static TheoryData<string> PageNames =>
        [.. ScenarioPage.All.Concat(ScenarioPage.Guides).Select(static page => page.Name)];

    [Fact]
    public void Every_scenario_has_one_page_that_names_all_its_tests_and_is_in_the_index()
    {
        Assert.Empty(ScenarioPage.All.SelectMany(page => page.Problems(TestsOfClasses)));
        Assert.Equal(TestsOfClasses.Keys.Order(), ScenarioPage.All.Select(static page => page.TestClass).Order());
        Assert.All(ScenarioPage.All, static page => Assert.Contains($"]({page.Name})", ScenarioPage.Index));
    }

    [Fact]
    public void A_page_that_is_not_true_is_rejected()
    {
        const string Good = "```sh\ncurl x   # 200\n```\n[`ATests`](../../tests/Scenarios/ATests.cs)\n- `Right`\n- `Wrong_one`\n";
        Dictionary<string, IReadOnlySet<string>> tests = new() { ["ATests"] = new HashSet<string> { "Right", "Wrong_one" } };
        int ProblemCount(string text) => new ScenarioPage("x.md", text).Problems(tests).Count();

        Assert.Equal(0, ProblemCount(Good));
        Assert.Equal(1, ProblemCount(Good.Replace("ATests", "BTests", StringComparison.Ordinal)));
        Assert.Equal(1, ProblemCount(Good.Replace("- `Right`\n", "", StringComparison.Ordinal)));
        Assert.Equal(1, ProblemCount(Good + "- `No_such_test`\n"));
        Assert.Equal(2, ProblemCount(Good.Replace("- `Wrong_one`\n", "", StringComparison.Ordinal)));
        Assert.Equal(1, ProblemCount(Good.Replace("# 200", "", StringComparison.Ordinal)));
    }

    [ShellTheory]
    [MemberData(nameof(PageNames))]
    public async Task The_lines_of_a_page_run_and_have_the_statuses_that_it_says(string pageName)
    {
        ScenarioPage page = ScenarioPage.All.Concat(ScenarioPage.Guides).Single(page => page.Name == pageName);

        (IEnumerable<int> statuses, string output) = await RunAsync(page.Script);

        Assert.Equal(page.Statuses, statuses);
        Assert.DoesNotContain("\"succeeded\":false", output);
    }

    [Fact]
    public async Task Each_header_that_the_textbook_page_says_to_send_is_served_on_every_node()
    {
        List<(string Name, string Value)> headers = [.. ScenarioPage.Models.HeadersToSend];
        Assert.True(headers.Count >= 20, $"only {headers.Count} headers are found");
        foreach ((string name, string value) in headers)
        {
            foreach (Node node in cluster.Nodes)
            {
                int status = await StatusAsync(node, name, value);
                Assert.True(status is >= 200 and < 300, $"{name}: {value} at {node.Name} is {status}");
            }
        }

        Assert.Equal(400, await StatusAsync(cluster.Nodes[0], HeaderNames.Consistency, "no-such-level"));
        Assert.Equal(400, await StatusAsync(cluster.Nodes[0], HeaderNames.WriteConcern, "no-such-concern"));
    }

    [Fact]
    public void The_textbook_page_has_every_term_and_system_and_its_lines_send_what_its_rows_name()
    {
        List<(string Term, string Here)> rows = [.. ScenarioPage.Models.Rows];
        Assert.All(Terms, term => Assert.Contains(rows, row => row.Term.Contains(term, StringComparison.Ordinal) && row.Here.Length > 1));
        Assert.Empty(ScenarioPage.Models.NamedAndNotSent);

        const string Rows = "`POST /api/v1/counters/…` `?revision=N` `If-Match` `RaftKv-Session` `RaftKv-Staleness-Ms`\n";
        ScenarioPage bad = new("x.md", Rows + "```sh\ncurl -H \"RaftKv-Session: $token\" x\n```\n");
        Assert.Equal(["/api/v1/counters", "?revision", "If-Match"], bad.NamedAndNotSent);
    }

    private static async Task<int> StatusAsync(Node node, string header, string value)
    {
        using var http = new HttpClient { BaseAddress = node.Endpoint };
        bool isWrite = header == HeaderNames.WriteConcern;
        using HttpRequestMessage request = isWrite
            ? new(HttpMethod.Put, "api/v1/kv/models/w") { Content = new ByteArrayContent("1"u8.ToArray()) }
            : new(HttpMethod.Get, "api/v1/kv?prefix=models/");
        request.Headers.Add(header, value);
        if (header is HeaderNames.MaxStaleness or HeaderNames.MaxLag)
        {
            request.Headers.Add(HeaderNames.Consistency, "bounded");
        }
        else if (value == "bounded")
        {
            request.Headers.Add(HeaderNames.MaxStaleness, "10s");
        }

        using HttpResponseMessage response = await http.SendAsync(request);
        return (int)response.StatusCode;
    }

    [ShellTheory]
    [InlineData("curl http://127.0.0.1:2389/api/v1/kv/nothing # 404\ncurl http://127.0.0.1:2399/livez # 200\n", new[] { 404, 200 })]
    [InlineData("x=$(curl -i http://127.0.0.1:2379/livez | header Cache-Control)\ncurl http://127.0.0.1:2379/$x\n", new[] { 200, 404 })]
    public async Task What_the_lines_answer_is_seen_as_it_is(string script, int[] statuses) =>
        Assert.Equal(statuses, (await RunAsync(Prelude + script)).Statuses);

    /// <summary>Runs shell lines against the cluster: the status of each request, in order, and what was printed.</summary>
    private async Task<(IEnumerable<int> Statuses, string Output)> RunAsync(string script)
    {
        for (int i = 0; i < 3; i++)
        {
            script = script.Replace($"127.0.0.1:{2379 + (10 * i)}", cluster.Nodes[i].Endpoint.Authority, StringComparison.Ordinal);
        }

        var info = new ProcessStartInfo("bash")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process shell = Process.Start(info)!;
        Task<string> output = shell.StandardOutput.ReadToEndAsync();
        Task<string> statuses = shell.StandardError.ReadToEndAsync();
        await shell.StandardInput.WriteAsync(script);
        shell.StandardInput.Close();
        await Task.WhenAll(output, statuses, shell.WaitForExitAsync());
        string[] lines = (await statuses).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return (lines.Select(static line => int.TryParse(line, out int code)
            ? code
            : throw new InvalidOperationException($"The shell says: {line}")), await output);
    }
}
