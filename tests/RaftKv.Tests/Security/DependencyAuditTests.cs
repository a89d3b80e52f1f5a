using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace RaftKv.Tests.Security;

/// <summary>
/// The audit of packages finds an advisory where there is one, and says so when its source knows of none: whoever asks nobody
/// hears of nothing.
/// </summary>
public sealed class DependencyAuditTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-audit-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("*control*) echo '{\"vulnerabilities\":[1]}'", 0, "No package")]
    [InlineData("*control*|*RaftKv.Client/*) echo '{\"vulnerabilities\":[1]}'", 1, "src/RaftKv.Client/RaftKv.Client.csproj rests on")]
    [InlineData("*nothing*) echo", 0, "Not audited")]
    [InlineData("*control*) echo '{\"vulnerabilities\":[1]}' ;; *src/RaftKv/*) exit 3", 1, "can't be listed")]
    public async Task An_advisory_is_found_and_a_source_without_any_is_no_all_clear(string cases, int exitCode, string sentence)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        string lister = Path.Combine(_directory, "list");
        await File.WriteAllTextAsync(lister, $"#!/usr/bin/env bash\ncase \"$1\" in {cases} ;; *) echo '{{}}' ;; esac\n");
        File.SetUnixFileMode(lister, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var start = new ProcessStartInfo("bash", [Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../tools/dependency-audit")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DEPENDENCY_AUDIT_LIST"] = lister;
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(exitCode, process.ExitCode);
        Assert.Contains(sentence, output, StringComparison.Ordinal);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
