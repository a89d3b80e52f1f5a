using System.Diagnostics;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.Tests.Hosting;

/// <summary>The lines of docs/operations/backup.md do what the page says: they are run as one script, as somebody pastes them.</summary>
public sealed class BackupPageTests
{
    private const string Http = "http://127.0.0.1:";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task The_lines_of_the_page_take_verify_restore_and_recover()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string directory = Directory.CreateTempSubdirectory("raftkv-page-").FullName;
        try
        {
            (int code, string output) = await RunAsync(Script(await File.ReadAllTextAsync(PagePath())), directory);
            Assert.True(code == 0, output);
            Assert.Equal(3, output.Split("whole and sound").Length);
            Assert.Equal(3, output.Split("hello\n").Length);
            Assert.Contains("\"state\":\"running\"", output, StringComparison.Ordinal);
            Assert.Contains("Run it again with --yes", output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    // The page's own ports are somebody else's on a machine that tests; nothing else is changed.
    private static string Script(string page)
    {
        int client = PortPool.Take();
        string dll = Path.Combine(AppContext.BaseDirectory, "raftkv.dll");
        string[] blocks = [.. page.Split("```sh\n").Skip(1).Select(static part => part[..part.IndexOf("```", StringComparison.Ordinal)])];
        Assert.True(blocks.Length >= 5, "the page has its lines");
        return $$"""
            set -eu
            trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
            raftkv() {
              case "$1" in
                serve) exec dotnet '{{dll}}' "$@" --client {{Http}}{{client}} --peer {{Http}}{{PortPool.Take()}} > serve.log ;;
                health) dotnet '{{dll}}' health --endpoint http://127.0.0.1:{{client}} ;;
                *) dotnet '{{dll}}' "$@" ;;
              esac
            }

            """ + string.Join("echo\n", blocks).Replace("127.0.0.1:2379", $"127.0.0.1:{client}", StringComparison.Ordinal) + "\necho\n";
    }

    private static async Task<(int Code, string Output)> RunAsync(string script, string directory)
    {
        using var timeout = new CancellationTokenSource(Patience);
        var start = new ProcessStartInfo("bash", ["-s"])
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(script);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            string log = Path.Combine(directory, "serve.log");
            Assert.Fail($"The lines did not end. They said:\n{await output}{await errors}\nThe node said:\n"
                + (File.Exists(log) ? await File.ReadAllTextAsync(log) : "nothing"));
        }

        return (process.ExitCode, await output + await errors);
    }

    private static string PagePath()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string path = Path.Combine(at.FullName, "docs", "operations", "backup.md");
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException("docs/operations/backup.md is not above the tests.");
    }
}
