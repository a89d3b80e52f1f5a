using System.Diagnostics;
using RaftKv.EtcdConformance.Servers;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.EtcdConformance.Snapshots;

/// <summary>The lines of docs/operations/import-etcd.md do what the page says, run as one script.</summary>
public sealed class ImportPageTests
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(120);

    [EtcdFact]
    public async Task The_lines_of_the_page_copy_and_cut_over()
    {
        await using ServerUnderTest etcd = await ServerUnderTest.StartEtcdAsync();
        string directory = Directory.CreateTempSubdirectory("raftkv-import-page-").FullName;
        try
        {
            (int code, string output) = await RunAsync(Script(await File.ReadAllTextAsync(PagePath()), etcd.Client), directory);
            Assert.True(code == 0, output);
            Assert.Contains("hello\n", output, StringComparison.Ordinal);
            Assert.Contains("hello again\n", output, StringComparison.Ordinal);
            Assert.Contains("cut over", output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    // The page's own ports are somebody else's on a machine that tests; nothing else is changed.
    private static string Script(string page, Uri etcd)
    {
        int client = PortPool.Take();
        string dll = Path.Combine(AppContext.BaseDirectory, "raftkv.dll");
        string[] blocks = [.. page.Split("```sh\n").Skip(1).Select(static part => part[..part.IndexOf("```", StringComparison.Ordinal)])];
        Assert.True(blocks.Length == 3, "the page has its lines");
        return $$"""
            set -eu
            trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
            export ETCDCTL_API=3 ETCDCTL_ENDPOINTS={{etcd.Authority}}
            raftkv() {
              case "$1" in
                serve)
                  exec dotnet '{{dll}}' "$@" --client http://127.0.0.1:{{client}} --peer http://127.0.0.1:{{PortPool.Take()}} > serve.log ;;
                health) dotnet '{{dll}}' health --endpoint http://127.0.0.1:{{client}} ;;
                *) dotnet '{{dll}}' "$@" ;;
              esac
            }

            """ + string.Join("echo\n", blocks)
                .Replace("127.0.0.1:22379", etcd.Authority, StringComparison.Ordinal)
                .Replace("127.0.0.1:2379", $"127.0.0.1:{client}", StringComparison.Ordinal) + "\necho\n";
    }

    private static async Task<(int Code, string Output)> RunAsync(string script, string directory)
    {
        var start = new ProcessStartInfo("bash", ["-s"])
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(script);
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(_patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
        }

        return (process.ExitCode, await output + await errors);
    }

    private static string PagePath()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string path = Path.Combine(at.FullName, "docs", "operations", "import-etcd.md");
            if (File.Exists(path))
            {
                return path;
            }
        }

        throw new FileNotFoundException("docs/operations/import-etcd.md is not above the tests.");
    }
}
