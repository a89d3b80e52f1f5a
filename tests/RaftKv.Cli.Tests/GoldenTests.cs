using System.Text;
using System.Text.RegularExpressions;
using RaftKv.Cli.Output;
using RaftKv.Cli.Processes;
using RaftKv.Cli.Tests.Support;

namespace RaftKv.Cli.Tests;

/// <summary>
/// Every command against a fresh node, in every format, as a transcript. What differs from run to run (tokens, ids,
/// times, ports, sizes) is put out of sight.
/// </summary>
public sealed partial class GoldenTests
{
    private static readonly string[] _formats = ["table", "json", "yaml", "value"];

    [Fact]
    public async Task Keys() => await CheckAsync(
        "keys",
        Each("get", "missing"),
        Each("put", "app/flag", "on"),
        Each("put", "app/name", "Zoë: a # b"),
        Each("get", "app/flag"),
        Each("get", "app/flag", "--level", "eventual"),
        Each("get", "app/flag", "--max-staleness", "1h"),
        Each("cas", "app/flag", "off", "--if-missing"),
        Each("cas", "app/flag", "off", "--if-value", "on"),
        Each("cas", "app/new", "1", "--if-missing"),
        Each("incr", "hits", "5"),
        Each("ls", "app/"),
        Each("ls", "app/", "--keys-only", "--desc"),
        Each("ls", "--count"),
        Each("tree"),
        Each("history", "app/flag"),
        Each("diff", "app/flag", "2", "8"),
        Each("txn", "--if", "value(door) = open", "--then", "put door closed", "--else", "get app/flag"),
        Each("txn", "--if", "version(door) = 0", "--then", "put door open", "incr hits"),
        Each("watch", "--prefix", "app/", "--from", "2", "--limit", "3", "--prev"),
        Each("export", "app/"),
        Each("del", "app/flag"),
        Each("del", "--prefix", "app/"),
        Each("history", "app/flag", "--limit", "2"),
        Each("compact", "3"),
        Each("get", "hits", "--at", "2"));

    [Fact]
    public async Task Coordination() => await CheckAsync(
        "coordination",
        Each("lock", "job", "--", "/bin/sh", "-c", "test -n \"$RAFTKV_TOKEN\" && exit 3"),
        Each("lock", "job", "--wait", "0s", "--", "/no/such/program"),
        Each("semaphore", "pool", "--limit", "2", "--", "/bin/true"),
        Each("elect", "boss", "--value", "me", "--", "/bin/true"),
        Each("locks"),
        Each("locks", "job"),
        [["locks", "--level", "eventual"], ["locks", "job", "--level", "eventual", "--on-unmet", "fail"], ["locks", "--level", "bounded"]],
        Each("semaphores"),
        Each("fence", "job;token=2"),
        Each("fence", "nonsense"),
        Each("lease", "grant", "--ttl", "30s"),
        Each("lease", "show", "7f3a"),
        Each("lease", "keep", "7f3a", "--once"),
        Each("lease", "revoke", "7f3a"),
        Each("lease", "list"));

    [Fact]
    public async Task Cluster() => await CheckAsync(
        "cluster",
        Each("status"), Each("members"), Each("health"), Each("doctor"), Each("top", "--once", "--interval", "100ms"),
        Each("alarm", "list"), Each("alarm", "clear", "NOSPACE"), Each("advise", "--own-writes"), Each("advise", "--max-age", "500ms"));

    [Fact]
    public async Task Members() => await CheckAsync(
        "members",
        [["member", "add", "n2", "http://127.0.0.1:1", "--learner"], ["members"], ["member", "promote", "n9"], ["member", "demote", "n1"]],
        Each("member", "remove", "n2"),
        Own(static (format, number) => ["member", "add", format, $"http://127.0.0.1:{number}"]),
        Each("member", "promote", "table"), Each("member", "demote", "table"),
        Own(static (format, number) =>
            ["member", "replace", format, "--with", "new-" + format, "--peer-url", $"http://127.0.0.1:1{number}"]),
        [["member", "replace", "n1", "--with", "n4"]],
        Own(static (format, _) => ["member", "remove", "new-" + format]),
        Each("member", "transfer", "n1"), Each("member", "drain", "n1"), [["member", "transfer", "n9"]]);

