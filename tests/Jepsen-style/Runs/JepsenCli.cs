using System.Globalization;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.Fakes;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Runs;

/// <summary>The command line: exit 0 valid, 1 violation, 2 unknown (or a call that makes no sense).</summary>
internal static class JepsenCli
{
    private const string Usage = """
        run   --workload set|register|counter|watch --nemesis none|kill-leader|kill-all|pause|partition
              [--nodes 3] [--time 60] [--seed 42] [--out results/]
        check FILE        holds a history.jsonl against the same checkers again
        exit  0 valid, 1 violation, 2 unknown
        """;

    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            switch (args)
            {
                case ["run", .. var rest]:
                    RunOptions options = Parse(rest);
                    Console.WriteLine(options.ReproduceLine);
                    Console.WriteLine($"writes to {options.Directory}");
                    return Print(await TestRun.ExecuteAsync(options));
                case ["check", var file]:
                    return Print(HistoryCheck.Check(HistoryFile.Read(file)));
                case ["fake", var fault, "serve", .. var rest]:
                    return FakeNode.Serve(fault, rest);
                default:
                    Console.Error.WriteLine(Usage);
                    return (int)Validity.Unknown;
            }
        }
        catch (Exception e) when (e is ArgumentException or FormatException or IOException or TimeoutException)
        {
            Console.Error.WriteLine(e.Message);
            return (int)Validity.Unknown;
        }
    }

    private static int Print(RunResult result)
    {
        Console.WriteLine(result.ToText());
        return (int)result.Validity;
    }

    /// <summary>Reads the options of "run"; throws ArgumentException with a sentence.</summary>
    public static RunOptions Parse(string[] args)
    {
        var values = new Dictionary<string, string>
        {
            ["--workload"] = "set",
            ["--nemesis"] = "none",
            ["--nodes"] = "3",
            ["--time"] = "60",
            ["--seed"] = "42",
            ["--out"] = "results",
        };
        for (int i = 0; i < args.Length; i += 2)
        {
            if (!values.ContainsKey(args[i]) || i + 1 == args.Length)
            {
                throw new ArgumentException($"'{args[i]}' is not an option with a value.\n{Usage}");
            }

            values[args[i]] = args[i + 1];
        }

        TestRun.Workload(values["--workload"]);
        TestRun.Nemesis(values["--nemesis"]);
        ulong seed = ulong.Parse(values["--seed"], CultureInfo.InvariantCulture);
        string name = $"{values["--workload"]}-{values["--nemesis"]}-{seed}-{DateTime.UtcNow:yyyyMMdd'T'HHmmss}";
        return new RunOptions(
            values["--workload"],
            values["--nemesis"],
            int.Parse(values["--nodes"], CultureInfo.InvariantCulture),
            int.Parse(values["--time"], CultureInfo.InvariantCulture),
            seed,
            Path.GetFullPath(Path.Combine(values["--out"], name)));
    }
}
