using System.Diagnostics;
using System.Runtime.InteropServices;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Running;

namespace RaftKv.Simulation;

/// <summary>The simulator's command line; see <see cref="Arguments.Usage"/>.</summary>
internal static class Program
{
    private const int Passed = 0;
    private const int Failed = 1;
    private const int WrongArguments = 2;
    private const int Interrupted = 3;
    private const int FlushEverySeeds = 100;

    private static int Main(string[] args)
    {
        if (Arguments.Parse(args, out string problem) is not { } arguments)
        {
            Console.Error.WriteLine(problem);
            Console.Error.WriteLine(Arguments.Usage);
            return WrongArguments;
        }

        if (arguments.WantsFaultList)
        {
            foreach (FaultClass fault in SwarmProfile.FaultClasses)
            {
                Console.WriteLine($"{fault.Name,-16} {fault.Meaning}");
            }

            return Passed;
        }

        return arguments.IsMinimising ? Minimise(arguments) : RunBatch(arguments);
    }

    private static int Minimise(Arguments arguments)
    {
        MinimisedSeed? smallest = new Minimiser(arguments.From, Console.WriteLine).Run(arguments.ToOptions());
        if (smallest is null)
        {
            Console.WriteLine($"seed {arguments.From} passes: there is nothing to minimise");
            return Passed;
        }

        Console.WriteLine(smallest.Result.TraceTail);
        Console.WriteLine($"smallest of {smallest.RunCount} runs:");
        Console.WriteLine(smallest.Result.ToLine());
        Console.WriteLine(smallest.Result.ReproduceLine(smallest.Options));
        return Failed;
    }

    private static int RunBatch(Arguments arguments)
    {
        SeedOptions options = arguments.ToOptions();
        string started = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);
        string commit = arguments.SummaryFile is null ? "" : Commit();
        var batch = new SeedBatch(
            options with { Verbose = arguments.IsVerbose ? Console.WriteLine : null }, arguments.IsVerbose ? 1 : arguments.Threads);
        void Flush(bool isComplete)
        {
            if (arguments.SummaryFile is { } file)
            {
                RunSummary.Of(batch, options, arguments.From, isComplete, commit, started).Write(file);
            }
        }

        using PosixSignalRegistration onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => StopAt(signal, batch));
        using PosixSignalRegistration onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => StopAt(signal, batch));
        batch.Run(arguments.From, arguments.Seeds, result =>
        {
            if (batch.SeedCount % FlushEverySeeds == 0)
            {
                Flush(isComplete: false);
            }

            return Report(result, arguments, options, batch);
        });
        ulong left = arguments.From + arguments.Seeds - batch.NextSeed;
        Flush(isComplete: left == 0);
        Console.WriteLine(batch.Summary());
        if (arguments.WantsStates)
        {
            Console.WriteLine(batch.Reach.Table());
        }

        if (batch.IsStopped && left > 0)
        {
            Console.WriteLine($"interrupted; the rest is --from {batch.NextSeed} --seeds {left}");
        }

        return batch.Failures.Count > 0 ? Failed : left > 0 ? Interrupted : Passed;
    }

    /// <summary>The first signal ends the run in order, a second one at once.</summary>
    private static void StopAt(PosixSignalContext signal, SeedBatch batch)
    {
        signal.Cancel = !batch.IsStopped;
        batch.Stop();
    }

    private static bool Report(SeedResult result, Arguments arguments, SeedOptions options, SeedBatch batch)
    {
        if (result.IsOk && arguments.IsTwice && SeedRunner.Run(result.Seed, options).TraceHash != result.TraceHash)
        {
            result = result with { Failure = "the same seed gave another trace", Rule = "trace" };
            batch.Failures.Add(result);
        }

        if (!result.IsOk)
        {
            if (!arguments.IsVerbose && !arguments.IsKeepGoing)
            {
                Console.WriteLine(result.TraceTail);
            }

            Console.WriteLine(result.ToLine());
            Console.WriteLine(result.ReproduceLine(options));
            return arguments.IsKeepGoing;
        }

        if (arguments.IsEach)
        {
            Console.WriteLine(result.ToLine());
        }
        else if (batch.SeedCount % FlushEverySeeds == 0)
        {
            string seeds = FormattableString.Invariant($"{batch.SeedCount} seeds, {batch.SimulatedUs / 1e6:F0} simulated s");
            string checks = FormattableString.Invariant($"{batch.OperationsChecked} operations checked, {batch.Failures.Count} failures");
            Console.WriteLine($"{seeds}, {checks}, {batch.Reach.Headline()}; {result.ToLine()}");
        }

        return true;
    }

    /// <summary>What was built: RAFTKV_COMMIT says it for a copy; else the repository's head.</summary>
    private static string Commit()
    {
        if (Environment.GetEnvironmentVariable("RAFTKV_COMMIT") is { Length: > 0 } named)
        {
            return named;
        }

        string head = Git("rev-parse --short=12 HEAD");
        return head.Length == 0 ? "unknown" : head + (Git("status --porcelain --untracked-files=no").Length > 0 ? "+" : "");
    }

    private static string Git(string arguments)
    {
        try
        {
            var start = new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
            using Process git = Process.Start(start)!;
            string output = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? output : "";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // No git here: the summary says so.
            return "";
        }
    }
}
