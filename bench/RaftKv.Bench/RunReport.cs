using System.Globalization;

namespace RaftKv.Bench;

/// <summary>What a run found.</summary>
/// <param name="ServerCpuPer10K">CPU seconds of the servers for 10,000 good answers; null when no process was
/// named.</param>
/// <param name="OwnMicrosPerOp">CPU of this generator for one request, good or not.</param>
internal sealed record RunReport(
    string Label,
    long GoodCount,
    double OpsPerSecond,
    Histogram Latencies,
    IReadOnlyDictionary<int, long> Errors,
    double? ServerCpuPer10K,
    double OwnMicrosPerOp)
{
    private const string Heading =
        "| run | ops/s | p50 ms | p99 ms | p99.9 ms | max ms | errors | server CPU s / 10k ops | generator CPU µs/op |\n"
        + "|---|---:|---:|---:|---:|---:|---|---:|---:|";

    internal static RunReport From(BenchOptions options, IReadOnlyList<IRunLoop> loops, TimeSpan elapsed, double serverCpu, double ownCpu)
    {
        Histogram latencies = new();
        SortedDictionary<int, long> errors = [];
        long good = 0;
        foreach (IRunLoop loop in loops)
        {
            latencies.Add(loop.Latencies);
            good += loop.GoodCount;
            foreach ((int status, long count) in loop.Errors)
            {
                errors[status] = errors.GetValueOrDefault(status) + count;
            }
        }

        long answered = Math.Max(1, latencies.Count);
        string level = options.Command is BenchCommand.Get or BenchCommand.Mixed ? " " + options.Level : "";
        string label = options.Label
            ?? $"{NameOf(options.Protocol)} {options.Command.ToString().ToLowerInvariant()}{level}, {options.Target.ToString().ToLowerInvariant()}, "
            + $"{options.Connections} conn, {options.ValueBytes} B";
        double? serverCpuPer10K = options.Pids.Count == 0 || good == 0 ? null : serverCpu / good * 10_000;
        return new RunReport(label, good, good / elapsed.TotalSeconds, latencies, errors, serverCpuPer10K, ownCpu / answered * 1e6);
    }

    internal string Format(string format)
    {
        string[] cells =
        [
            Label, Text(OpsPerSecond, "0"), Ms(Latencies.Percentile(0.5)), Ms(Latencies.Percentile(0.99)), Ms(Latencies.Percentile(0.999)),
            Ms(Latencies.Max), ErrorText(), ServerCpuPer10K is { } cpu ? Text(cpu, "0.000") : "-", Text(OwnMicrosPerOp, "0.0"),
        ];
        string row = "| " + string.Join(" | ", cells) + " |";
        return format switch
        {
            "tsv" => string.Join('\t', cells),
            "row" => row,
            _ => Heading + "\n" + row,
        };
    }

    private static string NameOf(BenchProtocol protocol) => protocol switch
    {
        BenchProtocol.EtcdGateway => "etcd gateway",
        BenchProtocol.EtcdGrpc => "etcd gRPC",
        _ => "raftkv",
    };

    private static string Ms(long micros) => Text(micros / 1000.0, "0.000");

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);

    internal string ErrorText() => Errors.Count == 0
        ? "none"
        : string.Join(' ', Errors.Select(static pair => $"{(pair.Key == 0 ? "lost" : pair.Key.ToString(CultureInfo.InvariantCulture))}:{pair.Value}"));
}