    [Fact]
    public async Task Access()
    {
        using var files = new ScratchFolder();
        string password = files.Write("root.txt", "root-password\n");
        string token = files.Of("root.token");
        await CheckAsync(
            "access", files.Path,
            Each("auth", "status"),
            Each("user", "add", "root", "--password-file", password),
            [["user", "add", "ann", "--no-password"]], Each("user", "password", "ann", "--password-file", password),
            [["role", "add", "app"]], Own(static (format, _) => ["role", "add", format]),
            Each("role", "grant", "app", "read", "write", "--prefix", "app/"),
            [["role", "grant", "app", "lock", "--all"], ["role", "grant", "app", "read"], ["role", "grant", "app", "fly", "--all"]],
            Each("role", "allow", "app", "metrics", "lease"), [["user", "grant", "ann", "app"]],
            Own(static (format, _) => ["user", "grant", "ann", format]), [["user", "grant", "ann", "nothing"]],
            Each("user", "list"), Each("user", "show", "ann"), Each("user", "show", "eve"), Each("role", "list"),
            Each("role", "show", "app"),
            [["role", "revoke", "app", "--all"]], Each("role", "revoke", "app", "--prefix", "app/"),
            [["user", "revoke", "ann", "app"]], Own(static (format, _) => ["user", "revoke", "ann", format]),
            [["role", "remove", "app"]], Own(static (format, _) => ["role", "remove", format]),
            Each("token", "add", "--user", "ann", "--label", "ci", "--ttl", "90d"),
            [["token", "add", "--ttl", "soon"]], Each("token", "revoke", "nothing"),
            Each("auth", "enable"), [["user", "grant", "root", "root"]], Each("auth", "enable"),
            Each("auth", "status"),
            [["auth", "login", "root", "--password-file", files.Write("wrong.txt", "wrong-password")],
                ["auth", "login", "root", "--password-file", password, "--to", token]],
            Each("token", "list", "--token-file", token), Each("auth", "status", "--token-file", token),
            [["user", "remove", "ann", "--token-file", token]], Each("user", "remove", "ann", "--token-file", token),
            Each("auth", "disable", "--token-file", token),
            Each("auth", "login", "root", "--password-file", password));
    }

    [Fact]
    public async Task Limits() => await CheckAsync(
        "limits",
        Each("quota", "set", "tenants/a/", "--keys", "10", "--bytes", "1000000"),
        Each("quota", "show", "tenants/a/"), Each("quota", "set", "--store", "--bytes", "2000000"), Each("quota", "list"),
        [["quota", "set"], ["quota", "set", "a/", "--store"], ["quota", "set", "a/"], ["quota", "show", "nothing/"]],
        Each("quota", "remove", "tenants/a/"),
        Each("guard", "set", "jobs/", "--lock", "nightly"), Each("guard", "list"), Each("guard", "remove", "jobs/"));

    [Fact]
    public async Task Backups()
    {
        using var files = new ScratchFolder();
        await CheckAsync(
            "backups", files.Path,
            [["put", "app/flag", "on"]],
            Each("backup", "list"), Each("backup", "begin"), Each("backup", "status", "nothing"),
            Each("backup", "save", files.Of("a.snap")), Each("backup", "verify", files.Of("a.snap")),
            [["backup", "save", files.Of("b.snap"), "--level", "eventual", "-o", "value"]],
            Each("backup", "verify", files.Write("broken.snap", "no backup")),
            [["restore", files.Of("a.snap"), files.Of("new")], ["restore", files.Of("a.snap"), files.Of("new")],
                ["restore", files.Of("b.snap"), files.Of("json"), "--keep-leases", "-o", "json"],
                ["restore", files.Of("a.snap"), files.Of("c"), "--to-time", "soon"]],
            Own((format, _) => ["restore", files.Of("a.snap"), files.Of("of-" + format)]),
            [["backup", "save", "s3://key:secret@b/c"], ["backup", "save", "https://b/c"], ["backup", "verify", "s3://key:secret@b/c"],
                ["restore", files.Of("a.snap"), "s3://b/c"], ["export", "app/", "--file", "s3://b/c"], ["import", "s3://b/c"]],
            Each("import", files.Write("keys.jsonl", "{\"key\":\"app/in\",\"value\":\"1\"}\n"), "--if-missing"));
    }

    [Fact]
    public async Task Contexts()
    {
        using var files = new ScratchFolder();
        await CheckAsync(
            "contexts", files.Path,
            Each("context", "list"),
            Own(static (format, _) => ["context", "add", format, "--level", "eventual"]),
            Own(static (format, _) => ["context", "use", format]),
            Each("context", "list"), Each("context", "use", "nowhere"),
            Own(static (format, _) => ["context", "remove", format]));
    }

