using System.Text;
using Microsoft.Playwright;

namespace RaftKv.Dashboard.Tests.Browser;

/// <summary>The pages of metrics and of the log, against three real nodes of which one is killed.</summary>
[Collection("Browser")]
public sealed class MetricsAndLogTests(DashboardFixture cluster) : IAsyncLifetime
{
    public Task InitializeAsync() => BrowserFactAttribute.ChromiumPath is null ? Task.CompletedTask : cluster.HealAsync(1, 2);

    public Task DisposeAsync() => Task.CompletedTask;

    [BrowserFact]
    public async Task What_a_node_does_is_drawn_and_a_dead_one_is_said_to_be()
    {
        using var http = new HttpClient { BaseAddress = cluster.Cluster.Endpoints[0] };
        await using OpenedPage opened = await cluster.OpenAsync("metrics");
        ILocator reads = opened.Page.Locator("[data-chart=Reads]");
        ILocator eventual = reads.Locator(".legend li", new() { HasText = "eventual" });

        // Rates come of what happens between two looks: it goes on happening until all of it is seen.
        await SeeInUseAsync(eventual);
        await OpenedPage.SeeAsync(reads.Locator("svg"));
        foreach ((string chart, string line) in new[]
        {
            ("Writes", "applied"), ("Latency", "linearizable"), ("Latency", "write"), ("Refusals", "invalid-request"),
            ("Sync and apply", "sync p99"), ("Sync and apply", "apply p99"), ("Memory", "resident"),
        })
        {
            await SeeInUseAsync(opened.Page.Locator($"[data-chart='{chart}'] .legend li", new() { HasText = line }));
        }

        for (int i = 0; OpenedPage.TakesPictures && i < 300; i++)
        {
            await UseAsync();
        }

        await opened.PictureAsync("metrics");
        await cluster.Cluster.KillAsync(2);
        await opened.Page.GetByLabel("Node").SelectOptionAsync("n3");
        await OpenedPage.SeeAsync(opened.Text("The node does not answer."));
        await opened.Page.GetByLabel("Node").SelectOptionAsync("n2");
        await OpenedPage.SeeAsync(opened.Page.Locator("[data-chart=Memory] svg"));
        await cluster.Cluster.RestartAsync(2);

        async Task SeeInUseAsync(ILocator line)
        {
            using var patience = new CancellationTokenSource(OpenedPage.PatienceMs);
            while (await line.CountAsync() == 0)
            {
                patience.Token.ThrowIfCancellationRequested();
                await UseAsync();
            }
        }

        async Task UseAsync()
        {
            await http.PutAsync("/api/v1/kv/metrics/one", new StringContent("x"));
            await http.GetAsync("/api/v1/kv/metrics/one");
            await http.GetAsync("/api/v1/kv/metrics/one?consistency=eventual");
            await http.GetAsync("/api/v1/kv/nothing?consistency=nonsense");
            await opened.Page.WaitForTimeoutAsync(40);
        }
    }

    [BrowserFact]
    public async Task The_log_is_read_entry_by_entry_without_values_forth_and_back()
    {
        await cluster.PutAsync("log/one", "swordfish");
        using var http = new HttpClient { BaseAddress = cluster.Cluster.Endpoints[0] };
        using var body = new StringContent(
            """{"then":[{"put":{"key":"log/two","value":"a"}},{"put":{"key":"log/three","value":"b"}}]}""",
            Encoding.UTF8, "application/json");
        (await http.PostAsync("/api/v1/txn", body)).EnsureSuccessStatusCode();

        await using OpenedPage opened = await cluster.OpenAsync("log");
        await OpenedPage.SeeAsync(opened.Page.Locator(".log tr", new() { HasText = "put log/one, 9 bytes" }));
        await opened.PictureAsync("log");
        ILocator txn = opened.Page.Locator(".log tr", new() { HasText = "0 compares, then 2" }).First;
        await txn.Locator("summary").ClickAsync();
        await OpenedPage.SeeAsync(txn.Locator("li", new() { HasText = "log/three" }));
        Assert.DoesNotContain("swordfish", await opened.Page.ContentAsync(), StringComparison.Ordinal);

        await opened.Page.GetByLabel("Only with").FillAsync("log/one");
        await Assertions.Expect(opened.Page.Locator(".log tbody tr")).ToHaveCountAsync(1);
        await opened.Page.GetByLabel("Only with").FillAsync("");
        await opened.Page.GetByLabel("From index").FillAsync("1");
        await opened.Button("Show").ClickAsync();
        await OpenedPage.SeeAsync(opened.Page.Locator(".log tr[data-index='1']"));
        await Assertions.Expect(opened.Button("Older")).ToBeDisabledAsync();
        await opened.Page.GetByLabel("From index").FillAsync("none");
        await opened.Button("Show").ClickAsync();
        await OpenedPage.SeeAsync(opened.Text("startIndex must be a whole number"));
        await opened.Button("Newest").ClickAsync();
        await opened.Button("Follow").ClickAsync();
        await cluster.PutAsync("log/late", "x");
        await OpenedPage.SeeAsync(opened.Page.Locator(".log tr", new() { HasText = "put log/late" }));
    }
}
