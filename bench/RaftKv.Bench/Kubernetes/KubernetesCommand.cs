using System.Diagnostics;
using System.Globalization;
using System.Text;
using RaftKv.Bench.Nodes;
using static RaftKv.Bench.Nodes.TableText;

namespace RaftKv.Bench.Kubernetes;

/// <summary>kubernetes: the traffic of Kubernetes clusters on three nodes of each server, in turn.</summary>
internal static class KubernetesCommand
{
    private const int ToldViolations = 10;

    private static readonly string[] _heading =
    [
        "Kubernetes nodes", "server", "writes/s due", "done", "p50 ms", "p99 ms", "p99.9 ms", "max ms", "page p99 ms", "get p99 ms",
        "watch p50 ms", "p99 ms", "kill to next write s", "MiB of three, end", "peak", "server CPU s", "changes told", "lists",
        "bookmarks", "violations",
    ];

    internal static async Task<int> RunAsync(string[] args)
    {
        NodesOptions options = NodesOptions.Parse(args);
        StringBuilder table = new();
        table.AppendLine(Line(_heading)).AppendLine(Line([.. _heading.Select(static name => name == "server" ? "---" : "---:")]));
        StringBuilder details = new();
        bool isRight = true;
        foreach (int nodes in options.KubernetesNodes)
        {
            foreach (string server in options.Servers)
            {
                KubernetesRates rates = new(nodes, options.PodsPerNode);
                Console.Error.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{server}: {nodes} nodes, {rates.Pods} pods, {rates.Writes:0} writes a second for {options.Seconds} s"));
                isRight &= await RunAsync(rates, server, options, table, details) || server != "raftkv";
                if (options.Out is { } file)
                {
                    // Each run takes minutes: none is lost by what happens to a later one.
                    await File.WriteAllTextAsync(file, $"{table}\n{details}");
                }
            }
        }

        Console.Write($"{table}\n{details}");
        return isRight ? 0 : 1;
    }

    private static async Task<bool> RunAsync(
        KubernetesRates rates, string server, NodesOptions options, StringBuilder table, StringBuilder details)
    {
        using ServerCluster cluster = await ServerCluster.StartAsync(server, options);
        LoadFigures figures = new();
        using KubernetesLoad load = new(rates, TimeSpan.FromSeconds(options.Seconds), cluster, figures);
        NodeSampler sampler = new(cluster);
        using CancellationTokenSource sampled = new();
        Task sampling = sampler.RunAsync(sampled.Token);
        IReadOnlyList<string> violations = await load.RunAsync();
        await sampled.CancelAsync();
        await sampling;
        table.AppendLine(Row(rates, server, options, load, figures, sampler, violations.Count));
        details.AppendLine(CultureInfo.InvariantCulture, $"{rates.Nodes} nodes, {server}, p50 / p99 / max ms and how many:");
        foreach (string kind in figures.Kinds)
        {
            Histogram one = figures.Kind(kind);
            details.AppendLine(
                CultureInfo.InvariantCulture, $"- {kind}: {Ms(one, 0.5)} / {Ms(one, 0.99)} / {one.Max / 1000.0:0.00}, {one.Count}");
        }

        using (Process self = Process.GetCurrentProcess())
        {
            details.AppendLine(CultureInfo.InvariantCulture, $"- the generator, at its peak so far: {self.PeakWorkingSet64 >> 20} MiB");
        }

        foreach (string violation in violations.Take(ToldViolations))
        {
            details.AppendLine(CultureInfo.InvariantCulture, $"- VIOLATION: {violation}");
        }

        if (figures.Refusals.Length > 0)
        {
            details.AppendLine(CultureInfo.InvariantCulture, $"- refused: {figures.Refusals}");
        }

        details.AppendLine();
        return violations.Count == 0;
    }

    private static string Row(
        KubernetesRates rates, string server, NodesOptions options, KubernetesLoad load, LoadFigures figures, NodeSampler sampler,
        int violations)
    {
        Histogram writes = figures.Writes;
        string[] cells =
        [
            Text(rates.Nodes), server, Text(rates.Writes), Text((double)writes.Count / options.Seconds),
            Ms(writes, 0.5), Ms(writes, 0.99), Ms(writes, 0.999), Ms(writes, 1),
            Ms(figures.Kind("page of a list"), 0.99), Ms(figures.Kind("get"), 0.99),
            Ms(figures.Delays, 0.5), Ms(figures.Delays, 0.99),
            figures.OutageSeconds.ToString("0.00", CultureInfo.InvariantCulture),
            Text(sampler.ResidentMib), Text(sampler.PeakMib), Text(sampler.CpuSeconds),
            Text(load.Events), Text(load.Log.Pods.Seen.Lists.Count), Text(load.Bookmarks), Text(violations),
        ];
        return Line(cells);
    }
}