    [Fact]
    public void Every_command_stands_in_a_transcript_in_every_format()
    {
        // Of these a transcript would tell nothing, or not twice the same.
        string[] elsewhere =
        [
            "bench", "completion", "demo", "edit", "shell", "simulate quorum", "lab show", "lab hold", "lab cut", "lab delay",
            "lab heal", "lab partition", "lab pause", "lab resume",
        ];
        var make = new CtlRoot(new CliConsole(TextWriter.Null, TextWriter.Null, TextReader.Null), Interrupts.None(), "raftkvctl");
        string transcripts = Golden.All();
        IEnumerable<string> missing =
            from command in Leaves(make.Root, "")
            where !elsewhere.Contains(command)
            from format in _formats
            where !transcripts.Contains($"$ raftkvctl -o {format} {command} ", StringComparison.Ordinal)
                && !transcripts.Contains($"$ raftkvctl -o {format} {command}\n", StringComparison.Ordinal)
            select $"{command} -o {format}";
        Assert.Empty(missing);
    }

    private static IEnumerable<string> Leaves(System.CommandLine.Command command, string path) => command.Subcommands.Count == 0
        ? [path]
        : command.Subcommands.SelectMany(inner => Leaves(inner, path.Length == 0 ? inner.Name : $"{path} {inner.Name}"));

    [Fact]
    public async Task Looks() => await CheckAsync(
        "looks",
        [["put", "app/flag", "on"]],
        Each("events", "--limit", "1"), Each("log", "--from", "1", "--limit", "1"), [["log", "--limit", "5000"], ["log", "--from", "0"]],
        Each("operation", "0000000000000001-0000000000000001-1"), [["operation", "nonsense"]]);

    [Fact]
    public async Task Wrong_lines_say_what_is_wrong_and_what_was_meant() => await CheckAsync(
        "wrong",
        [["gte", "app/flag"], ["get"], ["get", "a", "--level", "strongest"], ["get", "a", "--level", "bounded"], ["put", "a"],
        ["cas", "a", "1"], ["txn", "--if", "colour(a) = red"], ["txn", "--then", "paint a"], ["watch", "a", "--prefix", "b"],
        ["get", "a", "--context", "nowhere"], ["get", "a", "-e", "ftp://x"], ["get", "a", "--node", "n9"],
            ["lease", "grant", "--ttl", "soon"]]);

    [Fact]
    public async Task Help_of_every_command_has_an_example() => await CheckAsync(
        "help",
        [["--help"], ["get", "--help"], ["lock", "--help"], ["watch", "--help"], ["lease", "--help"], ["lease", "grant", "--help"],
            ["user", "--help"], ["role", "grant", "--help"], ["token", "add", "--help"], ["auth", "login", "--help"],
            ["quota", "set", "--help"], ["events", "--help"], ["log", "--help"], ["backup", "--help"], ["backup", "save", "--help"],
            ["restore", "--help"]]);

    [Fact]
    public void No_command_is_without_an_example_and_a_description()
    {
        var make = new CtlRoot(
            new CliConsole(TextWriter.Null, TextWriter.Null, TextReader.Null), Interrupts.None(), "raftkvctl");
        string[] bare = [.. Bare(make.Root, make, "raftkvctl")];
        Assert.Empty(bare);
    }

