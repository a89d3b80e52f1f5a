using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using RaftKv.Client.Testing;

namespace RaftKv.Dashboard.Tests.Browser;

/// <summary>The dashboard once rights are in force: who signs in sees and does what he may, and leaves nothing behind.</summary>
[Collection("Browser")]
public sealed class SignInTests(DashboardFixture browser)
{
    [BrowserFact]
    public async Task Who_signs_in_acts_with_his_own_rights_and_is_gone_after_signing_out()
    {
        await using RaftKvTestCluster cluster = await RaftKvTestCluster.StartAsync(
            new TestClusterOptions { ServerPath = DashboardFixture.ServerPath() });
        Uri node = cluster.Endpoints[0];
        await GrantAsync(node);
        await using OpenedPage opened = await browser.OpenAtAsync(node, "keys");

        // A 401 or 403 is what the test is about, and browsers write each into their console.
        opened.MayLoseItsNode = true;
        await OpenedPage.SeeAsync(opened.Page.Locator("h1"), "Sign in");
        await opened.PictureAsync("sign-in");
        await SignInAsync(opened, "ann", "wrong-password");
        await OpenedPage.SeeAsync(opened.Page.Locator("#complaint"));
        await SignInAsync(opened, "bob", "bob-password");
        await OpenedPage.SeeAsync(opened.Page.Locator("#complaint"), "may not open the dashboard");
        await SignInAsync(opened, "ann", "ann-password");
        await OpenedPage.SeeAsync(opened.Page.Locator(".who"), "ann");

        await opened.Page.Locator("nav >> text=Keys").ClickAsync();
        await opened.Page.GotoAsync(new Uri(node, "/dashboard/keys").ToString());
        await OpenedPage.SeeAsync(opened.Page.Locator(".notice").First, "not for you");
        await opened.Page.Locator("nav >> text=Log").ClickAsync();
        await OpenedPage.SeeAsync(opened.Page.Locator(".notice").First, "root");

        // What she may not do is refused by the node, in its words.
        await opened.Page.Locator("nav >> text=Cluster").ClickAsync();
        await opened.DoAsync("n1", "Take its vote");
        await OpenedPage.SeeAsync(opened.Page.Locator(".mud-snackbar"), "members");

        // Lines of curl say where her token goes.
        await opened.Page.Locator("nav >> text=Advice").ClickAsync();
        await OpenedPage.SeeAsync(opened.Page.Locator(".code").First, "\"Authorization: Bearer $RAFTKV_AUTH_TOKEN\"");

        // Nothing of the token is where a script or an address could tell it.
        string stored = await opened.Page.EvaluateAsync<string>(
            "JSON.stringify({...localStorage, ...sessionStorage}) + document.cookie + location.href + document.documentElement.outerHTML");
        BrowserContextCookiesResult cookie = Assert.Single(
            await opened.Page.Context.CookiesAsync(), static one => one.Name == "raftkv-user");
        Assert.DoesNotContain(cookie.Value, stored, StringComparison.Ordinal);
        Assert.True(cookie.HttpOnly);
        Assert.Equal((SameSiteAttribute.Strict, "/dashboard"), (cookie.SameSite, cookie.Path));

        // Another window of his goes too.
        IPage second = await opened.Page.Context.NewPageAsync();
        await second.GotoAsync(new Uri(node, "/dashboard/").ToString());
        await OpenedPage.SeeAsync(second.Locator(".who"), "ann");
        await opened.Button("Sign out").ClickAsync();
        await OpenedPage.SeeAsync(opened.Page.Locator("h1"), "Sign in");
        await OpenedPage.SeeAsync(second.Locator("h1"), "Sign in");
        await opened.Page.GotoAsync(new Uri(node, "/dashboard/log").ToString());
        await OpenedPage.SeeAsync(opened.Page.Locator("h1"), "Sign in");

        await SignInAsync(opened, "root", "root-password");
        await OpenedPage.SeeAsync(opened.Page.Locator(".who"), "root");
        await opened.Page.Locator("nav >> text=Log").ClickAsync();
        await OpenedPage.SeeAsync(opened.Page.Locator(".log tr", new() { HasText = "rights are in force" }));
    }

    private static async Task SignInAsync(OpenedPage opened, string user, string password)
    {
        await opened.Page.GetByLabel("User").FillAsync(user);
        await opened.Page.GetByLabel("Password").FillAsync(password);
        await opened.Button("Sign in").ClickAsync();
    }

    // Ann may open the dashboard and read app/; Bob may read only.
    private static async Task GrantAsync(Uri node)
    {
        using var http = new HttpClient { BaseAddress = node };
        async Task PostAsync(string path, string body) =>
            (await http.PostAsJsonAsync(path, JsonNode.Parse(body))).EnsureSuccessStatusCode();
        foreach (string user in (string[])["root", "ann", "bob"])
        {
            await PostAsync("/api/v1/auth/users", $$"""{"name":"{{user}}","password":"{{user}}-password"}""");
        }

        await PostAsync("/api/v1/auth/roles", """{"role":"viewer"}""");
        await PostAsync("/api/v1/auth/roles/viewer/grant", """{"prefix":"app/","rights":["read"]}""");
        JsonNode operations = JsonNode.Parse("""{"operations":["dashboard"]}""")!;
        (await http.PutAsJsonAsync("/api/v1/auth/roles/viewer/operations", operations)).EnsureSuccessStatusCode();
        await PostAsync("/api/v1/auth/users/ann/grant", """{"role":"viewer"}""");
        await PostAsync("/api/v1/auth/users/root/grant", """{"role":"root"}""");
        await PostAsync("/api/v1/auth/enable", "{}");
    }
}
