using System.Text;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using RaftKv.Client;

namespace RaftKv.Dashboard.Tests.Browser;

/// <summary>Each page as a person uses it, against three real nodes.</summary>
[Collection("Browser")]
public sealed class DashboardTests(DashboardFixture cluster) : IAsyncLifetime
{
    private static readonly AxeRunOptions _allRules = new()
    {
        ResultTypes = [ResultType.Violations],
        RunOnly = RunOnlyOptions.Tags("wcag2a", "wcag2aa", "wcag21a", "wcag21aa"),
    };

    // In the dark nothing but the colours differs.
    private static readonly AxeRunOptions _colours = new()
    {
        ResultTypes = [ResultType.Violations],
        RunOnly = RunOnlyOptions.Rules("color-contrast"),
    };

    private static readonly string[] _pages = ["", "keys", "live", "locks", "metrics", "log", "lessons", "playground", "advice"];

    // One test's failure is not the next one's.
    public Task InitializeAsync() => BrowserFactAttribute.ChromiumPath is null ? Task.CompletedTask : cluster.HealAsync(1, 2);

    public Task DisposeAsync() => Task.CompletedTask;

    [BrowserFact]
    public async Task The_cluster_is_seen_to_lose_one_node_then_its_majority_and_to_come_back()
    {
        await cluster.PutAsync("minority/a", "still here");
        await using OpenedPage opened = await cluster.OpenAsync();
        ILocator headline = opened.Page.Locator(".health-text");
        await OpenedPage.SeeAsync(headline, "All 3 nodes are up.");
        await Assertions.Expect(opened.Page.Locator("article.node[data-up=true]")).ToHaveCountAsync(3);
        await opened.PictureAsync("cluster");

        // The node that will be alone has what was acknowledged, which two others may have been first to have.
        await cluster.Client.TryGetAsync("minority/a", new ReadOptions { Endpoint = cluster.Cluster.Endpoints[0] });

        // Drained before it is stopped, as an operator does.
        await opened.DoAsync("n3", "Drain");
        await OpenedPage.SeeAsync(opened.Node("n3").Locator(".tag"), "draining");

        await cluster.Cluster.KillAsync(2);
        await OpenedPage.SeeAsync(headline, "Two of 3 nodes are up.");
        await OpenedPage.SeeAsync(opened.Page.Locator("article.node[data-node=n3][data-up=false] .tag", new() { HasText = "no answer" }));
        await opened.PictureAsync("cluster-one-down");

        // One is killed and one is held: it answers its clients and hears nobody, so nobody leads. Each page is served all the same.
        await cluster.Cluster.HoldAsync(1);
        try
        {
            await OpenedPage.SeeAsync(headline, "No leader right now");
            await OpenedPage.SeeAsync(opened.Node("n2").Locator(".tag"), "candidate");
            await opened.PictureAsync("cluster-one-held");
            foreach (string path in _pages)
            {
                await opened.Page.Locator($"nav a[href='{path}']").ClickAsync();
                await Assertions.Expect(opened.Page.Locator("h1")).ToHaveTextAsync(TitleOf(path), new() { IgnoreCase = true });
            }
        }
        finally
        {
            await cluster.Cluster.HealAsync();
        }

        await OpenedPage.SeeAsync(headline, "Two of 3 nodes are up.");
        await opened.Page.Locator("nav >> text=Cluster").ClickAsync();

        await cluster.Cluster.KillAsync(1);
        await OpenedPage.SeeAsync(headline, "no majority");
        await OpenedPage.SeeAsync(opened.Page.Locator(".meaning.halted"));

        // The page is served, and what this node has is shown.
        await opened.Page.Locator("nav >> text=Keys").ClickAsync();
        await opened.Page.Locator(".tree-row", new() { HasText = "minority/" }).ClickAsync();
        await opened.Page.Locator(".tree-row.d1").ClickAsync();
        await OpenedPage.SeeAsync(opened.Page.Locator("pre.value"), "still here");

        await opened.Page.Locator("nav >> text=Playground").ClickAsync();
        await opened.Page.Locator("[data-search]").FillAsync("minority/a");
        await opened.Button("Read everywhere").ClickAsync();
        await OpenedPage.SeeAsync(opened.Page.Locator("[data-cell='eventual n1'][data-kind=good]"), "still here");
        await OpenedPage.SeeAsync(opened.Page.Locator("[data-cell='linearizable n1'][data-kind=refused]"));
        await OpenedPage.SeeAsync(opened.Page.Locator("[data-cell='eventual n2'][data-kind=silent]"));
        await opened.PictureAsync("playground-minority");

        await Task.WhenAll(cluster.Cluster.RestartAsync(1), cluster.Cluster.RestartAsync(2));
        await OpenedPage.SeeAsync(headline, "All 3 nodes are up.");
    }

