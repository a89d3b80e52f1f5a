using System.Xml.Linq;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Reports;
using RaftKv.JepsenStyle.Runs;
using static RaftKv.JepsenStyle.Tests.HistoryBuilder;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>What a run leaves behind can be read: by Knossos and Elle, by a browser, by people.</summary>
public sealed class ReportTests
{
    private const long Ms = 1_000_000;

    [Fact]
    public async Task A_stale_read_is_shown_on_the_timeline()
    {
        using var directory = new TemporaryDirectory();
        RunResult result = await Report.WriteAsync(Options("register", directory.Path), directory.Path, Stale());

        Assert.Equal(Validity.Violation, result.Validity);
        string page = await File.ReadAllTextAsync(Path.Combine(directory.Path, "timeline.html"));
        Assert.Contains("Violation", page, StringComparison.Ordinal);
        string results = await File.ReadAllTextAsync(Path.Combine(directory.Path, "results.json"));
        Assert.Contains("\"seed\": 42", results, StringComparison.Ordinal);
        Assert.Contains("\"reason\": \"key k: ", results, StringComparison.Ordinal);
        Assert.Contains("jump(4000000)", page, StringComparison.Ordinal);
        Assert.Matches(@"\[0,4000,5000,0,1,", page);
        Assert.DoesNotMatch(@"(src|href)=""(?!#)", page);
        Assert.Contains("--workload register", await File.ReadAllTextAsync(Path.Combine(directory.Path, "repro.sh")), StringComparison.Ordinal);
        directory.Forget();
    }

    [Fact]
    public async Task A_written_history_is_judged_as_the_run_was()
    {
        using var directory = new TemporaryDirectory();
        RunResult result = await Report.WriteAsync(Options("register", directory.Path), directory.Path, Stale());

        RunResult again = HistoryCheck.Check(HistoryFile.Read(Path.Combine(directory.Path, "history.jsonl")));

        Assert.Equal(result.ToText(), again.ToText());
        directory.Forget();
    }

    [Fact]
    public async Task Plots_are_well_formed_and_show_the_faults()
    {
        using var directory = new TemporaryDirectory();
        await Report.WriteAsync(Options("levels", directory.Path), directory.Path,
        [
            new RunHeader("levels", "kill", 3, 1, 1),
            new LevelOperation(1, "n1", null, "k", 1, 0, 5 * Ms, Outcome.Ok, null, 2),
            new LevelOperation(1, "n2", "bounded", null, null, 6 * Ms, 9 * Ms, Outcome.Ok, [new SeenPair("k", 1, 2)], 2, StalenessMs: 3),
            new FaultEvent("kill", "n<1>", 2 * Ms, 3 * Ms, "\"quoted\" & more"),
        ]);

        foreach (string plot in (string[])["latency.svg", "latency-raw.svg", "rate.svg", "availability.svg", "staleness.svg"])
        {
            XDocument document = XDocument.Load(Path.Combine(directory.Path, plot));
            Assert.Equal("svg", document.Root!.Name.LocalName);
            Assert.Contains("kill n<1> \"quoted\" & more", document.Root.Value, StringComparison.Ordinal);
        }

        directory.Forget();
    }

    [Fact]
    public void Edn_pairs_every_operation_and_replaces_a_process_that_is_in_doubt()
    {
        string[] lines = EdnOf(
            Write(0, 1, 1),
            Write(2, 3, 2, Outcome.Info),
            Read(4, 5, 1) with { Error = "a \"word\"" },
            Cas(6, 7, 1, 3, isMatched: false),
            new FaultEvent("kill", "n1", 2, 4, "detail"));

        Assert.Equal(10, lines.Length);
        Assert.All(lines, line => Assert.Matches(@"^\{:index \d+, :time \d+, :process (\d+|:nemesis), :type :(invoke|ok|fail|info), :f :[a-z-]+, :value .+\}$", line));
        Assert.Contains(":process 0, :type :invoke, :f :write, :value [\"k\" 1]", lines[0], StringComparison.Ordinal);
        Assert.Contains(":process 0, :type :info, :f :write", Assert.Single(lines, l => l.Contains(":type :info, :f :write")), StringComparison.Ordinal);
        Assert.Contains(lines, l => l.Contains(":process 1000, :type :invoke, :f :read, :value [\"k\" nil]"));
        Assert.Contains(lines, l => l.Contains(":type :ok, :f :read, :value [\"k\" 1]") && l.Contains(":error \"a \\\"word\\\"\""));
        Assert.Contains(lines, l => l.Contains(":type :fail, :f :cas, :value [\"k\" [1 3]]"));
    }

