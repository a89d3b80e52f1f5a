using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RaftKv.Tests.GeneratedClients;
using RaftKv.Tests.Support;

namespace RaftKv.Deploy.Tests.Monitoring;

/// <summary>The alert rules, asked of Prometheus' own tool: each fires when it should, and not before.</summary>
public sealed partial class AlertRuleTests
{
    private static readonly string Folder = Path.Combine(Command.Root, "deploy", "prometheus");

    [CommandFact("promtool")]
    public async Task Rules_are_right_and_fire_as_their_tests_say()
    {
        (int checkedCode, string said) = await Command.RunAsync(Folder, "promtool", "check", "rules", "raftkv.rules.yml");
        (int code, string output) = await Command.RunAsync(Folder, "promtool", "test", "rules", "raftkv.rules.test.yml");

        Assert.True(checkedCode == 0, said);
        Assert.True(code == 0, output);
    }

    [CommandFact("promtool")]
    public async Task Each_query_of_the_dashboard_is_one()
    {
        string dashboard = File.ReadAllText(Path.Combine(Command.Root, "deploy", "grafana", "raftkv.json"));
        string[] queries = [.. Queries(JsonNode.Parse(dashboard)!).Select(static query => Variable().Replace(query, "5m"))];
        Assert.True(queries.Length > 20, $"{queries.Length} queries");

        (int code, string output) = await CheckAsync(queries);
        (int broken, _) = await CheckAsync([.. queries, "sum by (raftkv_ready"]);

        Assert.True(code == 0, output);
        Assert.NotEqual(0, broken);
    }

    [CommandFact("promtool")]
    public async Task A_rule_that_never_fires_is_noticed()
    {
        string scratch = Directory.CreateTempSubdirectory("raftkv-rules-").FullName;
        try
        {
            string rules = File.ReadAllText(Path.Combine(Folder, "raftkv.rules.yml"));
            string broken = rules.Replace("raftkv_", "nobody_", StringComparison.Ordinal);
            File.WriteAllText(Path.Combine(scratch, "raftkv.rules.yml"), broken);
            File.Copy(Path.Combine(Folder, "raftkv.rules.test.yml"), Path.Combine(scratch, "raftkv.rules.test.yml"));

            (int code, _) = await Command.RunAsync(scratch, "promtool", "test", "rules", "raftkv.rules.test.yml");

            Assert.NotEqual(0, code);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    private static IEnumerable<string> Queries(JsonNode node) => node switch
    {
        JsonObject map => (map["expr"] is JsonValue query ? [query.GetValue<string>()] : Enumerable.Empty<string>())
            .Concat(map.Where(static pair => pair.Value is not null).SelectMany(static pair => Queries(pair.Value!))),
        JsonArray list => list.SelectMany(static one => Queries(one!)),
        _ => [],
    };

    // As rules, since those are what promtool reads queries in. JSON's strings are YAML's.
    private static async Task<(int Code, string Output)> CheckAsync(string[] queries)
    {
        string folder = Directory.CreateTempSubdirectory("raftkv-queries-").FullName;
        try
        {
            IEnumerable<string> rules = queries.Select(
                static (query, i) => $"      - record: query:number{i}\n        expr: {JsonValue.Create(query).ToJsonString()}\n");
            File.WriteAllText(Path.Combine(folder, "queries.yml"), "groups:\n  - name: dashboard\n    rules:\n" + string.Concat(rules));
            return await Command.RunAsync(folder, "promtool", "check", "rules", "queries.yml");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Grafana's own, within ranges; within quotes it may stay as it is.
    [GeneratedRegex(@"(?<=\[)\$\w+(?=[\]:])")]
    private static partial Regex Variable();
}