    [BrowserFact]
    public async Task A_page_whose_node_dies_names_the_others_and_comes_back_with_it()
    {
        await using OpenedPage opened = await cluster.OpenAsync(node: 2);
        opened.MayLoseItsNode = true;
        await OpenedPage.SeeAsync(opened.Page.Locator(".health-text"), "All 3 nodes are up.");

        await cluster.Cluster.KillAsync(2);
        await OpenedPage.SeeAsync(opened.Page.Locator(".away-card"), "n3 doesn't answer");
        Assert.Equal(
            new Uri(cluster.Cluster.Endpoints[0], "/dashboard/").ToString(),
            await opened.Page.Locator(".pill-link", new() { HasText = "n1" }).GetAttributeAsync("href"));

        await cluster.Cluster.RestartAsync(2);
        await Assertions.Expect(opened.Page.Locator(".away-card")).ToBeHiddenAsync();
        await OpenedPage.SeeAsync(opened.Page.Locator(".health-text"), "All 3 nodes are up.");
    }

    [BrowserFact]
    public async Task A_key_is_made_edited_against_a_rival_looked_at_in_the_past_and_restored()
    {
        await using OpenedPage opened = await cluster.OpenAsync("keys");
        await opened.Button("New key").ClickAsync();
        await opened.Page.GetByLabel("Key", new() { Exact = true }).FillAsync("edit/one");
        await opened.Page.Locator("textarea").FillAsync("first");
        await opened.Button("Preview").ClickAsync();
        await opened.Button("Create").ClickAsync();
        await OpenedPage.SeeAsync(opened.Page.Locator("pre.value"), "first");
        await OpenedPage.SeeAsync(opened.Page.Locator(".tree-row", new() { HasText = "edit/" }).First, "1 key, ");

        await opened.Button("Edit").ClickAsync();
        await opened.Page.Locator("textarea").FillAsync("mine");
        await cluster.PutAsync("edit/one", "theirs");
        await opened.Button("Preview").ClickAsync();
        await opened.Button("Save").ClickAsync();
        await OpenedPage.SeeAsync(opened.Text("Somebody changed the key meanwhile"));
        await OpenedPage.SeeAsync(opened.Page.Locator(".diff-line.removed"), "theirs");
        await OpenedPage.SeeAsync(opened.Page.Locator(".diff-line.added"), "mine");
        Assert.Equal("theirs", (await cluster.Client.GetAsync("edit/one"))!.GetString());

        await opened.Button("Save").ClickAsync();
        await OpenedPage.SeeAsync(opened.Page.Locator("pre.value"), "mine");
        Assert.Equal("mine", (await cluster.Client.GetAsync("edit/one"))!.GetString());
        await opened.PictureAsync("keys");

        // Back to the first version: by the slider to see it, by its history to have it again.
        long first = (await cluster.Client.GetAsync("edit/one"))!.CreateRevision;
        await opened.Page.Locator("#time").EvaluateAsync(
            "(slider, at) => { slider.value = at; slider.dispatchEvent(new Event('input', { bubbles: true })); }", first.ToString());
        await OpenedPage.SeeAsync(opened.Page.Locator("pre.value"), "first");
        await Assertions.Expect(opened.Button("Edit")).ToHaveCountAsync(0);
        await opened.Button("Back to now").ClickAsync();
        await OpenedPage.SeeAsync(opened.Page.Locator("pre.value"), "mine");
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = $"Restore revision {first}" }).ClickAsync();
        await opened.Button("Save").ClickAsync();
        await OpenedPage.SeeAsync(opened.Page.Locator("pre.value"), "first");

        await opened.Button("Delete").ClickAsync();
        await opened.Page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await OpenedPage.SeeAsync(opened.Text("does not exist now"));
        Assert.Null(await cluster.Client.GetAsync("edit/one"));

        // Gone, but kept: it is listed, and can be had again.
        await opened.Button("Deleted keys").ClickAsync();
        await OpenedPage.SeeAsync(opened.Page.Locator(".tree-row", new() { HasText = "edit/one" }), "delete");
    }

    [BrowserFact]
    public async Task The_playground_writes_reads_everywhere_and_hands_tokens_over()
    {
        await using OpenedPage opened = await cluster.OpenAsync("playground");
        await OpenedPage.SeeAsync(opened.Page.Locator(".health-text"), "All 3 nodes are up.");
        await opened.Page.Locator("[data-search]").FillAsync("play/one");

        // 33 reads at once, some of which wait for a round or an age: as long as a node may.
        await opened.Page.Locator("details.more summary").ClickAsync();
        await opened.Page.GetByLabel("Timeout, ms").FillAsync("10000");
        await opened.Button("Write, then read at once").ClickAsync();
        await OpenedPage.SeeAsync(opened.Page.Locator(".steps"), "33 of 33 answered");
        await OpenedPage.SeeAsync(opened.Page.Locator("[data-cell='linearizable n2'][data-kind=good]"), "fresh");
        await opened.PictureAsync("playground");

        await opened.Button("Hand A’s token to B").ClickAsync();
        await opened.Page.GetByLabel("Client B").CheckAsync();
        await opened.Page.Locator("[data-cell='session n3'] .cell-main").ClickAsync();
        await OpenedPage.SeeAsync(opened.Page.Locator(".step").First, "reads play/one at session on n3");
        Assert.NotNull(await cluster.Client.GetAsync("play/one"));

        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Read-only" }).ClickAsync();
        await Assertions.Expect(opened.Button("Write")).ToBeDisabledAsync();
    }

    [BrowserFact]
    public async Task A_change_appears_by_itself_with_what_was_there_before()
    {
        await cluster.PutAsync("live/one", "before");
        await using OpenedPage opened = await cluster.OpenAsync("live");
        await opened.Page.Locator("[data-search]").FillAsync("live/");
        await opened.Button("Follow").ClickAsync();
        await OpenedPage.SeeAsync(opened.Text("begins with “live/”"));

        // The first is told again as often as it takes for the watch to be there; the others are told once.
        ILocator rows = opened.Page.Locator(".tail tbody tr");
        using var patience = new CancellationTokenSource(OpenedPage.PatienceMs);
        while (await rows.CountAsync() == 0)
        {
            patience.Token.ThrowIfCancellationRequested();
            await cluster.PutAsync("live/one", "after");
            await opened.Page.WaitForTimeoutAsync(200);
        }

        await cluster.Client.DeleteAsync("live/one");
        await cluster.PutAsync("elsewhere", "x");
        await OpenedPage.SeeAsync(rows.First, "delete");
        await OpenedPage.SeeAsync(rows.First, "after");
        await opened.Button("Pause").ClickAsync();
        await OpenedPage.SeeAsync(opened.Button("Go on"));
        int count = await rows.CountAsync();
        await cluster.PutAsync("live/two", "x");
        await OpenedPage.SeeAsync(opened.Text("Go on (1 new)"));
        Assert.Equal(count, await rows.CountAsync());
    }

    [BrowserFact]
    public async Task A_holder_is_seen_with_its_token_and_who_waits_moves_up_when_it_is_revoked()
    {
        using var http = new HttpClient { BaseAddress = cluster.Cluster.Endpoints[1] };
        Task<HttpResponseMessage> Acquire(string owner) => http.PostAsync(
            "/api/v1/locks/night%2Fjob", new StringContent(
                $$"""{"ttl":"600s","wait":"60s","owner":"{{owner}}"}""", Encoding.UTF8, "application/json"));
        (await Acquire("first")).EnsureSuccessStatusCode();
        Task<HttpResponseMessage> second = Acquire("second");

        await using OpenedPage opened = await cluster.OpenAsync("locks");
        ILocator row = opened.Page.Locator("tr", new() { HasText = "night/job" }).First;
        await OpenedPage.SeeAsync(row, "first");
        await OpenedPage.SeeAsync(row, "1: second");
        await opened.PictureAsync("locks");

        await row.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await opened.Page.Locator(".mud-dialog").GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        (await second).EnsureSuccessStatusCode();
        await OpenedPage.SeeAsync(row, "second");

        // What has happened stays to be seen.
        await opened.Button("Show").ClickAsync();
        ILocator history = opened.Page.Locator("section", new() { HasText = "What has happened" }).Last;
        await OpenedPage.SeeAsync(history.Locator("tr", new() { HasText = "revoked" }).First, "first");
        await OpenedPage.SeeAsync(history.Locator("tr", new() { HasText = "holds" }).First, "second");
    }

    [BrowserFact]
    public async Task Advice_changes_with_the_answers_and_stands_as_code()
    {
        await using OpenedPage opened = await cluster.OpenAsync("advice");
        await OpenedPage.SeeAsync(opened.Page.Locator(".level-name"), "linearizable");
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Feature flags" }).ClickAsync();
        await OpenedPage.SeeAsync(opened.Page.Locator(".level-name"), "bounded");
        await OpenedPage.SeeAsync(opened.Page.Locator(".code").First, "RaftKv-Max-Staleness: 500ms");
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Wish for all" }).ClickAsync();
        await OpenedPage.SeeAsync(opened.Text("exclude each other"));
        await opened.PictureAsync("advice");
    }

    [BrowserFact]
    public async Task No_page_has_a_serious_barrier_and_none_is_wider_than_a_phone()
    {
        await cluster.PutAsync("axe/one", "{\"a\":1}");
        foreach (ColorScheme theme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await using OpenedPage opened = await cluster.OpenAsync(isPhone: theme == ColorScheme.Dark, theme: theme);
            await OpenedPage.SeeAsync(opened.Page.Locator(".health-text"), "nodes are up.");
            foreach (string path in _pages)
            {
                await opened.Page.Locator($"nav a[href='{path}']").ClickAsync();
                await Assertions.Expect(opened.Page.Locator("h1")).ToHaveTextAsync(TitleOf(path), new() { IgnoreCase = true });
                AxeResult result = await opened.Page.RunAxe(theme == ColorScheme.Dark ? _colours : _allRules);
                Assert.Empty(result.Violations
                    .Where(violation => violation.Impact is "serious" or "critical")
                    .Select(violation => $"{path} {theme}: {violation.Id} {string.Join(' ', violation.Nodes.Select(node => node.Html))}"));
                int tooWide = await opened.Page.EvaluateAsync<int>(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth");
                Assert.True(tooWide <= 0, $"{path} is {tooWide} pixels too wide.");
            }
        }
    }

    private static string TitleOf(string path) => path.Length == 0 ? "Cluster" : path;

    [BrowserFact]
    public async Task The_keyboard_alone_goes_everywhere_and_the_theme_is_remembered()
    {
        await using OpenedPage opened = await cluster.OpenAsync();
        await OpenedPage.SeeAsync(opened.Page.Locator(".health-text"), "nodes are up.");

        // The second key counts for about a second after the first; on a machine that stood still they are pressed again.
        ILocator keys = opened.Page.Locator("h1", new() { HasText = "Keys" });
        do
        {
            await opened.Page.Keyboard.PressAsync("g");
            await opened.Page.Keyboard.PressAsync("k");
        }
        while (!await IsSoonThereAsync(keys));
        await Assertions.Expect(keys).ToBeFocusedAsync();
        await opened.Page.Keyboard.PressAsync("/");
        await Assertions.Expect(opened.Page.Locator("[data-search]")).ToBeFocusedAsync();

        // The click goes by way of the node, and the page is not left before it has come back.
        ILocator root = opened.Page.Locator("html");
        await opened.Button("Dark or light").ClickAsync();
        await Assertions.Expect(root).ToHaveAttributeAsync("data-theme", "dark");
        await opened.Page.ReloadAsync();
        await Assertions.Expect(root).ToHaveAttributeAsync("data-theme", "dark");
    }

    private static async Task<bool> IsSoonThereAsync(ILocator what)
    {
        try
        {
            await what.WaitForAsync(new() { Timeout = 5_000 });
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
