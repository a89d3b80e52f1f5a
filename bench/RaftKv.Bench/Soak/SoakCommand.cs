using System.Diagnostics;
using System.Globalization;

namespace RaftKv.Bench.Soak;

/// <summary>soak: three real nodes, a mix of everything, samples, and a judgement of whether anything grew.</summary>
internal static class SoakCommand
{
    // More than every loop and watch of the mix needs at a time.
    private const int MostConnections = 256;
    private const int ReportEvery = 12;

    /// <summary>A run in which more fails than this measures refusals.</summary>
    private const double MostFailures = 0.01;

    private static readonly TimeSpan _sampleTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _requestTimeout = TimeSpan.FromSeconds(30);

    internal static async Task<int> RunAsync(string[] args)
    {
        if (args is ["--help" or "-h"])
        {
            Console.WriteLine(SoakOptions.HelpText);
            return 0;
        }

        SoakOptions options = SoakOptions.Parse(args);
        string root = Directory.CreateDirectory(Path.Combine(options.DataRoot, $"raftkv-soak-{Environment.ProcessId}")).FullName;
        IReadOnlyList<SoakNode> nodes = await SoakNode.StartAsync(options, root);
        SoakCounts counts = new();
        List<SoakSample> samples;
        List<string> wrong;
        try
        {
            samples = await RunMixAsync(options, nodes, counts);
            wrong = [.. Ended(nodes)];
        }
        finally
        {
            foreach (SoakNode node in nodes)
            {
                node.Dispose();
            }
        }

        wrong.AddRange(Flatness.Judge(samples, options.Duration, options.MemoryMiB));
        if (counts.Failed > counts.Done * MostFailures)
        {
            wrong.Add(string.Create(CultureInfo.InvariantCulture, $"{counts.Failed} of {counts.Done + counts.Failed} operations failed."));
        }

        if (Flatness.JudgeRefusals(counts.Refused, samples, options.Duration) is { } refusals)
        {
            wrong.Add(refusals);
        }

        string command = "dotnet run -c Release --project bench/RaftKv.Bench -- " + string.Join(' ', args.Prepend("soak"));
        SoakFiles.Write(options, command, samples, counts, wrong);
        Directory.Delete(root, recursive: true);
        wrong.ForEach(Console.WriteLine);
        string verdict = wrong.Count == 0 ? "Flat" : "NOT flat";
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{verdict}: {counts.Done} operations, {counts.Failed} failed; see {options.Out}."));
        return wrong.Count == 0 ? 0 : 1;
    }

    private static async Task<List<SoakSample>> RunMixAsync(SoakOptions options, IReadOnlyList<SoakNode> nodes, SoakCounts counts)
    {
        // A watch lives longer than any request's time-out, so the client's own limits hold, not HttpClient's.
        using SocketsHttpHandler sockets = new() { MaxConnectionsPerServer = MostConnections, ResponseDrainTimeout = TimeSpan.Zero };
        using HttpClient http = new(sockets) { Timeout = _requestTimeout };
        using HttpClient sampling = new() { Timeout = _sampleTimeout };
        using CancellationTokenSource stop = new();
        Task mix = new SoakMix(options, [.. nodes.Select(static n => n.Endpoint)], http, counts, stop.Token).RunAsync();
        List<SoakSampler> samplers = [.. nodes.Select(node => new SoakSampler(node, sampling))];
        List<SoakSample> samples = [];
        long start = Stopwatch.GetTimestamp();
        for (int round = 1; Stopwatch.GetElapsedTime(start) < options.Duration && !mix.IsCompleted && !Ended(nodes).Any(); round++)
        {
            TimeSpan wait = (options.SampleInterval * round) - Stopwatch.GetElapsedTime(start);
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
            foreach (SoakSampler sampler in samplers)
            {
                if (await sampler.TakeAsync(Stopwatch.GetElapsedTime(start).TotalSeconds) is { } sample)
                {
                    samples.Add(sample);
                }
            }

            if (round % ReportEvery == 0)
            {
                Tell(samples, counts);
            }
        }

        await stop.CancelAsync();
        await mix;
        return samples;
    }

    private static IEnumerable<string> Ended(IReadOnlyList<SoakNode> nodes) => nodes.Where(static n => n.ExitCode is not null)
        .Select(n => string.Create(CultureInfo.InvariantCulture, $"{n.Name} ended with exit code {n.ExitCode}."));

    private static void Tell(List<SoakSample> samples, SoakCounts counts)
    {
        if (samples.Count > 0)
        {
            SoakSample last = samples[^1];
            Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{last.Seconds / 60:0.0} min: {counts.Done} done, {counts.Failed} failed; {last.Node} {last.ResidentMiB:0} MiB resident, ")
                + string.Create(
                    CultureInfo.InvariantCulture,
                    $"{last.Versions:0} versions, {last.KeptAnswers:0} kept answers, {last.Sessions:0} sessions, ")
                + string.Create(CultureInfo.InvariantCulture, $"{last.DataMiB:0} MiB on disk"));
        }
    }
}
