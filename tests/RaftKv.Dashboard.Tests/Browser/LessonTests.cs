using Microsoft.Playwright;
using RaftKv.Cli.Tests.Support;

namespace RaftKv.Dashboard.Tests.Browser;

/// <summary>Every lesson is played in a browser, on a cluster as a newcomer starts it: raftkv dev --lab.</summary>
[Collection("Browser")]
public sealed class LessonTests(DashboardFixture browser)
{
    [BrowserFact]
    public async Task Each_lesson_shows_the_wrong_way_and_the_right_one()
    {
        await using DevLabProcess lab = await DevLabProcess.StartAsync(DashboardFixture.ServerPath());
        await using OpenedPage opened = await browser.OpenAtAsync(lab.Node, "lessons");
        await OpenedPage.SeeAsync(opened.Page.Locator(".health-text"), "All 3 nodes are up.");
        (string Id, string Wrong, string Right)[] lessons =
        [
            ("stale-read", "open", "locked"), ("going-backwards", "1:0", "2:0"), ("reply-without-post", "yes!", "lunch?"),
            ("split-brain", "100", "120"), ("lost-update", "120", "precondition-failed"), ("write-skew", "acknowledged", "not as it was"),
            ("old-holder", "Ann goes on", "fence-lost"),
        ];
        foreach ((string id, string wrong, string right) in lessons)
        {
            await opened.Page.GotoAsync(new Uri(lab.Node, $"/dashboard/lessons/{id}?pace=0").ToString());
            await OpenedPage.SeeAsync(opened.Page.Locator(".health-text"), "All 3 nodes are up.");
            await opened.Button("Play").ClickAsync();
            ILocator verdict = opened.Page.Locator("[data-side=right] .verdict").Or(opened.Page.Locator(".notice"));
            await Assertions.Expect(verdict.First).ToBeVisibleAsync(new() { Timeout = 2 * OpenedPage.PatienceMs });
            Assert.Empty(await opened.Page.Locator(".notice").AllTextContentsAsync());
            await OpenedPage.SeeAsync(opened.Page.Locator("[data-side=wrong]"), wrong);
            await OpenedPage.SeeAsync(opened.Page.Locator("[data-side=right]"), right);
            await OpenedPage.SeeAsync(opened.Page.Locator("svg.timeline circle").First);
            await opened.PictureAsync("lesson-" + id, isWhole: true);
        }

        Assert.Empty(await opened.BarriersAsync());

        // The same by hand, in the playground.
        await opened.Page.GotoAsync(new Uri(lab.Node, "/dashboard/playground").ToString());
        await OpenedPage.SeeAsync(opened.Page.Locator(".health-text"), "All 3 nodes are up.");
        await opened.Page.GetByRole(AriaRole.Group, new() { Name = "Links of n3" }).GetByText("Hold").ClickAsync();
        await OpenedPage.SeeAsync(opened.Text("Done. Read everywhere and see."));
        await opened.Button("Read everywhere").ClickAsync();
        await OpenedPage.SeeAsync(opened.Page.Locator("[data-cell='linearizable n3'][data-kind=refused]"));
        await opened.Button("Heal everything").ClickAsync();
        await opened.Page.Locator("[data-cell='linearizable n3'] .cell-main").ClickAsync();
    }
}
