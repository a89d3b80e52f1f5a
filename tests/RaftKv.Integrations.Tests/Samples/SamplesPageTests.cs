using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using RaftKv.Integrations.Tests.Support;
using RaftKv.Tests.Support;

namespace RaftKv.Integrations.Tests.Samples;

/// <summary>samples/README.md: every program of its table, on three real nodes.</summary>
[Collection(ThreeNodes.Name)]
public sealed partial class SamplesPageTests(ThreeNodes nodes)
{
    // A sample that has not come to what it shows when its time is over, on a busy machine, gets more.
    private static readonly int[] _seconds = [4, 16, 60];

    // What each prints once it has shown what the page says of it. The shop is its own cluster, and has its own test.
    private static readonly Dictionary<string, string> _shows = new(StringComparer.Ordinal)
    {
        ["Lock"] = @"holding it with token \d+\nshipped",
        ["DistributedLock"] = @"wrote under token \d+",
        ["FeatureFlags"] = "the old one|the new one",
        ["Aot"] = "on a runtime that compiles",
        ["LeaderWorker"] = @"bill \d+, as leader \d+",
        ["Caching"] = @"\d+",
        ["Configuration"] = "Greeting:Text is ",
        ["Quartz"] = @"the firing of \d\d:\d\d:\d\d runs here",
        ["RateLimiting"] = "done",
        ["Sessions"] = "200 posts published, 0 not seen by the other service",
        ["Sharding"] = @"shard \d+: \d+, under token \d+",
        ["Watch"] = @"-- n\d streams",
    };

    [Fact]
    public async Task Each_sample_of_the_page_runs_on_a_cluster_until_it_is_told_to_stop()
    {
        string page = await File.ReadAllTextAsync(PageCode.PathOf("samples/README.md"));
        string[] listed = [.. Row().Matches(page).Select(static row => row.Groups["name"].Value)];
        string[] there = [.. Directory.EnumerateDirectories(PageCode.PathOf("samples")).Select(Path.GetFileName)!];
        Assert.Equal(there.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
        Assert.Equal(listed.Where(static name => name != "Shop").Order(StringComparer.Ordinal), _shows.Keys.Order(StringComparer.Ordinal));

        // The line of the page is that of one of them; each is built already.
        string line = Assert.Single(PageCode.Blocks("samples/README.md", "sh")).TrimEnd('\n').Split('\n')[^1];
        Assert.Equal("dotnet run --project samples/Lock", line);
        string[] problems = await Task.WhenAll(_shows.Keys.Select(ProblemOfAsync));
        Assert.DoesNotContain(problems, static problem => problem.Length > 0);
    }

    private async Task<string> ProblemOfAsync(string sample)
    {
        string said = "";
        foreach (int seconds in _seconds)
        {
            (int code, said) = await RunAsync(sample, seconds);
            if (code == 0 && Regex.IsMatch(said, _shows[sample]))
            {
                return "";
            }

            said = $"{sample}, {seconds} s, ended with {code}:\n{said}";
        }

        return said;
    }

    private async Task<(int Code, string Output)> RunAsync(string sample, int seconds)
    {
        string built = AppContext.BaseDirectory.TrimEnd('/').Split('/')[^2];
        string project = PageCode.PathOf($"samples/{sample}");
        ProcessStartInfo start = new("dotnet", ["run", "--no-build", "-c", built, "--project", project])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["RAFTKV_ENDPOINTS"] = string.Join(',', nodes.Cluster.Endpoints);
        start.Environment["RAFTKV_SAMPLE_SECONDS"] = seconds.ToString(CultureInfo.InvariantCulture);
        using Process process = Process.Start(start)!;
        try
        {
            TimeSpan patience = TimeSpan.FromSeconds(seconds) + (2 * ThreeNodes.Patience);
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(patience);
            await process.WaitForExitAsync().WaitAsync(patience);
            return (process.ExitCode, output + await errors);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    [GeneratedRegex(@"^\| \[(?<name>\w+)\]\(\k<name>/", RegexOptions.Multiline)]
    private static partial Regex Row();
}
