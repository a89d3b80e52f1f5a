using System.Globalization;
using System.Text.Json;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Fakes;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Reports;

namespace RaftKv.JepsenStyle.Runs;

/// <summary>The command line: exit 0 valid, 1 violation, 2 unknown (or a call that makes no sense).</summary>
internal static class JepsenCli
{
    private static readonly string Usage = $"""
        run     --workload W[+W…] --nemesis N [--nodes 3] [--time 60] [--seed 42] [--out results/] [--server raftkv.dll]
        matrix  --workloads W,W,… --nemeses N,N,… [--nodes 3] [--time 30] [--seed 42] [--out results/] [--keep all|failed] [--resume no|yes]
        matrix  --plan FILE [--out results/] [--keep all|failed] [--resume no|yes]
        check   FILE        holds a history.jsonl against the same checkers again
        evidence --out FILE DIR…   writes the evidence page from the summary.json of each matrix
        exit    0 valid, 1 violation, 2 unknown
        workloads: {string.Join(' ', Catalogue.WorkloadNames)}
        nemeses:   {string.Join(' ', Catalogue.NemesisNames)}
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
                    return Print(await TestRun.ExecuteAllAsync(options));
                case ["matrix" or "--matrix", .. var rest]:
                    return (int)await ParseMatrix(rest).RunAsync();
                case ["check", var file]:
                    return Print([HistoryCheck.Check(HistoryFile.Read(file))]);
                case ["evidence", "--out", var page, .. var directories]:
                    await File.WriteAllTextAsync(page, Evidence.Render(directories));
                    return (int)Validity.Valid;
                case ["fake", var fault, "serve", .. var rest]:
                    return FakeNode.Serve(fault, rest);
                default:
                    Console.Error.WriteLine(Usage);
                    return (int)Validity.Unknown;
            }
        }
        catch (Exception e) when (e is ArgumentException or FormatException or IOException or TimeoutException or JsonException)
        {
            Console.Error.WriteLine(e.Message);
            return (int)Validity.Unknown;
        }
    }

    private static int Print(IReadOnlyList<RunResult> results)
    {
        foreach (RunResult result in results)
        {
            Console.WriteLine(result.ToText());
        }

        return (int)Verdict.Worst(results.SelectMany(result => result.Verdicts));
    }

    /// <summary>Reads the options of "run"; throws ArgumentException with a sentence.</summary>
    public static RunOptions Parse(string[] args)
    {
        Dictionary<string, string> values = Values(args, ("--workload", "set"), ("--nemesis", "none"), ("--nodes", "3"), ("--time", "60"),
            ("--seed", "42"), ("--out", "results"), ("--server", ""));
        Catalogue.Require(values["--workload"].Split('+'), values["--nemesis"]);
        ulong seed = ulong.Parse(values["--seed"], CultureInfo.InvariantCulture);
        string name = $"{values["--workload"]}-{values["--nemesis"]}-{seed}-{DateTime.UtcNow:yyyyMMdd'T'HHmmss}";
        return new RunOptions(
            values["--workload"], values["--nemesis"], Number(values["--nodes"]), Number(values["--time"]), seed,
            Path.GetFullPath(Path.Combine(values["--out"], name)),
            values["--server"].Length == 0 ? null : new ServerCommand([Path.GetFullPath(values["--server"])]));
    }

    /// <summary>Reads the options of "matrix"; throws ArgumentException with a sentence.</summary>
    public static Matrix ParseMatrix(string[] args)
    {
        Dictionary<string, string> values = Values(args, ("--plan", ""), ("--workloads", "set,register"), ("--nemeses", "none,kill-leader"),
            ("--nodes", "3"), ("--time", "30"), ("--seed", "42"), ("--out", "results"), ("--keep", "failed"), ("--resume", "no"));
        var block = new PlanBlock(values["--workloads"].Split(','), values["--nemeses"].Split(','), Number(values["--nodes"]));
        MatrixPlan plan = values["--plan"].Length > 0
            ? MatrixPlan.Read(values["--plan"])
            : new MatrixPlan(Number(values["--time"]), ulong.Parse(values["--seed"], CultureInfo.InvariantCulture), [block]).Checked();
        return new Matrix(plan, Path.GetFullPath(values["--out"]), values["--keep"] == "all", values["--resume"] == "yes");
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static Dictionary<string, string> Values(string[] args, params (string Name, string Default)[] options)
    {
        var values = options.ToDictionary(option => option.Name, option => option.Default);
        for (int i = 0; i < args.Length; i += 2)
        {
            if (!values.ContainsKey(args[i]) || i + 1 == args.Length)
            {
                throw new ArgumentException($"'{args[i]}' is not an option with a value.\n{Usage}");
            }

            values[args[i]] = args[i + 1];
        }

        return values;
    }
}
