using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using RaftKv.Tests.Api;

namespace RaftKv.Tests.Browser;

/// <summary>What a newcomer does first: open /swagger, press Execute on the PUT, press Execute on the GET.</summary>
public sealed class SwaggerUiTests
{
    private static readonly string[] _arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    [BrowserFact]
    public async Task Put_then_get_work_from_the_page_with_its_own_examples()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await LaunchAsync(playwright);
        var complaints = new List<string>();
        IPage page = await OpenAsync(browser, host, complaints);

        await ScreenshotAsync(page, "swagger-start.png");
        ILocator put = await ExecuteAsync(page, "KV-putKey");
        Assert.StartsWith("201", await StatusAsync(put));
        Assert.Contains("\"modRevision\": 2", await BodyAsync(put));
        await ScreenshotAsync(page, "swagger-put.png");

        ILocator get = await ExecuteAsync(page, "KV-getKey");
        Assert.StartsWith("200", await StatusAsync(get));
        Assert.Contains("\"value\": \"on\"", await BodyAsync(get));
        await ScreenshotAsync(page, "swagger-get.png");
        Assert.Equal("on", Encoding.UTF8.GetString(host.Node.View.Get("app/config"u8)!.Value.Span));
        Assert.Empty(complaints);
    }

    [BrowserFact]
    public async Task The_etcd_gateways_definition_lists_its_operations_and_its_put_and_range_work()
    {
        await using ApiHost host = await ApiHost.StartAsync();
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await LaunchAsync(playwright);
        var complaints = new List<string>();
        IPage page = await OpenAsync(browser, host, complaints);

        await page.Locator("#select").SelectOptionAsync(new SelectOptionValue { Label = "etcd v3 gateway" });
        await page.Locator("#operations-KV-kvPut").WaitForAsync();
        using JsonDocument document = JsonDocument.Parse(await host.Client.GetStringAsync("/openapi/etcd-v3.json"));
        Assert.Equal(document.RootElement.GetProperty("paths").EnumerateObject().Count(), await page.Locator(".opblock").CountAsync());
        await ScreenshotAsync(page, "swagger-etcd-start.png");

        ILocator put = await ExecuteAsync(page, "KV-kvPut");
        Assert.StartsWith("200", await StatusAsync(put));
        Assert.Contains("\"revision\": \"2\"", await BodyAsync(put));
        await ScreenshotAsync(page, "swagger-etcd-put.png");

        ILocator range = await ExecuteAsync(page, "KV-kvRange");
        Assert.StartsWith("200", await StatusAsync(range));
        Assert.Contains("\"value\": \"YmFy\"", await BodyAsync(range));
        Assert.Equal("bar", Encoding.UTF8.GetString(host.Node.View.Get("foo"u8)!.Value.Span));
        Assert.Empty(complaints);
    }

    private static Task<IBrowser> LaunchAsync(IPlaywright playwright) => playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
    {
        ExecutablePath = BrowserFactAttribute.ChromiumPath,
        Headless = true,
        Args = _arguments,
    });

    // The page with its first definition; what it complains of, or asks others than the server for, is listed.
    private static async Task<IPage> OpenAsync(IBrowser browser, ApiHost host, List<string> complaints)
    {
        IPage page = await browser.NewPageAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = 1280, Height = 1400 } });
        page.Console += (_, message) =>
        {
            if (message.Type == "error")
            {
                complaints.Add(message.Text);
            }
        };
        page.PageError += (_, error) => complaints.Add(error);
        page.Request += (_, request) =>
        {
            if (!request.Url.StartsWith(host.Address.ToString(), StringComparison.Ordinal) && !request.Url.StartsWith("data:", StringComparison.Ordinal))
            {
                complaints.Add("went outside: " + request.Url);
            }
        };

        await page.GotoAsync(host.Address + "swagger");
        await page.Locator(".opblock-tag-section").First.WaitForAsync();
        return page;
    }

    private static async Task<ILocator> ExecuteAsync(IPage page, string operation)
    {
        ILocator block = page.Locator($"#operations-{operation}");
        await block.Locator(".opblock-summary-control").ClickAsync();
        await block.Locator("button.execute").ClickAsync();
        await block.Locator(".live-responses-table .response-col_status").First.WaitForAsync();
        return block;
    }

    private static Task<string> StatusAsync(ILocator block) =>
        block.Locator(".live-responses-table tr.response .response-col_status").First.InnerTextAsync();

    private static Task<string> BodyAsync(ILocator block) =>
        block.Locator(".live-responses-table .response-col_description .highlight-code").First.InnerTextAsync();

    // Pictures for people, where the variable says so.
    private static async Task ScreenshotAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("RAFTKV_SCREENSHOTS") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, name), FullPage = name != "swagger-start.png" });
        }
    }
}