    private static IEnumerable<string> Bare(System.CommandLine.Command command, CtlRoot root, string path) =>
        command.Subcommands.SelectMany(inner => Bare(inner, root, $"{path} {inner.Name}"))
            .Concat(command.Subcommands.Count == 0 && (root.ExamplesOf(command).Count == 0 || string.IsNullOrEmpty(command.Description))
                ? [path] : []);

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    [InlineData("powershell")]
    public async Task Completion_scripts_ask_raftkvctl_itself(string shell)
    {
        Ctl script = await Ctl.RunAsync("completion", shell);
        Assert.Equal(0, script.Exit);
        Assert.Contains("[suggest:", script.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("raftkvctl ge", "get")]
    [InlineData("raftkvctl get a --level bou", "bounded")]
    [InlineData("raftkvctl lease gr", "grant")]
    [InlineData("raftkvctl get a --on-unmet f", "forward")]
    public async Task A_line_is_completed(string line, string fit)
    {
        Ctl suggestions = await Ctl.RunAsync($"[suggest:{line.Length}]", line);
        Assert.Contains(fit, suggestions.Out.Split('\n').Select(static word => word.Trim()));
    }

    // Where a second time would be another matter: a thing for each format.
    private static string[][] Own(Func<string, int, string[]> words) =>
        [.. _formats.Select((format, i) => (string[])["-o", format, .. words(format, i + 1)])];

    private static string[][] Each(params string[] words) => [.. _formats.Select(format => (string[])["-o", format, .. words])];

    private static Task CheckAsync(string name, params string[][][] lines) => CheckAsync(name, "\u0001", lines);

    /// <param name="folder">Files of the test; it is DIR in the transcript.</param>
    private static async Task CheckAsync(string name, string folder, params string[][][] lines)
    {
        var node = new OneNode();
        await node.InitializeAsync();
        try
        {
            var transcript = new StringBuilder();

            // It serves a moment before it calls itself ready.
            while (!(await Ctl.RunAsync("status", "-e", node.Endpoint, "-o", "json")).Out.Contains("\"phase\": \"ready\"",
                StringComparison.Ordinal))
            {
                await Task.Delay(20);
            }

            foreach (string[] words in lines.SelectMany(static group => group))
            {
                string config = Path.Combine(Directory.Exists(folder) ? folder : "/nonexistent", "raftkvctl.json");
                Ctl ran = await Ctl.RunAsync(["-e", node.Endpoint, "--config", config, .. words]);
                string line = string.Join(' ', words.Select(static word => word.Contains(' ') ? $"'{word}'" : word));
                transcript.Append("$ raftkvctl ").Append(line.Replace(folder, "DIR", StringComparison.Ordinal)).Append('\n');
                transcript.Append(Scrub(ran.Whole.Replace(folder, "DIR", StringComparison.Ordinal))).Append('\n');
            }

            Golden.Check(name, transcript.ToString());
        }
        finally
        {
            await node.DisposeAsync();
        }
    }

    private static string Scrub(string text)
    {
        text = Secret().Replace(text, "SECRET");
        text = TokenId().Replace(Time().Replace(Sizes().Replace(text, "${before}N${after}"), "TIME"), "TOKENID");
        text = Token().Replace(Port().Replace(text, "127.0.0.1:PORT"), "TOKEN");
        text = Number().Replace(Small().Replace(Hex().Replace(text, "HEX"), "$1N"), "N");

        // Whether YAML quotes them depends on their first character.
        text = text.Replace("\"TOKEN\"", "TOKEN", StringComparison.Ordinal).Replace("\"HEX\"", "HEX", StringComparison.Ordinal)
            .Replace("\"TOKENID\"", "TOKENID", StringComparison.Ordinal);
        return NodeRow().Replace(Gaps().Replace(text, "  "), static row => Cell().Replace(row.Value, "  N"));
    }

    // What a node is measured to be, in a table.
    [GeneratedRegex(@"^n1  leader.*$", RegexOptions.Multiline)]
    private static partial Regex NodeRow();

    [GeneratedRegex(@"  \d+(?=  )")]
    private static partial Regex Cell();

    [GeneratedRegex(@"127\.0\.0\.1:\d+")]
    private static partial Regex Port();

    [GeneratedRegex(@"\b[A-Za-z0-9_-]{40,}\b")]
    private static partial Regex Token();

    [GeneratedRegex(@"\brk[tl]\.[\w.-]+")]
    private static partial Regex Secret();

    [GeneratedRegex(@"(?<![\w.-])[\w-]{22}(?![\w-])")]
    private static partial Regex TokenId();

    [GeneratedRegex(@"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z\b")]
    private static partial Regex Time();

    // Sizes of files, and how far the log is, differ by a little from run to run.
    [GeneratedRegex(@"(?<before>\b(?:entry""?:? +""?|applied up to |""?bytes""?: |bytes +))\d+(?<after>)|(?<before>)\b\d+(?<after> bytes)")]
    private static partial Regex Sizes();

    [GeneratedRegex(@"\b[0-9a-f]{12,16}\b")]
    private static partial Regex Hex();

    // Times of a process, by the names of their facts.
    [GeneratedRegex(@"(""?\b(?:appliedIndex|revisionsPerSecond|stalenessMs|remainingMs)""?: |at most )[\d.]+")]
    private static partial Regex Small();

    // Sizes: no revision of these tests is so large.
    [GeneratedRegex(@"\b\d{5,}\b")]
    private static partial Regex Number();

    [GeneratedRegex(@"(?<=\S)  +(?=\S)")]
    private static partial Regex Gaps();
}
