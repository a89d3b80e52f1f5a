using System.Text.Json.Nodes;
using RaftKv.Sbom;
using RaftKv.Tests.GeneratedClients;

namespace RaftKv.Deploy.Tests.Release;

/// <summary>The bill of materials names all that the server is made of.</summary>
public sealed class SbomTests
{
    private static readonly DateTimeOffset _made = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);

    [Fact]
    public void The_bill_of_the_server_is_valid_and_has_its_packages_and_projects()
    {
        JsonObject bill = Make();

        Assert.Empty(SbomCheck.Problems(bill));
        string[] names = [.. bill["components"]!.AsArray().Select(static one => one!["name"]!.GetValue<string>())];
        Assert.Contains("Google.Protobuf", names);
        Assert.Contains("RaftKv.Core", names);
        Assert.Contains("MudBlazor", names);
        Assert.Contains(bill["components"]!.AsArray(), static one => one!["licenses"]?[0]?["license"]?["id"]?.GetValue<string>() == "MIT");

        // What a package needs is told with it, and the second run gives the same bytes.
        JsonNode own = Assert.Single(
            bill["dependencies"]!.AsArray(), static one => one!["ref"]!.GetValue<string>() == "pkg:generic/raftkv@1.2.3")!;
        Assert.Contains("pkg:generic/RaftKv.Core@1.2.3", own["dependsOn"]!.AsArray().Select(static one => one!.GetValue<string>()));
        Assert.Equal(bill.ToJsonString(), Make().ToJsonString());
    }

    [Theory]
    [InlineData("\"CycloneDX\"", "\"Other\"")]
    [InlineData("urn:uuid:", "urn:id:")]
    [InlineData("\"timestamp\":\"2", "\"timestamp\":\"x")]
    [InlineData("\"name\":\"MudBlazor\"", "\"name\":\"\"")]
    [InlineData("\"bom-ref\":\"pkg:generic/RaftKv.Core@1.2.3\"", "\"bom-ref\":\"pkg:generic/raftkv@1.2.3\"")]
    [InlineData("\"purl\":\"pkg:generic/RaftKv.Core", "\"purl\":\"npm/RaftKv.Core")]
    [InlineData("\"content\":\"", "\"content\":\"xyz")]
    [InlineData("\"bom-ref\":\"pkg:generic/RaftKv.Core@1.2.3\"", "\"bom-ref\":\"pkg:generic/gone@1.2.3\"")]
    public void A_bill_that_is_wrong_is_rejected(string from, string to)
    {
        string good = Make().ToJsonString();
        string bad = good.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(good, bad);

        Assert.NotEmpty(SbomCheck.Problems(JsonNode.Parse(bad)!));
    }

    private static JsonObject Make()
    {
        string assets = Path.Combine(Command.Root, "src", "RaftKv", "obj", "project.assets.json");
        return BillOfMaterials.Make(JsonNode.Parse(File.ReadAllText(assets))!, "raftkv", "1.2.3", _made);
    }
}
