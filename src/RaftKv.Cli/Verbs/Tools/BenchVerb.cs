using System.CommandLine;
using System.Globalization;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Client;

namespace RaftKv.Cli.Verbs.Tools;

/// <summary>A load of reads and writes against the cluster, to get a feeling for it. bench/ of the repository measures.</summary>
internal static class BenchVerb
{
    private const string Prefix = "raftkvctl/bench/";

    public static Command Make(VerbFactory make)
    {
        Option<TimeSpan?> duration = GlobalOptions.Durational("--for", "How long; default 5s");
        var clients = new Option<int>("--clients")
        {
            Description = "How many at once",
            HelpName = "N",
            DefaultValueFactory = static _ => 16,
        };
        var share = new Option<double>("--reads")
        {
            Description = "Share of reads, 0 to 1",
            HelpName = "SHARE",
            DefaultValueFactory = static _ => 0.9,
        };
        var size = new Option<int>("--size")
        {
            Description = "Bytes of a value",
            HelpName = "BYTES",
            DefaultValueFactory = static _ => 256,
        };
        var keys = new Option<int>("--keys") { Description = "How many keys", HelpName = "N", DefaultValueFactory = static _ => 1_000 };
        var reads = new ReadFlags();
        return make.Make(
            "bench", $"Read and write keys under {Prefix} for a while and show rates and latencies; the keys are deleted at the end.",
            ["raftkvctl bench", "raftkvctl bench --for 30s --clients 64 --reads 0.5 -l eventual -o json"],
                [duration, clients, share, size, keys, .. reads.All],
            async run =>
            {
                TimeSpan length = run.Parse.GetValue(duration) ?? TimeSpan.FromSeconds(5);
                int workers = run.Parse.GetValue(clients);
                int bytes = run.Parse.GetValue(size);
                int names = run.Parse.GetValue(keys);
                double part = run.Parse.GetValue(share);
                if (workers is < 1 or > 1_000 || bytes is < 0 or > 1_000_000 || names < 1 || part is < 0 or > 1)
                {
                    throw CtlException.Usage("--clients is 1 to 1000, --size up to 1000000, --keys 1 or more, --reads 0 to 1.");
                }

                ReadOptions options = run.Reads(reads);
                var load = new Load(run, options, part, new byte[bytes], names);
                long began = TimeProvider.System.GetTimestamp();
                Tally[] tallies = await ProgressBar.RunAsync(run.Console, "bench", length.TotalSeconds, progress =>
                    load.RunAsync(workers, length, progress)).ConfigureAwait(false);
                double seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
                await run.Client.DeletePrefixAsync(Prefix, cancellationToken: run.Stop).ConfigureAwait(false);
                return run.Answer(Report.List(
                    ["what", "perSecond", "p50Ms", "p99Ms", "maxMs", "errors"],
                    [Row("reads", [.. tallies.SelectMany(static t => t.Reads)]),
                        Row("writes", [.. tallies.SelectMany(static t => t.Writes)])]));

                System.Text.Json.Nodes.JsonNode?[] Row(string what, List<double> times)
                {
                    times.Sort();
                    return
                    [
                        what, Math.Round(times.Count / seconds, 1), At(times, 0.5), At(times, 0.99), At(times, 1),
                        what == "reads" ? tallies.Sum(static t => t.ReadErrors) : tallies.Sum(static t => t.WriteErrors),
                    ];
                }
            });
    }

    private static double? At(List<double> sorted, double part) =>
        sorted.Count == 0 ? null : Math.Round(sorted[Math.Min(sorted.Count - 1, (int)(part * sorted.Count))], 3);

    private sealed class Tally
    {
        public List<double> Reads { get; } = [];

        public List<double> Writes { get; } = [];

        public long ReadErrors { get; set; }

        public long WriteErrors { get; set; }
    }

    private sealed class Load(Invocation run, ReadOptions options, double readShare, byte[] value, int keys)
    {
        public async Task<Tally[]> RunAsync(int workers, TimeSpan length, Action<double> progress)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(run.Stop);
            end.CancelAfter(length);
            Task<Tally>[] all = [.. Enumerable.Range(0, workers).Select(worker => WorkAsync(worker, end.Token))];
            long began = TimeProvider.System.GetTimestamp();
            Task<Tally[]> whole = Task.WhenAll(all);
            while (await Task.WhenAny(whole, Task.Delay(200, CancellationToken.None)).ConfigureAwait(false) != whole)
            {
                progress(TimeProvider.System.GetElapsedTime(began).TotalSeconds);
            }

            return await whole.ConfigureAwait(false);
        }

        // Which key and which kind comes from a count, so that every run does the same.
        private async Task<Tally> WorkAsync(int worker, CancellationToken end)
        {
            var tally = new Tally();
            double owed = 0;
            for (long i = worker; !end.IsCancellationRequested; i += 7)
            {
                string key = Prefix + (i % keys).ToString(CultureInfo.InvariantCulture);
                owed += readShare;
                bool isRead = owed >= 1;
                owed -= isRead ? 1 : 0;
                long began = TimeProvider.System.GetTimestamp();
                try
                {
                    if (isRead)
                    {
                        await run.Client.TryGetAsync(key, options, end).ConfigureAwait(false);
                    }
                    else
                    {
                        await run.Client.PutAsync(key, value, cancellationToken: end).ConfigureAwait(false);
                    }

                    (isRead ? tally.Reads : tally.Writes).Add(TimeProvider.System.GetElapsedTime(began).TotalMilliseconds);
                }
                catch (OperationCanceledException)
                {
                    break;
                }
                catch (RaftKvException)
                {
                    tally.ReadErrors += isRead ? 1 : 0;
                    tally.WriteErrors += isRead ? 0 : 1;
                }
            }

            return tally;
        }
    }
}
