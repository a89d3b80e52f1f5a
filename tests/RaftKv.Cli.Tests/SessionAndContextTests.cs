using System.Diagnostics;
using RaftKv.Cli.Connection;
using RaftKv.Cli.Output;
using RaftKv.Cli.Shell;
using RaftKv.Cli.Tests.Support;
using RaftKv.Cli.Verbs.Kv;
using System.Text.Json.Nodes;

namespace RaftKv.Cli.Tests;

/// <summary>What goes from one command to the next, and what is read from files and words.</summary>
public sealed class SessionAndContextTests : IClassFixture<OneNode>, IDisposable
{
    private readonly OneNode _node;
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("raftkv-context-");

    public SessionAndContextTests(OneNode node) => _node = node;

    public void Dispose() => _directory.Delete(recursive: true);

    private string Config => Path.Combine(_directory.FullName, "config.json");

    [Fact]
    public async Task A_context_names_a_cluster_its_level_and_where_its_session_is_kept()
    {
        string session = Path.Combine(_directory.FullName, "session");
        Assert.Equal(0, (await RunAsync("context", "add", "here", "-e", _node.Endpoint, "-l", "eventual", "--session-file", session)).Exit);
        Assert.Equal(0, (await RunAsync("put", "context/a", "1")).Exit);
        Assert.NotEmpty(File.ReadAllText(session).Trim());
        Ctl got = await RunAsync("get", "context/a");
        Assert.Contains("-- eventual, ", got.Out, StringComparison.Ordinal);
        Assert.Contains("here", (await RunAsync("context", "list", "-o", "value")).Out, StringComparison.Ordinal);
        Assert.Equal(3, (await RunAsync("context", "use", "nowhere")).Exit);
        Assert.Equal(0, (await RunAsync("context", "remove", "here")).Exit);
        Assert.Empty((await RunAsync("context", "list", "-o", "value")).Out);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Config));
        }
    }

    [Fact]
    public async Task A_token_that_is_none_is_refused_and_one_that_was_given_is_taken()
    {
        Ctl put = await RunAsync("put", "token/a", "1", "-o", "json", "-e", _node.Endpoint);
        string token = (string)JsonNode.Parse(put.Out)!["answer"]!["session"]!;
        Assert.Equal(0, (await RunAsync("get", "token/a", "-l", "session", "--session", token, "-e", _node.Endpoint)).Exit);
        Ctl refused = await RunAsync("get", "token/a", "-l", "session", "--session", "nonsense", "-e", _node.Endpoint);
        Assert.NotEqual(0, refused.Exit);
        Assert.Contains("session-mismatch", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_comes_from_standard_input_and_goes_out_byte_by_byte()
    {
        Assert.Equal(0, (await Ctl.RunAsync("two\nlines", CancellationToken.None, "put", "pipe/a", "-", "-e", _node.Endpoint)).Exit);
        Assert.Equal("two\nlines", (await RunAsync("get", "pipe/a", "--raw", "-e", _node.Endpoint)).Out);
    }

    [Fact]
    public async Task What_was_exported_is_imported_and_a_bad_line_stops_all_of_it()
    {
        await RunAsync("put", "from/a", "1", "-e", _node.Endpoint);
        await RunAsync("put", "from/b", "2", "-e", _node.Endpoint);
        string file = Path.Combine(_directory.FullName, "keys.jsonl");
        Assert.Equal(0, (await RunAsync("export", "from/", "--file", file, "-e", _node.Endpoint)).Exit);
        Assert.Contains("\"written\": 2", (await RunAsync("import", file, "--prefix", "to/", "-o", "json", "-e", _node.Endpoint)).Out,
            StringComparison.Ordinal);
        Assert.Equal("2\n", (await RunAsync("get", "to/from/b", "-o", "value", "-e", _node.Endpoint)).Out);
        Assert.Contains("\"written\": 0", (await RunAsync("import", file, "--if-missing", "-o", "json", "-e", _node.Endpoint)).Out,
            StringComparison.Ordinal);
        await File.AppendAllTextAsync(file, "{\"key\":\"broken\"}\n");
        Ctl broken = await RunAsync("import", file, "--prefix", "again/", "-e", _node.Endpoint);
        Assert.Equal(2, broken.Exit);
        Assert.Contains("Line 3", broken.Error, StringComparison.Ordinal);
        Assert.Equal(3, (await RunAsync("get", "again/from/a", "-e", _node.Endpoint)).Exit);
    }

    [Fact]
    public async Task Edit_writes_what_the_editor_left_and_only_if_nobody_was_faster()
    {
        string editor = Path.Combine(_directory.FullName, "editor.sh");
        await File.WriteAllTextAsync(editor, "#!/bin/sh\nprintf changed > \"$1\"\n");
        await RunAsync("put", "edit/a", "before", "-e", _node.Endpoint);
        string? was = Environment.GetEnvironmentVariable("VISUAL");
        Environment.SetEnvironmentVariable("VISUAL", "/bin/sh " + editor);
        try
        {
            Assert.Equal(0, (await RunAsync("edit", "edit/a", "-e", _node.Endpoint)).Exit);
        }
        finally
        {
            Environment.SetEnvironmentVariable("VISUAL", was);
        }

        Assert.Equal("changed\n", (await RunAsync("get", "edit/a", "-o", "value", "-e", _node.Endpoint)).Out);
    }

    [Fact]
    public async Task Edit_does_not_write_over_what_somebody_else_wrote_meanwhile()
    {
        string editor = Path.Combine(_directory.FullName, "slow-editor.sh");
        string put = $"dotnet {Path.Combine(AppContext.BaseDirectory, "raftkvctl.dll")} put edit/b theirs -e {_node.Endpoint}";
        await File.WriteAllTextAsync(editor, $"#!/bin/sh\n{put} >/dev/null\nprintf mine > \"$1\"\n");
        await RunAsync("put", "edit/b", "before", "-e", _node.Endpoint);
        string? was = Environment.GetEnvironmentVariable("VISUAL");
        Environment.SetEnvironmentVariable("VISUAL", "/bin/sh " + editor);
        try
        {
            Assert.Equal(4, (await RunAsync("edit", "edit/b", "-e", _node.Endpoint)).Exit);
        }
        finally
        {
            Environment.SetEnvironmentVariable("VISUAL", was);
        }

        Assert.Equal("theirs\n", (await RunAsync("get", "edit/b", "-o", "value", "-e", _node.Endpoint)).Out);
    }

    [Fact]
    public async Task A_command_under_a_lock_is_ended_when_the_lock_is_lost()
    {
        string file = Path.Combine(_directory.FullName, "lived");
        Task<Ctl> locked = RunAsync(
            "lock", "lost", "--ttl", "6s", "-e", _node.Endpoint, "--", "/bin/sh", "-c", $"sleep 60; echo lived > {file}");
        string lease = "";
        while (lease.Length == 0 && !locked.IsCompleted)
        {
            Ctl look = await RunAsync("locks", "lost", "-o", "json", "-e", _node.Endpoint);
            lease = (string?)JsonNode.Parse(look.Out)!["items"]!.AsArray().FirstOrDefault()?["lease"] ?? "";
        }

        Assert.Equal(0, (await RunAsync("lease", "revoke", lease, "-e", _node.Endpoint)).Exit);
        Assert.Equal(9, (await locked).Exit);
        Assert.False(File.Exists(file), "The command went on to its end.");
    }

    [Fact]
    public async Task A_watch_runs_a_command_for_each_change_with_the_value_on_its_input()
    {
        string file = Path.Combine(_directory.FullName, "seen");
        Ctl put = await RunAsync("put", "exec/a", "it's; here", "-o", "value", "-e", _node.Endpoint);
        Ctl watch = await RunAsync(
            "watch", "exec/a", "--from",
                put.Out.Trim(), "--limit", "1", "--exec", $"(echo \"$RAFTKV_EVENT $RAFTKV_KEY\"; cat) > {file}", "-e", _node.Endpoint);
        Assert.Equal(0, watch.Exit);
        Assert.Equal("put exec/a\nit's; here", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task A_shell_without_a_terminal_runs_the_lines_that_are_piped_in()
    {
        Ctl shell = await Ctl.RunAsync(
            "# a remark\nput piped/a 'one two'\nget piped/a -o value\nget 'unclosed\n\nget piped/none\n",
                CancellationToken.None, "shell", "-e", _node.Endpoint);
        Assert.Contains("one two\n", shell.Out, StringComparison.Ordinal);
        Assert.Contains("a quote is not closed", shell.Error, StringComparison.Ordinal);
        Assert.Equal(3, shell.Exit);
    }

    [Fact]
    public async Task Nobody_at_the_address_is_exit_code_5() =>
        Assert.Equal(5, (await RunAsync("get", "a", "-e", "http://127.0.0.1:1", "--timeout", "1s")).Exit);

    [Fact]
    public async Task A_server_is_trusted_by_the_roots_that_are_named_and_by_no_others()
    {
        using var server = new TlsServer(_directory.FullName);
        string[] ask = ["members", "-e", server.Url, "--timeout"];
        string[] words = [.. ask, "5s"];
        Assert.Equal(5, (await RunAsync(words)).Exit);
        Ctl trusted = await RunAsync(
            [.. ask, "60s", "--ca", server.CaFile, "--cert", server.CertificateFile, "--key", server.KeyFile]);
        Assert.True(trusted.Exit == 0, trusted.Whole);
        Assert.Equal(5, (await RunAsync([.. words, "--ca", server.OtherCaFile])).Exit);
        Assert.Equal(2, (await RunAsync([.. words, "--ca", "/nonexistent.pem"])).Exit);
        Assert.Equal("CN=the user", server.SeenUser);
    }

    [BashFact]
    public async Task Bash_completes_a_line_by_the_script_that_it_was_given()
    {
        string program = Path.Combine(_directory.FullName, "raftkvctl");
        await File.WriteAllTextAsync(
            program, $"#!/bin/sh\nexec dotnet {Path.Combine(AppContext.BaseDirectory, "raftkvctl.dll")} \"$@\"\n");
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        const string Line = "raftkvctl lease gr";
        string script = $"""
            source <(raftkvctl completion bash)
            COMP_LINE='{Line}' COMP_POINT={Line.Length} COMP_WORDS=({Line}) COMP_CWORD=2
            _raftkvctl
            printf '%s,' "$(complete -p raftkvctl)" "${"{COMPREPLY[@]}"}"
            """;
        var start = new ProcessStartInfo(BashFactAttribute.Program, ["-c", script]) { RedirectStandardOutput = true };
        start.Environment["PATH"] = $"{_directory.FullName}:{start.Environment["PATH"]}";
        using Process bash = Process.Start(start)!;
        Assert.Equal("complete -o default -F _raftkvctl raftkvctl,grant,", await bash.StandardOutput.ReadToEndAsync());
        await bash.WaitForExitAsync();
    }

    [Theory]
    [InlineData("put 'a b' \"c d\" e\\ f", "put|a b|c d|e f")]
    [InlineData("  get   x  ", "get|x")]
    [InlineData("put k ''", "put|k|")]
    [InlineData("say \"it's\" 'a\"b'", "say|it's|a\"b")]
    public void A_line_is_parted_as_a_shell_does(string line, string words) => Assert.Equal(words.Split('|'), Words.Split(line));

    [Fact]
    public void A_diff_keeps_what_is_common() => Assert.Equal(
        [(' ', "a"), ('-', "b"), ('+', "x"), (' ', "c"), ('+', "d")], LineDiff.Of(["a", "b", "c"], ["a", "x", "c", "d"]));

    [Theory]
    [InlineData("on", "\"on\"")]
    [InlineData("plain text", "plain text")]
    [InlineData("a: b", "\"a: b\"")]
    [InlineData("12", "\"12\"")]
    [InlineData("", "\"\"")]
    [InlineData("- x", "\"- x\"")]
    public void Yaml_quotes_what_would_be_read_as_something_else(string text, string yaml) =>
        Assert.Equal(yaml + "\n", YamlText.Of(JsonValue.Create(text)));

    [Fact]
    public void What_could_steer_a_terminal_is_made_visible() =>
        Assert.Equal("a\\x1b[2Jb\\n", TableText.Harmless("a\u001b[2Jb\n"));

    [Theory]
    [InlineData("orders/42;token=17", "orders/42", 17)]
    [InlineData("a%3Bb;token=1;kind=election", "a;b", 1)]
    public void A_fence_is_read(string text, string name, long token)
    {
        RaftKv.Client.Fence fence = WriteFlags.ParseFence(text);
        Assert.Equal((name, token), (fence.Name, fence.Token));
    }

    private Task<Ctl> RunAsync(params string[] words) => Ctl.RunAsync(["--config", Config, .. words]);
}
