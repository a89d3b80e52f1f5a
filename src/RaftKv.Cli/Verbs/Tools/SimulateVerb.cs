using System.CommandLine;
using System.Text.Json.Nodes;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Quorums;

namespace RaftKv.Cli.Verbs.Tools;

/// <summary><c>simulate quorum</c>: what a store without a leader would do. It runs here and asks no cluster.</summary>
internal static class SimulateVerb
{
    public static Command Make(VerbFactory make) =>
        make.Group("simulate", "Simulations of other designs, to compare. They ask no cluster.", Quorum(make));

    private static Command Quorum(VerbFactory make)
    {
        var flags = new QuorumFlags();
        var svg = new Option<FileInfo?>("--svg") { Description = "Draw staleness by age into this file", HelpName = "FILE" };
        return make.Make(
            "quorum",
            "Simulate a store of quorums: stale reads, lost writes, conflicts, time to converge. Every write reads first and adds itself.",
            [
                "raftkv simulate quorum --n 3 --r 1 --w 1",
                "raftkv simulate quorum --r 2 --w 2 --down 0.05 --sloppy --hinted-handoff",
                "raftkv simulate quorum --r 1 --w 1 --siblings --read-repair --svg stale.svg",
                "raftkv simulate quorum --crdt g-counter -o json",
            ],
            [.. flags.All, svg],
            async run =>
            {
                QuorumOptions options = flags.Read(run.Parse);
                QuorumResult result = await ProgressBar.RunAsync(
                    run.Console, "simulation", total: null, _ => Task.Run(() => QuorumSimulation.Run(options), run.Stop))
                        .ConfigureAwait(false);
                if (run.Parse.GetValue(svg) is { } file)
                {
                    File.WriteAllText(file.FullName, StalenessChart.Draw(TitleOf(options), result));
                }

                return run.Answer(ReportOf(options, result));
            });
    }

    private static Report ReportOf(QuorumOptions options, QuorumResult result) => Report.Item(
        ("simulated", TitleOf(options)),
        ("reads", result.Reads),
        ("staleReads", result.StaleReads),
        ("stalePercent", Percent(result.StaleShare)),
        ("writes", result.Writes),
        ("lostWrites", result.LostWrites),
        ("lostPercent", Percent(result.LostShare)),
        ("conflicts", result.Conflicts),
        ("unavailable", result.Unavailable),
        ("convergedP50Ms", Rounded(result.ConvergenceAt(0.5))),
        ("convergedP99Ms", Rounded(result.ConvergenceAt(0.99))),
        ("neverConverged", result.NeverConverged),
        ("inRaftKv", "no stale read at linearizable, no acknowledged write lost, no conflicts: one log orders all")) with
    {
        ValueColumn = "stalePercent",
    };

    private static string TitleOf(QuorumOptions options)
    {
        string resolution = options.Resolution switch
        {
            Resolution.Siblings => "siblings",
            Resolution.GrowOnlyCounter => "g-counter",
            _ => "last writer wins",
        };
        string overlap = options.ReadQuorum + options.WriteQuorum > options.Replicas ? "r+w>n" : "r+w<=n";
        return $"n={options.Replicas} r={options.ReadQuorum} w={options.WriteQuorum} ({overlap}), {resolution}"
            + (options.IsSloppy ? options.HasHintedHandoff ? ", sloppy with hinted handoff" : ", sloppy" : "")
            + (options.HasReadRepair ? ", read repair" : "");
    }

    private static double Percent(double share) => Math.Round(100 * share, 2);

    private static double? Rounded(double? ms) => ms is { } value ? Math.Round(value, 1) : null;
}
