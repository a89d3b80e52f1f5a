using System.Text.RegularExpressions;
using RaftKv.Bench;
using RaftKv.Bench.Nodes;
using RaftKv.Bench.Soak;
using RaftKv.Core.Tests.Architecture;
using RaftKv.Core.Tests.Architecture.Pages;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.Mutants;
using RaftKv.Tests.GeneratedClients;
using RaftKv.Tests.Support;

namespace RaftKv.Deploy.Tests.Pages;

/// <summary>
/// bench/README.md, docs/soak, docs/mutants.md and what other pages say of these programs. Measuring takes minutes, so one comparison
/// runs, for a second a cell; of all other lines each word is held against what the program or the script takes.
/// </summary>
public sealed partial class BenchPageTests
{
    // The built tree, of which this assembly is a part.
    private static readonly string Configuration = AppContext.BaseDirectory.TrimEnd('/').Split('/')[^2];

    [Fact]
    public void The_generator_knows_every_option_of_every_line()
    {
        IReadOnlyList<(string Page, string[] Words)> lines = DocumentedLine.ArgumentsOf("bench/RaftKv.Bench");

        Assert.True(lines.Count >= 11, $"{lines.Count} lines are found");
        Assert.Contains(lines, static line => line.Page == "docs/soak/README.md");
        Assert.Contains(lines, static line => line.Page == "docs/soak/soak.md");
        Assert.All(lines, static line => Assert.Null(Problem(line.Words)));
        Assert.All(
            (string[])
            [
                "putt --endpoints http://h:1", "put --endpoint http://h:1", "put", "soak --hours 1", "kubernetes --nodes many",
                "deletion --key 1", "replace --replaced nobody", "replace --servers etcd", "scale --parts many", "kubernetes --seconds 5",
            ],
            static line => Assert.NotNull(Problem(line.Split(' '))));
    }

    [Fact]
    public void The_hunt_for_mutants_knows_every_option_of_every_line()
    {
        IReadOnlyList<(string Page, string[] Words)> lines = DocumentedLine.ArgumentsOf("tools/RaftKv.Mutants");

        Assert.Contains(lines, static line => line.Page == "docs/mutants.md");
        Assert.Contains(lines, static line => line.Page == "tools/mutants/notes.md");
        Assert.All(lines, static line => Assert.NotNull(HuntOptions.Parse(line.Words, Command.Root)));
        Assert.Null(HuntOptions.Parse(["--all"], Command.Root));
    }

    [Fact]
    public async Task Every_script_reads_the_settings_that_its_lines_give_it()
    {
        Match[] lines =
        [
            .. DocumentedLine.Everywhere.Select(static line => ScriptLine().Match(line.Text)).Where(static match => match.Success),
        ];
        Assert.True(lines.Length > 20, $"{lines.Length} lines are found");
        Assert.Empty(lines.SelectMany(static line => Unread(line)));
        Assert.Equal(["SECONDS"], Unread(ScriptLine().Match("SECONDS=2 ROUNDS=\"1 2\" bench/compare.sh")));
        string[] scripts = [.. lines.Select(static line => line.Groups["script"].Value).Append("bench/lib.sh").Distinct()];
        foreach (string script in scripts)
        {
            (int code, string output) = await Command.RunAsync(Command.Root, "bash", "-n", script);
            Assert.True(code == 0, output);
        }

        // What a node allocates is written by a hook that the runtime finds by these names.
        Match hook = Assert.Single(
            DocumentedLine.OfBlocks.Select(static line => HookLine().Match(line.Text)), static match => match.Success);
        Assert.Equal("bench/RaftKv.Bench/bin/Release/net10.0/RaftKv.Bench.dll", hook.Groups["file"].Value);
        string read = SourceTree.Read("bench/RaftKv.Bench/StartupHook.cs");
        Assert.Contains($"\"{hook.Groups["variable"].Value}\"", read, StringComparison.Ordinal);
    }

    [CommandFact("bash", "curl")]
    public async Task A_short_comparison_prints_the_columns_that_the_page_explains()
    {
        string line = Assert.Single(
            DocumentedLine.OfBlocks,
            static one => one.Page == "bench/README.md" && one.Text.Contains("TARGET=leader", StringComparison.Ordinal)).Text;
        string[] settings =
        [
            .. line.Split(' ')[..^1], "ROUNDS=1", "DURATION=1s", "WARMUP=1s", "CONNECTIONS=4", "KEYS=100",
            $"BASE_PORT={PortPool.TakeRow(26)}", $"BENCH={Built("bench/RaftKv.Bench")}", $"RAFTKV={Built("src/RaftKv")}/raftkv",
        ];
        (int code, string output) = await Command.RunAsync(Command.Root, "env", [.. settings, line.Split(' ')[^1]]);

        Assert.True(code == 0, output);
        string[] rows = output.Split('\n');
        string[] heading = Array.Find(rows, static row => row.StartsWith("| workload |", StringComparison.Ordinal))!.Split(" | ");
        string page = SourceTree.Read("bench/README.md");
        string explained = page.Split("How to read the table:")[1].Split("\n## ")[0];
        Assert.All((string[])["ops/s", "server CPU µs/op", "generator CPU µs/op"], column =>
        {
            Assert.Contains(column, heading);
            Assert.Contains($"**{column}", explained, StringComparison.Ordinal);
        });
        Assert.All(
            (string[])["put", "get, linearizable", "get, eventual"],
            load => Assert.Contains(rows, row => Regex.IsMatch(row, $@"^\| {load} \| raftkv \| [1-9]\d* \|.*\| none \|$")));
    }

    /// <summary>Why the generator would refuse the line; null when it would not.</summary>
    private static string? Problem(string[] words)
    {
        // Addresses and the rest of a command are the reader's.
        const string Address = "127.0.0.1:1";
        string[] own =
        [
            .. words.Select(static word => word == "…" ? $"http://{Address}" : word.Replace("…", Address, StringComparison.Ordinal)),
        ];
        try
        {
            _ = own switch
            {
                ["soak", .. var rest] => (object)SoakOptions.Parse(rest),
                ["kubernetes" or "deletion" or "scale", .. var rest] => NodesOptions.Parse(rest),
                ["replace", .. var rest] => NodesOptions.ParseReplace(rest),
                _ => BenchOptions.Parse(own),
            };
            return null;
        }
        catch (BenchException e)
        {
            return e.Message;
        }
    }

    /// <summary>Settings before a script that neither it nor what it takes in reads.</summary>
    private static IEnumerable<string> Unread(Match line)
    {
        string text = SourceTree.Read(line.Groups["script"].Value) + SourceTree.Read("bench/lib.sh");
        return line.Groups["name"].Captures.Select(static name => name.Value)
            .Where(name => !text.Contains("${" + name + ":-", StringComparison.Ordinal));
    }

    private static string Built(string project) => Path.Combine(Command.Root, project, "bin", Configuration, "net10.0");

    [GeneratedRegex(@"^(?:(?<name>[A-Z_]+)=(?:""[^""]*""|\S+) )*(?<script>bench/[\w-]+\.sh)")]
    private static partial Regex ScriptLine();

    [GeneratedRegex(@"^DOTNET_STARTUP_HOOKS=\$PWD/(?<file>\S+) (?<variable>\w+)=")]
    private static partial Regex HookLine();
}
