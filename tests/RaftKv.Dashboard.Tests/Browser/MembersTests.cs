using Microsoft.Playwright;

namespace RaftKv.Dashboard.Tests.Browser;

/// <summary>Who leads and who takes part, changed from the page, on three real nodes and two that come and go.</summary>
[Collection("Browser")]
public sealed class MembersTests(DashboardFixture cluster) : IAsyncLifetime
{
    private const int RemovedExit = 8;

    public Task InitializeAsync() => BrowserFactAttribute.ChromiumPath is null ? Task.CompletedTask : cluster.HealAsync(1, 2);

    // Whatever became of the test: the next ones have three nodes.
    public async Task DisposeAsync()
    {
        if (BrowserFactAttribute.ChromiumPath is not null)
        {
            using var http = new HttpClient { BaseAddress = cluster.Cluster.Endpoints[0] };
            await http.DeleteAsync("/api/v1/cluster/members/n4");
            await http.DeleteAsync("/api/v1/cluster/members/n5");
        }
    }

    [BrowserFact]
    public async Task Leadership_is_handed_over_and_a_member_comes_is_replaced_and_goes()
    {
        await using OpenedPage opened = await cluster.OpenAsync();
        ILocator headline = opened.Page.Locator(".health-text");
        await OpenedPage.SeeAsync(headline, "All 3 nodes are up.");

        // Nothing is offered in read-only mode.
        await opened.Button("Read-only").ClickAsync();
        await Assertions.Expect(opened.Button("Add a member")).ToBeDisabledAsync();
        await opened.Node("n1").Locator("summary").ClickAsync();
        await Assertions.Expect(opened.Node("n1").GetByRole(AriaRole.Button, new() { Name = "Drain", Exact = true })).ToBeDisabledAsync();
        await opened.Button("Read-only").ClickAsync();

        string follower = (await opened.Page.Locator("article.node:has(.tag:text-is('follower'))").First.GetAttributeAsync("data-node"))!;
        await opened.AskAsync(follower, "Make it lead");
        await OpenedPage.SeeAsync(opened.Dialog, $"Hand leadership to {follower}?");
        Assert.Empty(await opened.BarriersAsync());
        await opened.PictureAsync("cluster-transfer");
        await opened.Dialog.GetByRole(AriaRole.Button, new() { Name = "Make it lead", Exact = true }).ClickAsync();
        await OpenedPage.SeeAsync(opened.Node(follower).Locator(".tag"), "leader");

        await using var fourth = new JoinedNode("n4", cluster.Cluster.Endpoints[0]);
        await opened.Button("Add a member").ClickAsync();
        await FillAsync(opened, "n4", fourth);

        // While it fades, what was said last has little contrast.
        await Assertions.Expect(opened.Page.Locator(".mud-snackbar")).ToHaveCountAsync(0, new() { Timeout = 20_000 });
        Assert.Empty(await opened.BarriersAsync());
        await opened.Button("Make the place").ClickAsync();
        ILocator comes = opened.Page.Locator("[data-course=n4]");
        await OpenedPage.SeeAsync(comes.Locator("code"), "--join");
        await opened.PictureAsync("cluster-members", isWhole: true);
        fourth.Start();
        await OpenedPage.SeeAsync(comes, "It is there.");
        await OpenedPage.SeeAsync(headline, "All 4 nodes are up.");
        await opened.Page.GetByRole(AriaRole.Button, new() { Name = "Put away n4" }).ClickAsync();

        // Another machine in its place: the old one goes in the same step.
        await using var fifth = new JoinedNode("n5", cluster.Cluster.Endpoints[0]);
        await opened.AskAsync("n4", "Replace");
        await opened.Dialog.GetByLabel("The same name and address").UncheckAsync();
        await FillAsync(opened, "n5", fifth);
        await opened.Dialog.GetByRole(AriaRole.Button, new() { Name = "Replace", Exact = true }).ClickAsync();
        ILocator replaces = opened.Page.Locator("[data-course=n5]");
        await OpenedPage.SeeAsync(replaces, "n5 replaces n4");
        await OpenedPage.SeeAsync(replaces.Locator("li[aria-current=step]"), "place");
        fifth.Start();
        await OpenedPage.SeeAsync(replaces, "It is there.");
        await Assertions.Expect(replaces.Locator("li.done")).ToHaveCountAsync(3);
        Assert.Equal(RemovedExit, await fourth.EndAsync());

        await opened.DoAsync("n5", "Remove");
        Assert.Equal(RemovedExit, await fifth.EndAsync());
        await OpenedPage.SeeAsync(headline, "All 3 nodes are up.");
    }

    private static async Task FillAsync(OpenedPage opened, string name, JoinedNode node)
    {
        await opened.Dialog.GetByLabel("Name", new() { Exact = true }).FillAsync(name);
        await opened.Dialog.GetByLabel("Where its peers will reach it").FillAsync(node.PeerUrl);
    }
}
