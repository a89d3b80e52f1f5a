using System.Globalization;
using RaftKv.Simulation.Running;

namespace RaftKv.Simulation;

/// <summary>
/// The simulator's command line. Exit codes: 0 all seeds pass, 1 a seed fails, 2 the arguments are wrong.
/// </summary>
internal static class Program
{
    private const string Usage =
        """
        usage: RaftKv.Simulation [--seeds 100] [--from 1] [--seed N] [--time 30] [--nodes 0|1|3|5|7] [--threads 2]
                                 [--disks] [--calm] [--verbose] [--keep-going] [--twice]
          --seeds N      run N seeds, beginning with --from
          --seed N       run this seed only
          --time S       simulated seconds with faults, per seed
          --nodes N      voters; 0 lets the seed draw
          --disks        real log and snapshot files in every seed, not in a quarter of them
          --calm         no faults, 50 operations a second: for measuring speed
          --verbose      print every event
          --keep-going   don't stop at the first failure
          --twice        run each seed a second time and compare the trace hashes
        """;

    private static int Main(string[] args)
    {
        if (!TryParse(args, out Arguments arguments))
        {
            Console.Error.WriteLine(Usage);
            return 2;
        }

        var options = new SeedOptions
        {
            Seconds = arguments.Time,
            Nodes = arguments.Nodes,
            HasRealDisks = arguments.HasRealDisks,
            IsCalm = arguments.IsCalm,
            Verbose = arguments.IsVerbose ? Console.WriteLine : null,
        };
        int threads = arguments.IsVerbose ? 1 : arguments.Threads;
        var batch = new SeedBatch(options, threads);
        batch.Run(arguments.From, arguments.Seeds, result => Report(result, arguments, options, batch));
        Console.WriteLine(batch.Summary());
        return batch.Failures.Count == 0 ? 0 : 1;
    }

    private static bool Report(SeedResult result, Arguments arguments, SeedOptions options, SeedBatch batch)
    {
        if (result.IsOk)
        {
            if (arguments.IsTwice && SeedRunner.Run(result.Seed, options).TraceHash != result.TraceHash)
            {
                batch.Failures.Add(result with { Failure = "the same seed gave another trace" });
                Console.WriteLine(Line(result) + " TRACE DIFFERS");
                return arguments.IsKeepGoing;
            }

            if (arguments.Seeds <= 20)
            {
                Console.WriteLine(Line(result));
            }
            else if (batch.SeedCount % 100 == 0)
            {
                Console.WriteLine(FormattableString.Invariant(
                    $"{batch.SeedCount} seeds, {batch.SimulatedUs / 1e6:F0} simulated s, {batch.OperationsChecked} operations checked, {batch.Failures.Count} failures; {Line(result)}"));
            }

            return true;
        }

        if (!arguments.IsVerbose && !arguments.IsKeepGoing)
        {
            Console.WriteLine(result.TraceTail);
        }

        Console.WriteLine(Line(result));
        Console.WriteLine(
            $"reproduce: dotnet run -c Release --project tests/RaftKv.Simulation -- --seed {result.Seed} --time {arguments.Time} --nodes {arguments.Nodes}{(arguments.HasRealDisks ? " --disks" : "")} --verbose");
        return arguments.IsKeepGoing;
    }

    private static string Line(SeedResult result) => FormattableString.Invariant(
        $"seed {result.Seed} {(result.IsOk ? "ok" : "FAILED " + result.Failure)} nodes {result.NodeCount} simulated {result.SimulatedUs / 1e6:F1} s ops {result.Counters.Invoked} crashes {result.Counters.Crashes} partitions {result.Counters.Partitions} leaders {result.LeaderCount} installs {result.Counters.SnapshotsInstalled} trace {result.TraceHash:x16}");

    private static bool TryParse(string[] args, out Arguments arguments)
    {
        arguments = new Arguments();
        for (int i = 0; i < args.Length; i++)
        {
            string value = i + 1 < args.Length ? args[i + 1] : "";
            bool isNumber = ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number);
            switch (args[i])
            {
                case "--seeds" when isNumber: arguments.Seeds = number; i++; break;
                case "--from" when isNumber: arguments.From = number; i++; break;
                case "--seed" when isNumber: (arguments.From, arguments.Seeds) = (number, 1); i++; break;
                case "--time" when isNumber && number is > 0 and <= 7000: arguments.Time = (int)number; i++; break;
                case "--nodes" when isNumber && number <= 9: arguments.Nodes = (int)number; i++; break;
                case "--threads" when isNumber && number is > 0 and <= 256: arguments.Threads = (int)number; i++; break;
                case "--verbose": arguments.IsVerbose = true; break;
                case "--disks": arguments.HasRealDisks = true; break;
                case "--calm": arguments.IsCalm = true; break;
                case "--keep-going": arguments.IsKeepGoing = true; break;
                case "--twice": arguments.IsTwice = true; break;
                default: return false;
            }
        }

        return true;
    }

    private sealed class Arguments
    {
        public ulong Seeds = 100;
        public ulong From = 1;
        public int Time = 30;
        public int Nodes;
        public int Threads = 2;
        public bool HasRealDisks;
        public bool IsCalm;
        public bool IsVerbose;
        public bool IsKeepGoing;
        public bool IsTwice;
    }
}
