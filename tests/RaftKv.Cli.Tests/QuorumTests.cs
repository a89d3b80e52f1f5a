using RaftKv.Cli.Tests.Support;
using RaftKv.Quorums;

namespace RaftKv.Cli.Tests;

/// <summary>The simulation of quorums against what is known of them.</summary>
public sealed class QuorumTests
{
    [Theory]
    [InlineData(3, 2, 2)]
    [InlineData(3, 1, 3)]
    [InlineData(3, 3, 1)]
    [InlineData(5, 3, 3)]
    [InlineData(1, 1, 1)]
    public void Quorums_that_meet_read_nothing_stale(int n, int r, int w)
    {
        foreach (Resolution resolution in Enum.GetValues<Resolution>())
        {
            QuorumResult result = Run(new() { Replicas = n, ReadQuorum = r, WriteQuorum = w, Resolution = resolution });
            Assert.True(result.Reads > 1_000);
            Assert.Equal(0, result.StaleReads);
        }
    }

    [Fact]
    public void Strict_quorums_that_meet_read_nothing_stale_while_nodes_fail_but_some_are_refused()
    {
        QuorumResult result = Run(new() { ReadQuorum = 2, WriteQuorum = 2, DownShare = 0.1 });
        Assert.Equal(0, result.StaleReads);
        Assert.True(result.Unavailable > 0);
    }

    [Fact]
    public void Quorums_that_do_not_meet_read_stale_values_soon_after_a_write_and_seldom_later()
    {
        QuorumResult result = Run(new());
        Assert.True(result.StaleReads > 0);
        double young = ShareBelow(result, 5);
        double old = ShareFrom(result, 50);
        Assert.True(young > old, $"{young} soon after, {old} later");
    }

    [Fact]
    public void Sloppy_quorums_that_would_meet_read_stale_values_when_nodes_fail()
    {
        QuorumOptions sloppy = new() { ReadQuorum = 2, WriteQuorum = 2, DownShare = 0.2, IsSloppy = true };
        Assert.True(Run(sloppy).StaleReads > 0);
        Assert.True(Run(sloppy).Unavailable < Run(sloppy with { IsSloppy = false }).Unavailable);
    }

    [Fact]
    public void Hinted_handoff_loses_nothing_that_siblings_keep()
    {
        QuorumOptions sloppy = new() { DownShare = 0.5, IsSloppy = true, Resolution = Resolution.Siblings, Keys = 200 };
        Assert.True(Run(sloppy).LostWrites > 0);
        Assert.Equal(0, Run(sloppy with { HasHintedHandoff = true }).LostWrites);
    }

    [Fact]
    public void Last_writer_wins_loses_concurrent_writes_even_where_quorums_meet()
    {
        QuorumResult result = Run(new() { ReadQuorum = 2, WriteQuorum = 2 });
        Assert.True(result.LostWrites > 0);
        Assert.True(result.Conflicts > 0);
    }

    [Theory]
    [InlineData(Resolution.Siblings)]
    [InlineData(Resolution.GrowOnlyCounter)]
    public void What_merges_loses_nothing_even_where_quorums_do_not_meet(Resolution resolution) =>
        Assert.Equal(0, Run(new() { Resolution = resolution, DownShare = 0.05 }).LostWrites);

    [Fact]
    public void Siblings_are_conflicts_and_a_counter_has_none()
    {
        Assert.True(Run(new() { Resolution = Resolution.Siblings }).Conflicts > 0);
        Assert.Equal(0, Run(new() { Resolution = Resolution.GrowOnlyCounter }).Conflicts);
    }

    [Fact]
    public void Without_failures_every_write_reaches_all_replicas_and_read_repair_mends_what_failures_left()
    {
        Assert.Equal(0, Run(new()).NeverConverged);
        QuorumOptions failing = new() { DownShare = 0.2, Resolution = Resolution.Siblings, Keys = 500 };
        Assert.True(Run(failing with { HasReadRepair = true }).NeverConverged < Run(failing).NeverConverged);
    }

    [Fact]
    public void One_client_alone_is_never_in_conflict_and_loses_nothing() =>
        Assert.Equal((0, 0),
            (Run(new() { Clients = 1, ReadQuorum = 2, WriteQuorum = 2, ClockSkewMs = 0 }).LostWrites,
                Run(new() { Clients = 1, ReadQuorum = 2, WriteQuorum = 2 }).Conflicts));

    [Fact]
    public void A_seed_is_a_run()
    {
        QuorumOptions options = new() { DownShare = 0.1, HasReadRepair = true };
        Assert.Equal(Facts(Run(options)), Facts(Run(options)));
        Assert.NotEqual(Facts(Run(options)), Facts(Run(options with { Seed = 2 })));
    }

    [Theory]
    [InlineData("--r", "4")]
    [InlineData("--n", "0")]
    [InlineData("--hinted-handoff")]
    [InlineData("--siblings", "--crdt", "g-counter")]
    [InlineData("--down", "1")]
    public async Task A_design_that_can_not_be_is_refused(params string[] words) =>
        Assert.Equal(2, (await Ctl.RunAsync(["simulate", "quorum", .. words])).Exit);

    [Fact]
    public async Task It_is_told_in_every_format_and_drawn()
    {
        DirectoryInfo directory = Directory.CreateTempSubdirectory("raftkv-quorum-");
        try
        {
            string svg = Path.Combine(directory.FullName, "stale.svg");
            Ctl table = await Ctl.RunAsync("simulate", "quorum", "--ops", "500", "--svg", svg);
            Ctl json = await Ctl.RunAsync("simulate", "quorum", "--ops", "500", "-o", "json");
            Assert.Equal((0, 0), (table.Exit, json.Exit));
            Assert.Contains("stale reads", table.Out, StringComparison.Ordinal);
            Assert.Contains("\"staleReads\": ", json.Out, StringComparison.Ordinal);
            Assert.Contains("n=3 r=1 w=1 (r+w&lt;=n)", File.ReadAllText(svg), StringComparison.Ordinal);
            System.Xml.Linq.XDocument.Load(svg);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static QuorumResult Run(QuorumOptions options) => QuorumSimulation.Run(options with { Operations = 4_000 });

    private static double ShareBelow(QuorumResult result, double ms) => Share(result.StaleByAge.Where(bucket => bucket.FromMs < ms));

    private static double ShareFrom(QuorumResult result, double ms) => Share(result.StaleByAge.Where(bucket => bucket.FromMs >= ms));

    private static double Share(IEnumerable<(double FromMs, int Reads, int Stale)> buckets) =>
        (double)buckets.Sum(static bucket => bucket.Stale) / Math.Max(1, buckets.Sum(static bucket => bucket.Reads));

    private static string Facts(QuorumResult result) =>
        $"{result.Reads} {result.StaleReads} {result.Writes} {result.LostWrites} {result.Conflicts} {result.Unavailable} "
        + $"{result.ConvergenceMs.Sum()}";
}
