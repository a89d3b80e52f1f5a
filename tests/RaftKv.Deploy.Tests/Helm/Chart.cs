using System.Text.Json.Nodes;
using RaftKv.Tests.Api.Lint;
using RaftKv.Tests.GeneratedClients;
using YamlDotNet.RepresentationModel;

namespace RaftKv.Deploy.Tests.Helm;

/// <summary>deploy/helm/raftkv: its values, their schema, and what it gives.</summary>
internal static class Chart
{
    private static readonly string Folder = Path.Combine(Command.Root, "deploy", "helm", "raftkv");

    /// <summary>values.yaml.</summary>
    public static JsonObject Values() => (JsonObject)ReadYaml("values.yaml");

    /// <summary>values.yaml with some of them set, as <c>--set tls.enabled=true</c> would.</summary>
    public static JsonObject ValuesWith(params (string Path, JsonNode? Value)[] set)
    {
        JsonObject values = Values();
        foreach ((string path, JsonNode? value) in set)
        {
            string[] names = path.Split('.');
            JsonObject at = values;
            foreach (string name in names[..^1])
            {
                at = (JsonObject)at[name]!;
            }

            at[names[^1]] = value;
        }

        return values;
    }

    /// <summary>What the schema says of values.</summary>
    public static IReadOnlyList<string> Problems(JsonNode values)
    {
        JsonNode schema = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "values.schema.json")))!;
        return [.. new ExampleCheck(static _ => null).Problems(values, schema, "values")];
    }

    /// <summary>The objects of a release, as text.</summary>
    public static string Render(JsonObject values, string release = "raftkv")
    {
        var engine = new GoTemplate();
        string templates = Path.Combine(Folder, "templates");
        engine.Parse(File.ReadAllText(Path.Combine(templates, "_helpers.tpl")));
        JsonNode chart = ReadYaml("Chart.yaml");
        var root = new JsonObject
        {
            ["Values"] = values.DeepClone(),
            ["Release"] = new JsonObject { ["Name"] = release, ["Namespace"] = "store", ["Service"] = "Helm" },
            ["Chart"] = new JsonObject
            {
                ["Name"] = chart["name"]!.DeepClone(),
                ["Version"] = chart["version"]!.DeepClone(),
                ["AppVersion"] = chart["appVersion"]!.DeepClone(),
            },
        };
        IEnumerable<string> files = Directory.EnumerateFiles(templates, "*.yaml").Order(StringComparer.Ordinal);
        _ = engine.Render(engine.Parse(File.ReadAllText(Path.Combine(templates, "NOTES.txt"))), root);
        IEnumerable<string> documents = files.Select(file => engine.Render(engine.Parse(File.ReadAllText(file)), root));
        return string.Join("\n---\n", documents.Where(static one => one.Trim().Length > 0));
    }

    private static JsonNode ReadYaml(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(Path.Combine(Folder, file))));
        return Convert(stream.Documents[0].RootNode)!;
    }

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(
            map.Children.Select(static pair => KeyValuePair.Create(pair.Key.ToString(), Convert(pair.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain, Value: "true" or "false" } flag => flag.Value == "true",
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain } scalar when int.TryParse(scalar.Value, out int number) => number,
        YamlScalarNode scalar => scalar.Value,
        _ => throw new FormatException($"{node} is no value."),
    };
}
