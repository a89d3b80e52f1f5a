using System.Text;
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
        await using IBrowser browser = await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = BrowserFactAttribute.ChromiumPath,
            Headless = true,
            Args = _arguments,
        });
        IPage page = await browser.NewPageAsync(new BrowserNewPageOptions { ViewportSize = new ViewportSize { Width = 1280, Height = 1400 } });
        var complaints = new List<string>();
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
        await ScreenshotAsync(page, "swagger-start.png");
        ILocator put = await ExecuteAsync(page, "putKey");
        Assert.StartsWith("201", await StatusAsync(put));
        Assert.Contains("\"modRevision\": 2", await BodyAsync(put));
        await ScreenshotAsync(page, "swagger-put.png");

        ILocator get = await ExecuteAsync(page, "getKey");
        Assert.StartsWith("200", await StatusAsync(get));
        Assert.Contains("\"value\": \"on\"", await BodyAsync(get));
        await ScreenshotAsync(page, "swagger-get.png");
        Assert.Equal("on", Encoding.UTF8.GetString(host.Node.View.Get("app/config"u8)!.Value.Span));
        Assert.Empty(complaints);
    }

    private static async Task<ILocator> ExecuteAsync(IPage page, string operation)
    {
        ILocator block = page.Locator($"#operations-KV-{operation}");
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
