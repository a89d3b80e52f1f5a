using System.Text;
using Microsoft.Playwright;
using RaftKv.Client;
using RaftKv.Client.Testing;

namespace RaftKv.Dashboard.Tests.Browser;

/// <summary>Three real nodes and one browser, for all tests that drive the page. Nothing is started without a browser.</summary>
public sealed class DashboardFixture : IAsyncLifetime
{
    private static readonly string[] _arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private RaftKvTestCluster? _cluster;

    public RaftKvTestCluster Cluster => _cluster!;

    public RaftKvClient Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (BrowserFactAttribute.ChromiumPath is null)
        {
            return;
        }

        // All that a test expects of a page is waited for so long.
        Assertions.SetDefaultExpectTimeout(OpenedPage.PatienceMs);
        Task<RaftKvTestCluster> cluster = RaftKvTestCluster.StartAsync(
            new TestClusterOptions { Nodes = 3, ServerPath = ServerPath(), HasLinks = true });
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = BrowserFactAttribute.ChromiumPath,
            Headless = true,
            Args = _arguments,
        });
        _cluster = await cluster;
        Client = _cluster.CreateClient();
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_cluster is not null)
        {
            await Client.DisposeAsync();
            await _cluster.DisposeAsync();
        }
    }

    /// <summary>Starts what an earlier test has killed and left so.</summary>
    public async Task HealAsync(params int[] nodes)
    {
        foreach (int node in nodes)
        {
            try
            {
                await Cluster.RestartAsync(node);
            }
            catch (InvalidOperationException)
            {
                // It runs already.
            }
        }
    }

    public Task PutAsync(string key, string value) => Client.PutAsync(key, Encoding.UTF8.GetBytes(value));

    /// <summary>A page of a node, once it is alive. The caller disposes it, which asserts that it had nothing to complain of.</summary>
    public Task<OpenedPage> OpenAsync(string path = "", int node = 0, bool isPhone = false, ColorScheme theme = ColorScheme.Light) =>
        OpenAtAsync(Cluster.Endpoints[node], path, isPhone, theme);

    /// <summary>The same of a node of another cluster.</summary>
    public async Task<OpenedPage> OpenAtAsync(Uri node, string path = "", bool isPhone = false, ColorScheme theme = ColorScheme.Light)
    {
        IBrowserContext context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = isPhone ? new ViewportSize { Width = 390, Height = 844 } : new ViewportSize { Width = 1280, Height = 860 },
            ColorScheme = theme,
        });
        context.SetDefaultTimeout(OpenedPage.PatienceMs);
        return await OpenedPage.OpenAsync(context, new Uri(node, "/dashboard/"), path);
    }

    // Beside the tests' own output, in the same configuration.
    internal static string ServerPath()
    {
        string[] parts = AppContext.BaseDirectory.TrimEnd('/').Split("/tests/RaftKv.Dashboard.Tests/");
        return Path.Combine(parts[0], "src/RaftKv", parts[1], "raftkv.dll");
    }
}
