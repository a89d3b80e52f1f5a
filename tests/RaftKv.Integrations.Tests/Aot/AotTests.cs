using System.Diagnostics;
using System.Runtime.InteropServices;
using RaftKv.Integrations.Tests.Support;

namespace RaftKv.Integrations.Tests.Aot;

/// <summary>
/// The client and the packages that are marked so, compiled ahead of time with every warning an error, on three real nodes. Takes
/// minutes and the native compiler's packages, so only with RAFTKV_AOT=1; an ordinary build has the same rules as analyzers.
/// </summary>
[Collection(ThreeNodes.Name)]
public sealed class AotTests(ThreeNodes nodes)
{
    private static TimeSpan LongestBuild => TimeSpan.FromMinutes(45);

    [AotFact]
    public async Task The_sample_is_published_as_a_native_program_and_runs()
    {
        string output = Directory.CreateTempSubdirectory("raftkv-aot-").FullName;
        try
        {
            string rid = "linux-" + RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();
            (int built, string said) = await RunAsync(
                "dotnet", ["publish", SourceTree.Root() + "/samples/Aot", "-c", "Release", "-r", rid, "-o", output, "--nologo"]);
            Assert.True(built == 0, said);

            (int ended, string told) = await RunAsync(Path.Combine(output, "RaftKv.Samples.Aot"), []);
            Assert.True(ended == 0, told);
            Assert.Contains("native: nothing was compiled at run time", told, StringComparison.Ordinal);
            Assert.Contains("samples/aot/terms = ", told, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(output, recursive: true);
        }
    }

    private async Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["RAFTKV_ENDPOINTS"] = string.Join(',', nodes.Cluster.Endpoints);
        start.Environment["RAFTKV_SAMPLE_SECONDS"] = "60";
        using Process process = Process.Start(start)!;
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync();
            string output = await process.StandardOutput.ReadToEndAsync().WaitAsync(LongestBuild);
            await process.WaitForExitAsync().WaitAsync(LongestBuild);
            return (process.ExitCode, output + await errors);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private sealed class AotFactAttribute : FactAttribute
    {
        public AotFactAttribute()
        {
            if (Environment.GetEnvironmentVariable("RAFTKV_AOT") != "1")
            {
                Skip = "Compiles natively, which takes minutes: RAFTKV_AOT=1 runs it.";
            }
            else if (!HasLinker())
            {
                Skip = "Native compilation needs clang and zlib's header files: apt-get install clang zlib1g-dev.";
            }
        }

        private static bool HasLinker() => File.Exists("/usr/include/zlib.h")
            && (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
                .Any(static folder => File.Exists(Path.Combine(folder, "clang")));
    }
}
