using System.Text.Json.Nodes;
using k8s;
using RaftKv.Tests.GeneratedClients;

namespace RaftKv.Deploy.Tests.Helm;

/// <summary>What Helm itself says of the chart; and that the renderer of the other tests gives what Helm gives.</summary>
public sealed class HelmTests(HelmProgram helm) : IClassFixture<HelmProgram>
{
    private const string Folder = "deploy/helm/raftkv";

    [HelmTheory]
    [InlineData("")]
    [InlineData("tls.enabled=true,tls.secret=raftkv-tls,replicas=5")]
    public async Task Lint_finds_nothing(string settings)
    {
        (int code, string output) = await helm.RunAsync(["lint", "--strict", Folder, .. Set(settings)]);

        Assert.True(code == 0, output);
        Assert.DoesNotContain("[WARNING]", output);
    }

    [HelmTheory]
    [InlineData("templates/services.yaml", "{{- ", "{{- nonsense ")]
    [InlineData("Chart.yaml", "apiVersion: v2", "apiVersion: v9")]
    [InlineData("values.yaml", "replicas: 3", "replicas: 2")]
    public async Task Lint_finds_what_is_wrong(string file, string from, string to)
    {
        string scratch = Directory.CreateTempSubdirectory("raftkv-chart-").FullName;
        try
        {
            string source = Path.Combine(Command.Root, Folder);
            foreach (string path in Directory.EnumerateFiles(source, "*", SearchOption.AllDirectories))
            {
                string copy = Path.Combine(scratch, "raftkv", Path.GetRelativePath(source, path));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(path, copy);
            }

            string broken = Path.Combine(scratch, "raftkv", file);
            string good = File.ReadAllText(broken);
            int at = good.IndexOf(from, StringComparison.Ordinal);
            Assert.True(at >= 0, $"{file} has no {from}");
            File.WriteAllText(broken, good[..at] + to + good[(at + from.Length)..]);

            Assert.NotEqual(0, (await helm.RunAsync("lint", "--strict", Path.Combine(scratch, "raftkv"))).Code);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    [HelmTheory]
    [InlineData("")]
    [InlineData("tls.enabled=true,tls.secret=raftkv-tls,tls.clientAuth=request,replicas=5")]
    [InlineData("tls.enabled=true,tls.secret=s,tls.perNode=false,fullnameOverride=kv,persistence.storageClass=fast,spread=DoNotSchedule")]
    [InlineData("networkPolicy.enabled=true,service.type=LoadBalancer,metrics.annotations=false,image.repository=registry.example/raftkv")]
    [InlineData("serviceAccount.create=true,serviceAccount.name=backups")]
    public async Task It_gives_what_the_renderer_of_the_other_tests_gives(string settings)
    {
        (int code, string output) = await helm.RunAsync(["template", "raftkv", Folder, "--namespace", "store", .. Set(settings)]);
        Assert.True(code == 0, output);

        new Manifests(output).AssertSound();
        string own = Chart.Render(Chart.ValuesWith([.. Settings(settings)]));
        Assert.Equal(Objects(own), Objects(output));
    }

    [HelmTheory]
    [InlineData("replicas=2", "replicas")]
    [InlineData("tls.enable=true", "enable")]
    [InlineData("spread=Never", "spread")]
    [InlineData("tls.enabled=true", "tls.secret")]
    public async Task It_refuses_values_that_can_not_be(string settings, string said)
    {
        (int code, string output) = await helm.RunAsync(["template", "raftkv", Folder, .. Set(settings)]);

        Assert.NotEqual(0, code);
        Assert.Contains(said, output);
    }

    private static string[] Set(string settings) => settings.Length == 0 ? [] : ["--set", settings];

    private static IEnumerable<(string Path, JsonNode? Value)> Settings(string settings) =>
        settings.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static one => one.Split('=')).Select(static pair =>
            (pair[0], ValueOf(pair[1])));

    private static JsonNode? ValueOf(string text) =>
        bool.TryParse(text, out bool flag) ? flag : int.TryParse(text, out int number) ? number : text;

    // By the types of Kubernetes' API, with members in one order: the form of the text is out of sight.
    private static List<string> Objects(string yaml) =>
    [
        .. KubernetesYaml.LoadAllFromString(yaml, strict: true)
            .Select(static one => Ordered(JsonNode.Parse(KubernetesJson.Serialize(one)))!.ToJsonString())
            .Order(StringComparer.Ordinal),
    ];

    private static JsonNode? Ordered(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(static pair => pair.Key, StringComparer.Ordinal)
            .Select(static pair => KeyValuePair.Create(pair.Key, Ordered(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Ordered)]),
        _ => node?.DeepClone(),
    };
}
