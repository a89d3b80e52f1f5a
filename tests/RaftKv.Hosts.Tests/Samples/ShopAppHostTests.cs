using System.Diagnostics;
using System.Globalization;
using System.Text;
using RaftKv.Client;
using RaftKv.Hosts.Tests.Aspire;
using RaftKv.Hosts.Tests.Support;
using RaftKv.ServiceDiscovery;

namespace RaftKv.Hosts.Tests.Samples;

/// <summary>The shop's app host, by the command of its page, with Aspire's orchestrator and dashboard.</summary>
public sealed class ShopAppHostTests
{
    private const int FirstPort = 23790;

    private static readonly TimeSpan _longestBuild = TimeSpan.FromMinutes(45);

    [OrchestratorFact]
    public async Task The_app_host_starts_the_shop_and_it_sells_and_ships_when_the_leader_is_killed()
    {
        string root = AppContext.BaseDirectory.Split("/tests/RaftKv.Hosts.Tests/")[0];
        ProcessStartInfo start = new("dotnet", ["run", "-c", "Release", "--project", Path.Combine(root, "samples/Shop/AppHost")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        StringBuilder said = new();
        using Process host = Process.Start(start)!;
        host.OutputDataReceived += (_, line) => Take(said, line.Data);
        host.ErrorDataReceived += (_, line) => Take(said, line.Data);
        host.BeginOutputReadLine();
        host.BeginErrorReadLine();
        try
        {
            await SellAsync(() => host.HasExited ? said.ToString() : null);
        }
        finally
        {
            // A stop, as of Ctrl+C: the orchestrator ends what it has started.
            using Process stop = Process.Start("kill", ["-INT", .. DescendantsOf(host.Id).Select(static id => $"{id}")]);
            await stop.WaitForExitAsync();
            await host.WaitForExitAsync().WaitAsync(2 * ThreeNodesFixture.Patience);
        }
    }

    private static async Task SellAsync(Func<string?> whyEnded)
    {
        await using RaftKvClient client = new(new RaftKvClientOptions
        {
            Endpoints = [.. Enumerable.Range(0, 3).Select(static i => new Uri($"http://127.0.0.1:{FirstPort + (10 * i)}"))],
            Timeout = ThreeNodesFixture.Patience,
            MaxAttempts = 100,
        });
        await UntilAsync(whyEnded, _longestBuild, async () =>
        {
            await client.Txn().Then(Op.Put("shop/prices/lamp", "2000"), Op.Put("shop/stock/lamp", "10")).CommitAsync();
            return true;
        });
        await using ServiceWatch orders = new(client, "orders");
        await UntilAsync(whyEnded, 3 * ThreeNodesFixture.Patience, () => Task.FromResult(orders.Instances.Count == 1));
        using HttpClient http = new() { BaseAddress = orders.Instances[0].Address };
        await UntilAsync(whyEnded, ThreeNodesFixture.Patience, () => BuyAsync(http, 1));

        string leader = (await client.TryGetAsync("shop/stock/lamp", ReadLevel.Linearizable)).Metadata.Leader!;
        int port = FirstPort + (10 * (int.Parse(leader.AsSpan(1), CultureInfo.InvariantCulture) - 1));
        using Process node = Process.GetProcessById(ProcessWith($"http://127.0.0.1:{port}"));
        node.Kill();

        await UntilAsync(whyEnded, ThreeNodesFixture.Patience, () => BuyAsync(http, 2));
        await UntilAsync(
            whyEnded, ThreeNodesFixture.Patience,
            async () => (await client.CountAsync(RaftKvRange.Prefix("shop/orders/shipped/"))).Count == 2);
        Assert.Equal("8", await client.GetStringAsync("shop/stock/lamp"));
    }

    private static async Task<bool> BuyAsync(HttpClient orders, int id)
    {
        using HttpResponseMessage answer = await orders.PostAsync(new Uri($"/orders/lamp?id={id}", UriKind.Relative), content: null);
        return answer.IsSuccessStatusCode;
    }

    private static async Task UntilAsync(Func<string?> whyEnded, TimeSpan patience, Func<Task<bool>> isSo)
    {
        using CancellationTokenSource limit = new(patience);
        while (true)
        {
            Assert.True(whyEnded() is null, whyEnded());
            limit.Token.ThrowIfCancellationRequested();
            try
            {
                if (await isSo())
                {
                    return;
                }
            }
            catch (Exception e) when (e is RaftKvException or HttpRequestException)
            {
                // Not yet.
            }

            await Task.Delay(200, CancellationToken.None);
        }
    }

    /// <summary>The node whose arguments have this one.</summary>
    private static int ProcessWith(string argument) => Processes().Single(
        one => one.Arguments.Contains("serve") && one.Arguments.Contains(argument) && one.Arguments.Contains("--client")).Id;

    private static IEnumerable<int> DescendantsOf(int id) =>
        Processes().Where(one => one.Parent == id).SelectMany(static one => DescendantsOf(one.Id)).Append(id);

    private static IEnumerable<(int Id, int Parent, string[] Arguments)> Processes()
    {
        foreach (string folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out int id))
            {
                continue;
            }

            string line;
            string status;
            try
            {
                line = File.ReadAllText(folder + "/cmdline");
                status = File.ReadAllText(folder + "/stat");
            }
            catch (IOException)
            {
                continue;
            }

            // After the name, which stands in brackets: state, parent.
            string parent = status[(status.LastIndexOf(')') + 2)..].Split(' ')[1];
            yield return (id, int.Parse(parent, CultureInfo.InvariantCulture), line.Split('\0'));
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
