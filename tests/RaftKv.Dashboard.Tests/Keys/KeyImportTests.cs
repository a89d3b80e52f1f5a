using System.Net;
using RaftKv.Dashboard.Api;
using RaftKv.Dashboard.Keys;

namespace RaftKv.Dashboard.Tests.Keys;

/// <summary>Keys come in as an export let them out, or not at all; JSON is shown as YAML.</summary>
public sealed class KeyImportTests
{
    [Theory]
    [InlineData("{\"key\":\"a\",\"value\":\"1\"}\nnonsense", 2)]
    [InlineData("{\"key\":\"a\"}", 1)]
    [InlineData("{\"key\":\"\",\"value\":\"1\"}", 1)]
    [InlineData("{\"key\":\"a\",\"value\":\"?\",\"encoding\":\"base64\"}", 1)]
    [InlineData("{\"key\":\"a\",\"value\":\"1\",\"encoding\":\"rot13\"}", 1)]
    [InlineData("\n[]", 2)]
    public void A_line_that_is_none_stops_all(string text, int line)
    {
        Assert.Empty(KeyImport.Read(text, out string problem));
        Assert.StartsWith($"Line {line} ", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_go_in_groups_and_one_that_comes_twice_begins_the_next()
    {
        var bodies = new List<string>();
        var nodes = new StubNodes(request =>
        {
            bodies.Add(request.Content!.ReadAsStringAsync().Result);
            return StubNodes.Json("""{"succeeded":true,"revision":5,"responses":[]}""");
        });
        string lines = string.Concat(Enumerable.Range(0, 60).Select(i => $"{{\"key\":\"k{i}\",\"value\":\"v\",\"encoding\":\"utf-8\"}}\n"))
            + "{\"key\":\"k59\",\"value\":\"again\"}\n{\"key\":\"base64url:_wE\",\"value\":\"AP8=\",\"encoding\":\"base64\"}\n";
        IReadOnlyList<KeyVersion> pairs = KeyImport.Read(lines, out string problem);
        ImportOutcome outcome = await new KeyImport(nodes.Client()).WriteAsync(pairs, onlyMissing: false);

        Assert.Equal("", problem);
        Assert.Equal(new ImportOutcome(62, 0, ""), outcome);
        Assert.Equal(3, bodies.Count);
        Assert.Contains("\"again\"", bodies[2], StringComparison.Ordinal);
        Assert.Contains("\"key\":\"_wE\",\"keyEncoding\":\"base64url\"", bodies[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_exists_is_left_alone_and_a_refusal_ends_it_with_what_was_written()
    {
        IReadOnlyList<KeyVersion> pairs = KeyImport.Read("{\"key\":\"a\",\"value\":\"1\"}\n{\"key\":\"b\",\"value\":\"2\"}", out _);
        string asked = "";
        var nodes = new StubNodes(request =>
        {
            asked = request.Content!.ReadAsStringAsync().Result;
            return StubNodes.Json("""{"succeeded":true,"responses":[{"txn":{"succeeded":false}},{"txn":{"succeeded":true}}]}""");
        });
        Assert.Equal(new ImportOutcome(1, 1, ""), await new KeyImport(nodes.Client()).WriteAsync(pairs, onlyMissing: true));
        Assert.Contains("\"target\":\"version\",\"op\":\"=\",\"operand\":0,\"key\":\"a\"", asked, StringComparison.Ordinal);

        var full = new StubNodes(_ => StubNodes.Json("""{"status":507,"detail":"No room."}""", HttpStatusCode.InsufficientStorage));
        Assert.Equal(new ImportOutcome(0, 0, "No room."), await new KeyImport(full.Client()).WriteAsync(pairs, onlyMissing: false));
    }

    [Theory]
    [InlineData("""{"a":1,"b":["x",{"c":null}],"d":{},"e":[]}""", "a: 1\nb:\n  - x\n  -\n    c: null\nd: {}\ne: []\n")]
    [InlineData("\"yes\"", "\"yes\"\n")]
    [InlineData("{\"on\":\"1e3\",\"x\":\"a: b\"}", "\"on\": \"1e3\"\nx: \"a: b\"\n")]
    [InlineData("no json", null)]
    public void Json_is_shown_as_yaml(string json, string? yaml) => Assert.Equal(yaml, YamlView.Of(json));
}
