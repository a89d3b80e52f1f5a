using System.Globalization;
using System.Text;

namespace RaftKv.Bench;

/// <summary>levels: what each read level costs, on the leader and on a follower, one after the other in one run.</summary>
internal static class LevelsCommand
{
    private const string Heading =
        "| level | leader ops/s | p50 ms | p99 ms | follower ops/s | p50 ms | p99 ms | errors |\n"
        + "|---|---:|---:|---:|---:|---:|---:|---|";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Every level, the strongest first.</summary>
    internal static IReadOnlyList<string> Names { get; } =
    [
        "all", "linearizable", "lease", "bounded", "sequential", "causal", "session", "read-your-writes", "monotonic-reads",
        "consistent-prefix", "eventual",
    ];

    internal static async Task<int> RunAsync(BenchOptions options)
    {
        if (options.Protocol != BenchProtocol.RaftKv)
        {
            throw new BenchException("levels speaks RaftKv only.");
        }

        Uri leader = (await Cluster.SelectAsync(options.WithTarget(BenchTarget.Leader)))[0];
        Uri follower = (await Cluster.SelectAsync(options.WithTarget(BenchTarget.Followers)))[0];
        await LoadCommand.WriteKeysAsync(options);
        string token = await TokenAsync(leader);
        Console.WriteLine(Heading);
        foreach (string level in Names)
        {
            bool usesToken = level is "sequential" or "causal" or "session" or "read-your-writes" or "monotonic-reads";
            BenchOptions cell = options.WithLevel(level, usesToken ? token : null);
            RunReport onLeader = await RunCommand.MeasureAsync(cell, [leader]);
            RunReport onFollower = await RunCommand.MeasureAsync(cell, [follower]);
            Console.WriteLine($"| {level} | {Cells(onLeader)} | {Cells(onFollower)} | {onLeader.ErrorText()} / {onFollower.ErrorText()} |");
        }

        return 0;
    }

    private static string Cells(RunReport report) => string.Create(
        CultureInfo.InvariantCulture,
        $"{report.OpsPerSecond:0} | {report.Latencies.Percentile(0.5) / 1000.0:0.000} | {report.Latencies.Percentile(0.99) / 1000.0:0.000}");

    /// <summary>A token that covers all keys that were loaded, and that every node reaches soon.</summary>
    private static async Task<string> TokenAsync(Uri endpoint)
    {
        using HttpConnection connection = new(endpoint);
        using CancellationTokenSource patience = new(Patience);
        string request = $"GET /api/v1/kv?countOnly HTTP/1.1\r\nHost: {endpoint.Authority}\r\n\r\n";
        await connection.ExchangeAsync(Encoding.ASCII.GetBytes(request), patience.Token);
        foreach (string line in connection.Head.Split("\r\n"))
        {
            if (line.StartsWith("RaftKv-Session:", StringComparison.OrdinalIgnoreCase))
            {
                return line["RaftKv-Session:".Length..].Trim();
            }
        }

        throw new BenchException($"{endpoint} gave no session token.");
    }
}
