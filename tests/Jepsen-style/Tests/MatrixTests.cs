using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Nemeses;
using RaftKv.JepsenStyle.Runs;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>A matrix does what its plan says, goes on where it was interrupted, and counts only what proves something.</summary>
public sealed class MatrixTests
{
    private const string CellFile = """
        {"workload":"set","nemesis":"none","nodes":3,"seconds":1,"seed":SEED,"verdict":"VERDICT","why":null,
        "ok":7,"fail":0,"unknown":0,"faults":{"kill-all":2,"pause-majority":4,"partition-ring":1},"attempt":ATTEMPT}
        """;

    public static TheoryData<string> Plans => [.. Directory.GetFiles(Path.Combine(SuiteDirectory(), "plans"))];

    public static TheoryData<string> Patches => [.. Directory.GetFiles(Path.Combine(SuiteDirectory(), "broken"), "*.patch")];

    [Theory]
    [MemberData(nameof(Plans))]
    public void A_plan_file_names_only_what_there_is(string file)
    {
        MatrixPlan plan = MatrixPlan.Read(file);

        Assert.Equal(plan.Cells.Count, plan.Cells.Select(cell => cell.Seed).Distinct().Count());
        Assert.All(plan.Targets ?? [], target => Assert.Contains(target.Count, FaultTally.Of([]).Keys));
    }

    [Fact]
    public void The_long_plan_has_eight_workloads_under_six_nemeses_and_every_shape_of_partition()
    {
        MatrixPlan plan = MatrixPlan.Read(Path.Combine(SuiteDirectory(), "plans", "long.json"));

        var grid = plan.Cells.Select(cell => (cell.Workload, cell.Nemesis)).ToHashSet();
        int whole = plan.Cells.Select(cell => cell.Workload).Distinct().Count(
            workload => grid.Count(cell => cell.Workload == workload) >= 6);
        Assert.True(whole >= 8, $"{whole} workloads under six nemeses");
        Assert.All(
            PartitionShape.All,
            shape => Assert.Contains(plan.Targets!, target => target.Count == "partition-" + shape && target.AtLeast >= 20));
        Assert.All(
            plan.Cells.Where(cell => cell.Nemesis.StartsWith("partition", StringComparison.Ordinal)),
            cell => Assert.Equal(5, cell.Nodes));
    }

    [Fact]
    public void A_plan_with_a_name_that_nobody_has_is_refused()
    {
        var plan = new MatrixPlan(1, 1, [new PlanBlock(["set"], ["earthquake"])]);
        Assert.Contains("earthquake", Assert.Throws<ArgumentException>(plan.Checked).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_decided_cells_count_and_a_kill_of_all_counts_every_node()
    {
        MatrixCell Cell(string verdict) => new("set", "kill-all", 5, 1, 1, verdict, null, 1, 1, 1, new Dictionary<string, int>
        {
            ["kill-all"] = 2,
            ["kill"] = 1,
            ["pause-majority"] = 3,
            ["partition-ring"] = 4,
        });

        IReadOnlyDictionary<string, int> sums = FaultTally.Of([Cell("valid"), Cell("unknown"), Cell("skipped")]);

        Assert.Equal((11, 3, 4, 0), (sums["kills"], sums["pauses"], sums["partition-ring"], sums["partition-one"]));
    }

    [Fact]
    public async Task A_matrix_goes_on_where_it_was_interrupted_and_keeps_both_results_of_an_undecided_cell()
    {
        using var directory = new TemporaryDirectory();
        Put(directory.Path, "set-none-1", seed: 1, "valid", attempt: 1);
        Put(directory.Path, "set-none-2", seed: 2, "unknown", attempt: 1);
        Put(directory.Path, "set-none-2-again", seed: 2, "valid", attempt: 2);
        var target = new PlanTarget("kills", 12, "set", "none");
        var plan = new MatrixPlan(1, 1, [new PlanBlock(["set", "set"], ["none"])], [target, target with { AtLeast = 10 }]);

        await new Matrix(plan, directory.Path, keepsAll: false, resumes: true).RunAsync();

        MatrixSummary summary = MatrixSummary.Read(Path.Combine(directory.Path, "summary.json"));
        Assert.Equal(
            [(1UL, "valid", 1), (2UL, "unknown", 1), (2UL, "valid", 2)],
            summary.Cells.Select(cell => (cell.Seed, cell.Verdict, cell.Attempt)));
        directory.Forget();
    }

    [Fact]
    public async Task A_matrix_of_another_commit_is_not_continued()
    {
        using var directory = new TemporaryDirectory();
        new MatrixSummary("elsewhere", "", DateTime.UnixEpoch, []).Write(directory.Path);
        var matrix = new Matrix(new MatrixPlan(1, 1, []), directory.Path, keepsAll: false, resumes: true);

        ArgumentException refusal = await Assert.ThrowsAsync<ArgumentException>(matrix.RunAsync);

        Assert.Contains("elsewhere", refusal.Message, StringComparison.Ordinal);
        directory.Forget();
    }

    [Theory]
    [MemberData(nameof(Patches))]
    public void A_sabotage_still_fits_the_server(string patch)
    {
        if (Programs.Find("git") is null)
        {
            return;
        }

        string root = Path.GetFullPath(Path.Combine(SuiteDirectory(), "..", ".."));
        (int code, string output) = Programs.Run("git", "-C", root, "apply", "--check", patch);
        Assert.True(code == 0, $"{Path.GetFileName(patch)}: {output}");
    }

    private static void Put(string directory, string name, ulong seed, string verdict, int attempt)
    {
        string place = Directory.CreateDirectory(Path.Combine(directory, name)).FullName;
        string text = CellFile.Replace("SEED", $"{seed}", StringComparison.Ordinal)
            .Replace("VERDICT", verdict, StringComparison.Ordinal)
            .Replace("ATTEMPT", $"{attempt}", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(place, "cell.json"), text);
    }

    private static string SuiteDirectory() => Path.Combine(BuiltServer.FindRoot(), "tests", "Jepsen-style");
}
