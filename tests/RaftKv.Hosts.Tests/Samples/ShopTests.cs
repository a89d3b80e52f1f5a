using System.Diagnostics;
using System.Text;

using RaftKv.Hosts.Tests.Support;

namespace RaftKv.Hosts.Tests.Samples;

/// <summary>samples/Shop, as a reader starts it.</summary>
public sealed class ShopTests
{
    [Fact]
    public async Task The_shop_loses_no_order_and_sells_none_twice_while_a_node_and_a_service_are_killed()
    {
        string[] parts = AppContext.BaseDirectory.TrimEnd('/').Split("/tests/RaftKv.Hosts.Tests/");
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        string project = Path.Combine(parts[0], "samples/Shop/Run");
        string built = parts[1].Split('/')[1];
        foreach (string argument in (string[])["run", "--no-build", "-c", built, "--project", project, "--", "--orders", "16"])
        {
            start.ArgumentList.Add(argument);
        }

        using Process shop = Process.Start(start)!;
        StringBuilder said = new();
        shop.OutputDataReceived += (_, line) => Take(said, line.Data);
        shop.ErrorDataReceived += (_, line) => Take(said, line.Data);
        shop.BeginOutputReadLine();
        shop.BeginErrorReadLine();
        try
        {
            await shop.WaitForExitAsync().WaitAsync(3 * ThreeNodesFixture.Patience);
            Assert.True(shop.ExitCode == 0, said.ToString());
            Assert.Contains(" 0 open, ", said.ToString(), StringComparison.Ordinal);
            Assert.Matches(@"calls after the death of (n\d): (?!.* by \1).*: right", said.ToString());
            Assert.Contains("  orders: raftkv POST txn at n", said.ToString(), StringComparison.Ordinal);
            Assert.Contains("  catalog: ", said.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            shop.Kill(entireProcessTree: true);
        }
    }

    private static void Take(StringBuilder said, string? line)
    {
        lock (said)
        {
            said.AppendLine(line);
        }
    }
}
