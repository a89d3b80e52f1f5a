using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace RaftKv.Tests.Diagnostics;

/// <summary>What is given along for Prometheus and Grafana asks for metrics that there are.</summary>
public sealed partial class DeployFilesTests
{
    private static readonly string Root = Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..");
    private static readonly string Documented = File.ReadAllText(Path.Combine(Root, "docs", "operations.md"));

    [Theory]
    [InlineData("deploy/prometheus/raftkv.rules.yml")]
    [InlineData("deploy/prometheus/raftkv.rules.test.yml")]
    [InlineData("deploy/grafana/raftkv.json")]
    public void Every_metric_that_is_asked_for_is_in_the_manual(string file)
    {
        string[] names =
        [
            .. Metric().Matches(File.ReadAllText(Path.Combine(Root, file))).Select(static match => match.Groups["name"].Value).Distinct(),
        ];

        Assert.True(names.Length > 5, $"{names.Length} names");
        Assert.All(names, static name => Assert.Contains($"`{name}`", Documented));
    }

    [Fact]
    public void Each_alert_is_tested_and_each_panel_asks_for_something()
    {
        string rules = File.ReadAllText(Path.Combine(Root, "deploy/prometheus/raftkv.rules.yml"));
        string tests = File.ReadAllText(Path.Combine(Root, "deploy/prometheus/raftkv.rules.test.yml"));
        Assert.All(
            Alert().Matches(rules).Select(static match => match.Groups["name"].Value),
            name => Assert.Contains($"alertname=\"{name}\",alertstate=\"firing\"", tests));

        using var dashboard = JsonDocument.Parse(File.ReadAllText(Path.Combine(Root, "deploy/grafana/raftkv.json")));
        JsonElement[] panels = [.. dashboard.RootElement.GetProperty("panels").EnumerateArray()];
        Assert.True(panels.Length > 10);
        Assert.All(panels, static panel => Assert.NotEqual(0, panel.GetProperty("targets").GetArrayLength()));
        Assert.Equal(panels.Length, panels.Select(static panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    // The parts of a histogram are told by its name.
    [GeneratedRegex(@"\b(?<name>(raftkv|process)_[a-z_]+?)(_bucket)?(?=[^a-z_])")]
    private static partial Regex Metric();

    [GeneratedRegex(@"alert: (?<name>\w+)")]
    private static partial Regex Alert();
}