    [Fact]
    public void Edn_of_lists_is_what_Elle_reads()
    {
        string[] lines = EdnOf(new TxnOperation(
            3, "n1", [new MicroOp("x", 1, null), new MicroOp("x", null, [7, 1])], 0, 5, Outcome.Ok));

        Assert.Contains(":type :invoke, :f :txn, :value [[:append \"x\" 1] [:r \"x\" nil]]", lines[0], StringComparison.Ordinal);
        Assert.Contains(":type :ok, :f :txn, :value [[:append \"x\" 1] [:r \"x\" [7 1]]]", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_sum_of_a_matrix_says_what_it_proves()
    {
        MatrixCell Cell(string verdict, int ok) =>
            new("set", "kill", 3, 10, 1, verdict, verdict == "valid" ? null : "why", ok, 1, 1, new Dictionary<string, int> { ["kill"] = 2 });

        MatrixCell[] three = [Cell("valid", 98), Cell("valid", 98), Cell("valid", 98)];
        string good = string.Join('\n', MatrixSummary.Totals([.. three, Cell("skipped", 0)]));
        Assert.Contains("3 runs: 3 valid, 0 with a violation, 0 undecided; 1 skipped", good, StringComparison.Ordinal);
        Assert.Contains("300 operations: 294 answered, 3 refused or failed, 3 of unknown outcome (1.00 %)", good, StringComparison.Ordinal);
        Assert.Contains("faults: 6 kill", good, StringComparison.Ordinal);
        Assert.Contains("fewer than 100.0 %", good, StringComparison.Ordinal);

        string bad = string.Join('\n', MatrixSummary.Totals([Cell("valid", 98), Cell("violation", 98), Cell("unknown", 1)]));
        Assert.Contains("1 valid, 1 with a violation, 1 undecided", bad, StringComparison.Ordinal);
        Assert.DoesNotContain("3/N", bad, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_of_evidence_is_made_from_what_runs_left_behind()
    {
        using var directory = new TemporaryDirectory();
        string run = Directory.CreateDirectory(Path.Combine(directory.Path, "matrix 1")).FullName;
        MatrixCell[] cells = [new("set", "kill", 3, 10, 7, "valid", null, 98, 1, 1, new Dictionary<string, int> { ["kill"] = 2 }),
            new("set", "clock", 3, 10, 8, "skipped", "clock: not | here", 0, 0, 0, new Dictionary<string, int>())];
        new MatrixSummary("abc", "2 cores", new DateTime(2026, 11, 21, 11, 0, 0, DateTimeKind.Utc), cells).Write(run);
        File.WriteAllText(Path.Combine(run, "notes.md"), "A note.\n");

        string page = Evidence.Render([run, Path.Combine(directory.Path, "missing")]);

        Assert.Contains("## matrix 1", page, StringComparison.Ordinal);
        Assert.Contains("A note.", page, StringComparison.Ordinal);
        Assert.Contains("Commit abc, 2 cores, started 2026-11-21 11:00 UTC", page, StringComparison.Ordinal);
        Assert.Contains("| set | kill | 3 | 10 | 7 | valid | 98 | 1 | 1 | 2 kill |", page, StringComparison.Ordinal);
        Assert.Contains("skipped: clock: not / here", page, StringComparison.Ordinal);
        Assert.Contains("1 runs: 1 valid, 0 with a violation, 0 undecided; 1 skipped", page, StringComparison.Ordinal);
        Assert.Contains("| kill -9, by process | 2 |", page, StringComparison.Ordinal);
        Assert.Contains("| partition-ring | 0 |", page, StringComparison.Ordinal);
        directory.Forget();
    }

    [Fact]
    public async Task A_fault_that_the_machine_can_t_make_is_skipped_with_its_reason()
    {
        HistoryLine[] lines = [new RunHeader("set", "clock", 3, 1, 1), new FaultEvent("skipped", "all", 0, 0, "clock: libfaketime is not installed")];
        RunResult result = HistoryCheck.Check(lines);

        Assert.Equal(Validity.Unknown, result.Validity);
        Assert.Equal("clock: libfaketime is not installed", result.Skipped);
        Assert.Equal(2, await JepsenCli.RunAsync(["matrix", "--nemeses", "nonsense"]));
    }

    [Fact]
    public void Every_kind_of_line_survives_its_file()
    {
        HistoryLine[] lines =
        [
            new BankOperation(1, "n1", 0, 1, 5, 1, 2, Outcome.Ok, Revision: 3),
            new LeaseOperation(1, "n1", LeaseStep.Grant, 1, "0a", 500, 1, 2, Outcome.Info),
            new LockOperation(1, "n1", LockStep.FencedWrite, "l", "o", 4, 500, 1, 2, Outcome.Fail, Error: "412 fence-lost"),
            new ElectionOperation(1, "n1", ElectionStep.Campaign, "e", "v", 3, 1, 2, Outcome.Ok),
            new QuotaOperation(1, "n1", QuotaStep.Put, "k", 1, 2, Outcome.Fail, IsFull: true, Error: "507 quota-exceeded"),
            new ElectionSight(1, 1, "n1", "e", 5, null, null, 7),
            new NodeProblem("n1", "it ended by itself with code 5"),
            new FinalPair("n1", "k", 0, 1, 2, 2, "1,2"),
            new FinalNode("n1", 1, 2, 3, 4, "ab"),
        ];
        string file = Path.GetTempFileName();
        try
        {
            HistoryFile.Write(file, lines);
            Assert.Equal(lines, HistoryFile.Read(file));
            Assert.DoesNotContain("isChange", File.ReadAllText(file), StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static RunOptions Options(string workload, string directory) => new(workload, "none", 1, 1, 42, directory);

    /// <summary>A hundred good operations, and one read of a value that had been overwritten.</summary>
    private static IReadOnlyList<HistoryLine> Stale()
    {
        List<HistoryLine> lines = [new RunHeader("register", "none", 1, 1, 42), Write(0, 1 * Ms, 1), Write(2 * Ms, 3 * Ms, 2), Read(4 * Ms, 5 * Ms, 1)];
        lines.AddRange(Enumerable.Range(10, 100).Select(i => Read(i * Ms, (i * Ms) + 5, 2)));
        return lines;
    }

    private static string[] EdnOf(params HistoryLine[] lines)
    {
        string file = Path.GetTempFileName();
        try
        {
            Edn.Write(file, lines);
            return File.ReadAllLines(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
