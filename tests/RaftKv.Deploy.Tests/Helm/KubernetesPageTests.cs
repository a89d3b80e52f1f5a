using System.Diagnostics;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.Tests.GeneratedClients;

namespace RaftKv.Deploy.Tests.Helm;

/// <summary>The lines of docs/operations/kubernetes.md run, and what they give Helm and Kubernetes is right.</summary>
public sealed partial class KubernetesPageTests : IDisposable
{
    // Programs of a cluster write down what they were told; a secret's files must be there. curl shows each answer's status.
    private const string Preamble = """
        set -euo pipefail
        raftkv() { dotnet "$RAFTKV_DLL" "$@"; }
        docker() { echo "docker $*" >>calls; }
        helm() { echo "helm $*" >>calls; [[ -e "$3" ]]; }
        kubectl() {
          echo "kubectl $*" >>calls
          local word
          for word in "$@"; do
            case "$word" in --from-file=*) [[ -e "${word#*=}" ]] && ls "${word#*=}" >secret ;; esac
          done
        }
        curl() { command curl -sS -m 60 --retry 120 --retry-delay 1 --retry-connrefused -o /dev/null -w '%{http_code}\n' "$@" >>statuses; }

        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-kubernetes-page-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_lines_run_and_what_they_give_is_right()
    {
        int port = PortPool.Take();
        string[] serve =
        [
            "serve", "--data-dir", Path.Combine(_directory, "n1"), "--client", $"http://127.0.0.1:{port}",
            "--peer", $"http://127.0.0.1:{PortPool.Take()}",
        ];
        using Process node = Process.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "raftkv.dll"), .. serve]);
        try
        {
            string lines = string.Join('\n', Block().Matches(Page()).Select(static match => match.Groups["lines"].Value));
            await RunAsync(lines.Replace("127.0.0.1:2379", $"127.0.0.1:{port}", StringComparison.Ordinal));
            Assert.Equal(Status().Matches(lines).Select(static match => match.Groups["code"].Value), File.ReadAllLines(Made("statuses")));
        }
        finally
        {
            node.Kill();
            await node.WaitForExitAsync();
        }

        string[] calls = File.ReadAllLines(Made("calls"));
        string[] installs = [.. calls.Where(static call => call.StartsWith("helm ", StringComparison.Ordinal))];
        Assert.Equal(2, installs.Length);
        Assert.All(installs, AssertRenders);
        string applied = Assert.Single(calls, static call => call.StartsWith("kubectl apply -f ", StringComparison.Ordinal)).Split(' ')[^1];
        new Manifests(File.ReadAllText(Path.Combine(Command.Root, applied))).AssertSound();

        // The secret has what the nodes are told to read, and not what signs.
        string[] secret = File.ReadAllLines(Made("secret"));
        Manifests manifests = new(Chart.Render(Chart.ValuesWith(("tls.enabled", true), ("tls.secret", "s"))));
        IEnumerable<string> asked = manifests.Arguments.Select(static word => word.Split('=')[^1])
            .Where(static path => path.StartsWith("/tls/", StringComparison.Ordinal));
        Assert.All(asked, path => Assert.Contains(path["/tls/".Length..], secret));
        Assert.DoesNotContain("ca.key", secret);
    }

    private static void AssertRenders(string install)
    {
        (string, JsonNode?)[] set =
        [
            .. Setting().Matches(install).Select(static match => (match.Groups["path"].Value, (JsonNode?)(match.Groups["value"].Value switch
            {
                "true" => true,
                var text => text,
            }))),
        ];
        JsonObject values = Chart.ValuesWith(set);
        Assert.Empty(Chart.Problems(values));
        Assert.NotEmpty(set);
        new Manifests(Chart.Render(values, install.Split(' ')[2])).AssertSound();
    }

    private static string Page() => File.ReadAllText(Path.Combine(Command.Root, "docs", "operations", "kubernetes.md"));

    private string Made(string file) => Path.Combine(_directory, file);

    private async Task RunAsync(string lines)
    {
        // The page's paths are those of the repository.
        Directory.CreateSymbolicLink(Path.Combine(_directory, "deploy"), Path.Combine(Command.Root, "deploy"));
        var start = new ProcessStartInfo("bash", ["-c", Preamble + lines])
        {
            WorkingDirectory = _directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["RAFTKV_DLL"] = Path.Combine(AppContext.BaseDirectory, "raftkv.dll");
        using Process process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(patience.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }

        string printed = await output + await errors;
        Assert.True(process.ExitCode == 0, printed);
    }

    [GeneratedRegex(@"(?s)```sh\n(?<lines>.*?)```")]
    private static partial Regex Block();

    [GeneratedRegex(@"(?m)# (?<code>\d{3})$")]
    private static partial Regex Status();

    [GeneratedRegex(@"--set (?<path>[\w.]+)=(?<value>\S+)")]
    private static partial Regex Setting();
}
