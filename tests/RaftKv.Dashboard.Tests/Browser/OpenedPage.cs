using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace RaftKv.Dashboard.Tests.Browser;

/// <summary>
/// A page of the dashboard in a browser. What it complains of, and what it asks of others than its node, is listed, and
/// fails the test at its end.
/// </summary>
public sealed class OpenedPage : IAsyncDisposable
{
    /// <summary>Milliseconds after which what is awaited will not come any more; no test depends on how soon it comes.</summary>
    public const int PatienceMs = 60_000;

    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];

    private OpenedPage(IBrowserContext context, IPage page)
    {
        _context = context;
        Page = page;
    }

    public IPage Page { get; }

    /// <summary>The node is killed on purpose: what a browser says of that is no complaint.</summary>
    public bool MayLoseItsNode { get; set; }

    internal static async Task<OpenedPage> OpenAsync(IBrowserContext context, Uri root, string path)
    {
        var opened = new OpenedPage(context, await context.NewPageAsync());
        opened.Page.Console += (_, message) => opened.Note(message.Type == "error", message.Text);
        opened.Page.PageError += (_, error) => opened.Note(true, error);
        opened.Page.Request += (_, request) => opened.Note(
            !request.Url.StartsWith(root.ToString(), StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal)
                && !request.Url.StartsWith("blob:", StringComparison.Ordinal),
            "went outside: " + request.Url);
        await opened.Page.GotoAsync(new Uri(root, path).ToString());
        await opened.Page.Locator("h1").WaitForAsync();
        return opened;
    }

    public ILocator Text(string text) => Page.GetByText(text, new PageGetByTextOptions { Exact = false }).First;

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    /// <summary>The card of a node on the page of the cluster.</summary>
    public ILocator Node(string name) => Page.Locator($"article.node[data-node={name}]");

    /// <summary>The dialog that is open.</summary>
    public ILocator Dialog => Page.Locator(".mud-dialog");

    /// <summary>Presses a button of a node's card, which asks before it does anything.</summary>
    public async Task AskAsync(string node, string action)
    {
        ILocator button = Node(node).GetByRole(AriaRole.Button, new() { Name = action, Exact = true });
        if (!await button.IsVisibleAsync())
        {
            await Node(node).Locator("summary").ClickAsync();
        }

        await button.ClickAsync();
    }

    /// <summary>The same, and says yes.</summary>
    public async Task DoAsync(string node, string action)
    {
        await AskAsync(node, action);
        await Dialog.GetByRole(AriaRole.Button, new() { Name = action, Exact = true }).ClickAsync();
    }

    /// <summary>What axe calls serious of what is shown now.</summary>
    public async Task<IEnumerable<string>> BarriersAsync()
    {
        AxeResult result = await Page.RunAxe(new AxeRunOptions
        {
            ResultTypes = [ResultType.Violations],
            RunOnly = RunOnlyOptions.Tags("wcag2a", "wcag2aa", "wcag21a", "wcag21aa"),
        });
        return result.Violations.Where(static violation => violation.Impact is "serious" or "critical")
            .Select(static violation => $"{violation.Id} {string.Join(' ', violation.Nodes.Select(static node => node.Html))}");
    }

    /// <summary>Waits until the page shows this.</summary>
    public static Task SeeAsync(ILocator what) => Assertions.Expect(what).ToBeVisibleAsync();

    /// <summary>Waits until some text of an element is this.</summary>
    public static Task SeeAsync(ILocator what, string text) => Assertions.Expect(what).ToContainTextAsync(text);

    /// <summary>Pictures are wanted.</summary>
    public static bool TakesPictures => PictureFolder.Length > 0;

    private static string PictureFolder => Environment.GetEnvironmentVariable("RAFTKV_SCREENSHOTS") ?? "";

    /// <summary>Pictures for people, where the variable says so.</summary>
    public async Task PictureAsync(string name, bool isWhole = false)
    {
        if (PictureFolder is { Length: > 0 } folder)
        {
            await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name + ".png"), FullPage = isWhole });
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _context.CloseAsync();
        Assert.Empty(_complaints);
    }

    private void Note(bool isComplaint, string text)
    {
        if (isComplaint && !MayLoseItsNode)
        {
            _complaints.Add(text);
        }
    }
}
