using System.Text.RegularExpressions;
using RaftKv.Tests.Hosting;
using RaftKv.Tests.Support;

namespace RaftKv.Tests.GeneratedClients;

/// <summary>The clients in other languages, used against a real node.</summary>
public sealed partial class GeneratedClientTests : IAsyncLifetime
{
    private readonly NodeProcesses _node = new();
    private readonly string _scratch = Directory.CreateTempSubdirectory("raftkv-clients-").FullName;

    private static string Folder(string language) => Path.Combine(Command.Root, "clients", language);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        Directory.Delete(_scratch, recursive: true);
    }

    [CommandFact("python3")]
    public async Task The_python_client_does_what_its_smoke_test_says()
    {
        await StartAsync();

        // Without files beside the sources: the tree stays as it is.
        (int code, string output) = await Command.RunAsync(Folder("python"), "python3", "-B", "smoke.py", _node.Url(0));

        AssertPassed(code, output);
    }

    [CommandFact("python3")]
    public async Task The_lines_of_the_python_page_run()
    {
        await StartAsync();
        string page = File.ReadAllText(Path.Combine(Folder("python"), "README.md"));
        string lines = Block().Match(page).Groups["lines"].Value.Replace("http://127.0.0.1:2379", _node.Url(0), StringComparison.Ordinal);
        string script = Path.Combine(_scratch, "page.py");
        File.WriteAllText(script, $"import sys\nsys.path.insert(0, '{Folder("python")}')\n{lines}");

        (int code, string output) = await Command.RunAsync(_scratch, "python3", "-B", script);

        Assert.True(code == 0, output);

        // Value, revision and proven age; a refusal; a message of the watch.
        Assert.Matches(@"^on 2 \d+\n412 precondition-failed no\nsnapshot \{.*\}\n$", output);
    }

    [TypeScriptFact("typescript")]
    public async Task The_typescript_client_compiles_and_does_what_its_smoke_test_says()
    {
        (int compiled, string complaints) = await Command.RunAsync(
            Folder("typescript"), "node", "node_modules/typescript/bin/tsc", "-p", ".", "--outDir", Path.Combine(_scratch, "dist"));
        Assert.True(compiled == 0, complaints);
        File.WriteAllText(Path.Combine(_scratch, "package.json"), """{"type":"module"}""");
        await StartAsync();

        (int code, string output) = await Command.RunAsync(_scratch, "node", "dist/test/smoke.js", _node.Url(0));

        AssertPassed(code, output);
        await AssertPageRunsAsync();
    }

    [TypeScriptFact("@redocly")]
    public async Task Redocly_finds_no_error_in_either_document_and_finds_one_that_is_there()
    {
        string[] documents =
            [Path.Combine(Command.Root, "docs", "openapi.json"), Path.Combine(Command.Root, "docs", "openapi-etcd.json")];
        string broken = Path.Combine(_scratch, "broken.json");
        File.WriteAllText(broken, File.ReadAllText(documents[0]).Replace("\"operationId\": \"putKey\"", "\"operationId\": \"getKey\""));

        (int code, string output) = await Command.RunAsync(Folder("typescript"), "node", ["lint-api.mjs", .. documents]);
        (int codeOfBroken, string findings) = await Command.RunAsync(Folder("typescript"), "node", "lint-api.mjs", broken);

        Assert.True(code == 0, output);
        Assert.NotEqual(0, codeOfBroken);
        Assert.Contains("operationId-unique", findings);
    }

    // The page's lines, by the compiled client in place of an installed one: what was read, its age, and a refusal.
    private async Task AssertPageRunsAsync()
    {
        string lines = TypeScriptBlock().Match(File.ReadAllText(Path.Combine(Folder("typescript"), "README.md"))).Groups["lines"].Value;
        File.WriteAllText(
            Path.Combine(_scratch, "page.js"),
            lines.Replace("\"raftkv-client\"", "\"./dist/src/index.js\"", StringComparison.Ordinal)
                .Replace("http://127.0.0.1:2379", _node.Url(0), StringComparison.Ordinal));

        (int code, string output) = await Command.RunAsync(_scratch, "node", "page.js");

        Assert.True(code == 0 && lines.Length > 0, output);
        Assert.Contains("value: 'on'", output);
        Assert.EndsWith("412 precondition-failed no\n", output);
    }

    private async Task StartAsync()
    {
        _node.Start(0);
        await _node.ReadyAsync(0);
    }

    private static void AssertPassed(int code, string output)
    {
        Match said = Passed().Match(output);
        Assert.True(code == 0 && said.Success, output);
        Assert.True(int.Parse(said.Groups["count"].ValueSpan) >= 18, output);
    }

    [GeneratedRegex(@"(?s)```python\n(?<lines>.*?)```")]
    private static partial Regex Block();

    [GeneratedRegex(@"(?s)```ts\n(?<lines>.*?)```")]
    private static partial Regex TypeScriptBlock();

    [GeneratedRegex(@"^(?<count>\d+) checks passed", RegexOptions.Multiline)]
    private static partial Regex Passed();
}
