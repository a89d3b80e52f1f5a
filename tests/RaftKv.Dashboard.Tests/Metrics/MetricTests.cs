using RaftKv.Dashboard.Metrics;

namespace RaftKv.Dashboard.Tests.Metrics;

/// <summary>What is read from a page of metrics, and what two pages say together.</summary>
public sealed class MetricTests
{
    private static readonly DateTimeOffset _start = DateTimeOffset.UnixEpoch;

    [Fact]
    public void A_page_is_read_with_labels_escapes_and_what_is_no_line()
    {
        MetricPage page = MetricPage.Parse(
            "# HELP a Text\n# TYPE a counter\na{x=\"1\",y=\"q\\\"}\"} 4\na{x=\"2\"} 5e3\nb 7\nbroken\nc{ 1\nd{x=\"1\"} NaN\n", _start);

        Assert.Equal([("1", "q\"}", 4), ("2", "", 5000)], page["a"].Select(static s => (s.Label("x"), s.Label("y"), s.Value)));
        Assert.Equal(7, page.Value("b"));
        Assert.Empty(page["broken"]);
        Assert.Empty(page["d"]);
        Assert.Null(page.Value("nothing"));
    }

    [Fact]
    public void Rates_are_by_label_and_a_counter_that_fell_began_anew()
    {
        var delta = new MetricDelta(
            Page(0, "r_total{level=\"a\",outcome=\"served\"} 10\nr_total{level=\"b\",outcome=\"served\"} 10\n"),
            Page(2, "r_total{level=\"a\",outcome=\"served\"} 30\nr_total{level=\"b\",outcome=\"served\"} 4\n"
                + "r_total{level=\"a\",outcome=\"unmet\"} 9\n"));

        Assert.Equal(
            new Dictionary<string, double> { ["a"] = 10, ["b"] = 2 },
            delta.Rates("r_total", "level", static sample => sample.Label("outcome") == "served"));
        Assert.Empty(new MetricDelta(Page(2, "r_total 1\n"), Page(2, "r_total 9\n")).Rates("r_total", ""));
    }

    [Theory]
    [InlineData(0.5, 15)]
    [InlineData(0.125, 5)]
    [InlineData(0.99, 20)]
    public void A_quantile_lies_within_its_bucket_and_the_last_one_gives_its_lower_bound(double quantile, double value)
    {
        var delta = new MetricDelta(
            Page(0, "h_bucket{le=\"10\"} 0\nh_bucket{le=\"20\"} 0\nh_bucket{le=\"+Inf\"} 100\n"),
            Page(1, "h_bucket{le=\"10\"} 2\nh_bucket{le=\"20\"} 6\nh_bucket{le=\"+Inf\"} 108\n"));

        Assert.Equal(value, delta.Quantiles("h", "", quantile).Values.Single(), 6);
    }

    [Fact]
    public void A_histogram_that_counted_nothing_has_no_quantile()
    {
        MetricPage page = Page(0, "h_bucket{le=\"10\"} 2\nh_bucket{le=\"+Inf\"} 2\n");
        Assert.Empty(new MetricDelta(page, Page(1, "h_bucket{le=\"10\"} 2\nh_bucket{le=\"+Inf\"} 2\n")).Quantiles("h", "", 0.5));
    }

    [Fact]
    public void A_chart_keeps_so_many_moments_drops_who_is_silent_and_shows_so_many_lines()
    {
        var history = new MetricHistory(moments: 3);
        history.Add(One("a", 1));
        history.Add(One("b", 2));
        Assert.Equal([1, null], history.Lines.Single(static line => line.Name == "a").Values);
        Assert.Equal([null, 2.0], history.Lines.Single(static line => line.Name == "b").Values);
        for (int i = 0; i < 3; i++)
        {
            history.Add(One("b", 3));
        }

        Assert.Equal("b", Assert.Single(history.Lines).Name);
        Assert.Equal(3, history.Lines[0].Values.Count);

        history.Add(Enumerable.Range(0, 40).Select(static i => new KeyValuePair<string, double>($"l{i:00}", i + 1)));
        Assert.Equal(MetricHistory.MaxLines, history.Lines.Count);
        Assert.DoesNotContain(history.Lines, static line => line.Name == "l00");
    }

    [Fact]
    public void A_board_has_memory_at_once_and_rates_from_the_second_page_on()
    {
        var board = new MetricBoard();
        board.Add(Page(0, "process_resident_memory_bytes 5\nraftkv_memory_budget_bytes 9\nraftkv_writes_total{outcome=\"applied\"} 1\n"));
        Assert.Equal(9, board.MemoryBudget);
        Assert.False(board.HasRates);
        Assert.Single(board.Memory.Lines);

        board.Add(Page(2, "process_resident_memory_bytes 5\nraftkv_writes_total{outcome=\"applied\"} 5\n"));
        Assert.Equal(2, Assert.Single(board.Writes.Lines).Last);
        board.Clear();
        Assert.Empty(board.Writes.Lines);
    }

    private static MetricPage Page(int seconds, string text) => MetricPage.Parse(text, _start.AddSeconds(seconds));

    private static KeyValuePair<string, double>[] One(string name, double value) => [new(name, value)];
}
