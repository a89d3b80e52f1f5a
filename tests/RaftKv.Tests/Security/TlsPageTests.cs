using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using RaftKv.Core.Tests.Architecture;
using RaftKv.Tests.Support;

namespace RaftKv.Tests.Security;

/// <summary>The lines of docs/operations/tls.md do what the page says.</summary>
public sealed partial class TlsPageTests
{
    // What a shell knows that runs the page: the program, and, where the page pauses for the nodes to look at their files, a
    // wait until they have taken them: for both ports each time, and the first time at n1 alone.
    private const string Preamble = """
        set -euo pipefail
        raftkv() { dotnet "$RAFTKV_DLL" "$@"; }
        pauses=0
        sleep() {
          pauses=$((pauses + 1))
          takes n1 $((2 * pauses))
          takes n2 $((2 * (pauses - 1)))
          takes n3 $((2 * (pauses - 1)))
        }
        takes() {
          for _ in {1..600}; do
            (($(grep -c 'new files are taken' "$1.log" || true) >= $2)) && return 0
            command sleep 0.1
          done
          cat ./*.log
          return 1
        }
        command -v etcdctl >/dev/null || etcdctl() { echo "etcdctl is missing here"; }
        started=()
        trap 'kill -9 "${started[@]}" 2>/dev/null || true' EXIT
        ready() {
          for _ in {1..600}; do
            curl -sf --cacert certs/ca.crt --cert certs/ada.crt --key certs/ada.key "https://$1:2379/readyz" >/dev/null && return 0
            command sleep 0.1
          done
          cat ./*.log
          return 1
        }

        """;

    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(4);

    [CommandFact("curl", "bash")]
    public async Task Every_line_of_the_page_works()
    {
        string directory = Directory.CreateTempSubdirectory("raftkv-tls-page-").FullName;
        try
        {
            var start = new ProcessStartInfo("bash", ["-c", ScriptOf(SourceTree.Read("docs/operations/tls.md"))])
            {
                WorkingDirectory = directory,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["RAFTKV_DLL"] = Path.Combine(AppContext.BaseDirectory, "raftkv.dll");
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            using var patience = new CancellationTokenSource(_patience);
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            finally
            {
                process.Kill(entireProcessTree: true);
            }

            string text = await output;
            Assert.True(process.ExitCode == 0, $"{text}\n{await errors}");
            Assert.Equal(2, Regex.Count(text, "(?m)^world"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public void The_page_has_its_lines() => Assert.InRange(ScriptOf(SourceTree.Read("docs/operations/tls.md")).Split('\n').Length, 40, 100);

    // Three addresses of this machine, other ones each time, so that the page's ports are free there.
    private static string ScriptOf(string page)
    {
        string net = string.Create(CultureInfo.InvariantCulture, $"127.{Random.Shared.Next(10, 250)}.{Random.Shared.Next(1, 250)}.");
        string lines = string.Join('\n', Block().Matches(page).Select(static match => match.Groups["lines"].Value)).Replace("10.0.0.", net);
        lines = Serve().Replace(
            lines,
            static line => $"dotnet \"$RAFTKV_DLL\" {line.Groups["rest"]} >{line.Groups["name"]}.log 2>&1 &\nstarted+=($!)");
        return Preamble + lines.Replace("raftkv health", "ready $N1; ready $N2; ready $N3\nraftkv health");
    }

    [GeneratedRegex(@"(?s)```sh\n(?<lines>.*?)```")]
    private static partial Regex Block();

    [GeneratedRegex(@"(?m)^raftkv (?<rest>serve --name (?<name>\w+) .*)$")]
    private static partial Regex Serve();
}
