using System.Diagnostics;
using System.Globalization;
using RaftKv.Simulation.Running;

namespace RaftKv.Simulation.Tests;

/// <summary>The built program, in processes of its own.</summary>
public sealed class ProcessTests
{
    [Fact]
    public async Task Two_processes_give_a_seed_the_same_trace()
    {
        Task<string> first = StatusLineAsync("--seed 7 --time 3");
        Task<string> second = StatusLineAsync("--seed 7 --time 3 --each --threads 1");
        Task<string> other = StatusLineAsync("--seed 8 --time 3");

        Assert.Equal(await first, await second);
        Assert.NotEqual(HashOf(await first), HashOf(await other));
        Assert.Equal(SeedRunner.Run(7, new SeedOptions { Seconds = 3 }).TraceHash, HashOf(await first));
    }

    [Fact]
    public void A_line_ends_in_the_trace_hash_whatever_failed()
    {
        SeedResult passed = SeedRunner.Run(7, new SeedOptions { Seconds = 1 });
        SeedResult result = passed with { Failure = "System.Exception: two\r\nlines", TraceHash = 10 };

        Assert.EndsWith(" trace 000000000000000a", result.ToLine(), StringComparison.Ordinal);
        Assert.StartsWith("seed 7 FAILED System.Exception: two lines nodes ", result.ToLine(), StringComparison.Ordinal);
    }

    private static ulong HashOf(string line)
    {
        string hash = line.Split(' ')[^1];
        Assert.Matches("^[0-9a-f]{16}$", hash);
        return ulong.Parse(hash, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    private static async Task<string> StatusLineAsync(string arguments)
    {
        string program = typeof(SeedRunner).Assembly.Location;
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(host, $"\"{program}\" {arguments}") { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output.Split('\n').Single(static line => line.StartsWith("seed ", StringComparison.Ordinal)).TrimEnd();
    }
}
