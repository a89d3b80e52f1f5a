using System.Net.Http.Json;
using RaftKv.Client.Testing;

namespace RaftKv.Dashboard.Tests.Browser;

/// <summary>A node that nobody looks at pays nothing for its dashboard; one that somebody opens pays little.</summary>
[Collection("Browser")]
public sealed class OpeningCostTests(DashboardFixture browser)
{
    private const long MaxGrowthBytes = 60L << 20;

    [BrowserFact]
    public async Task Nothing_of_it_is_loaded_before_the_first_look_and_a_look_costs_at_most_60_MiB()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // Nodes that nobody has looked at.
        await using RaftKvTestCluster nodes = await RaftKvTestCluster.StartAsync(
            new TestClusterOptions { Nodes = 3, ServerPath = DashboardFixture.ServerPath() });
        Uri node = nodes.Endpoints[1];
        string pid = PidOf(node);
        Assert.DoesNotContain(LoadedBy(pid), static name => IsOfThePage(name));
        long before = await ResidentAsync(node);

        foreach (string path in new[] { "", "keys", "playground" })
        {
            await using OpenedPage opened = await browser.OpenAtAsync(node, path);
            await OpenedPage.SeeAsync(opened.Page.Locator(".health-text"), "nodes are up.");
        }

        long after = await ResidentAsync(node);
        Assert.Contains(LoadedBy(pid), static name => IsOfThePage(name));
        Assert.True(after - before <= MaxGrowthBytes, $"It grew by {(after - before) >> 20} MiB.");
        Assert.DoesNotContain(LoadedBy(PidOf(nodes.Endpoints[0])), static name => IsOfThePage(name));
    }

    private static bool IsOfThePage(string name) =>
        name is "RaftKv.Dashboard.dll" or "MudBlazor.dll" or "Microsoft.AspNetCore.Components.dll";

    private static async Task<long> ResidentAsync(Uri node)
    {
        using var http = new HttpClient();
        return (await http.GetFromJsonAsync(new Uri(node, "/api/v1/status"), AnswerJson.Default.StatusAnswer))!.Process.WorkingSetBytes;
    }

    private static IEnumerable<string> LoadedBy(string pid) =>
        File.ReadLines($"/proc/{pid}/maps").Select(static line => Path.GetFileName(line));

    // The node is the process that was started with its client address.
    private static string PidOf(Uri node) => Directory.EnumerateDirectories("/proc")
        .Select(static folder => Path.GetFileName(folder))
        .Where(static name => int.TryParse(name, out _))
        .Single(name => ClientOf(ArgumentsOf(name)) == node.ToString().TrimEnd('/'));

    private static string? ClientOf(string[] arguments) =>
        arguments.SkipWhile(static argument => argument != "--client").ElementAtOrDefault(1);

    private static string[] ArgumentsOf(string pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
