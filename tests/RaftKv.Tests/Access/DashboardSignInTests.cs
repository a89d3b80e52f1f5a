using System.Net;
using RaftKv.Core.Store.Commands;
using static RaftKv.Tests.Access.AccessHost;

namespace RaftKv.Tests.Access;

/// <summary>The way into the dashboard once rights are in force: a cookie that counts there and nowhere else.</summary>
public sealed class DashboardSignInTests : IAsyncLifetime
{
    private static readonly (string Name, string Value) _person = ("Accept", "text/html");

    private AccessHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await AccessHost.StartAsync();
        await _host.UserAsync("dora", operations: OperationRights.Dashboard);
        await _host.UserAsync("ann", KeyRights.Read, "a/");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_person_is_sent_to_sign_in_and_a_program_is_told_what_is_missing()
    {
        HttpResponseMessage person = await _host.AsAsync("", "GET", "/dashboard/keys", null, _person);
        Assert.Equal((HttpStatusCode.Redirect, "/dashboard/login"), (person.StatusCode, person.Headers.Location!.ToString()));
        Assert.Equal(401, await _host.StatusAsync("", "GET", "/dashboard/keys"));

        HttpResponseMessage page = await _host.AsAsync("", "GET", "/dashboard/login", null, _person);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("script-src 'self'", string.Join(' ', page.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.Equal(200, await _host.StatusAsync("", "GET", "/dashboard/login.js"));

        // Its channel is not open to strangers, and asks for no password by itself.
        HttpResponseMessage channel = await _host.AsAsync("", "POST", "/dashboard/_blazor/negotiate?negotiateVersion=1");
        Assert.Equal(HttpStatusCode.Unauthorized, channel.StatusCode);
        Assert.Empty(channel.Headers.WwwAuthenticate);

        // What only looks like a script is a page.
        Assert.Equal(401, await _host.StatusAsync("", "GET", "/dashboard/lessons/a.js"));
    }

    [Fact]
    public async Task A_token_becomes_a_cookie_that_opens_the_page_and_not_the_api()
    {
        string cookie = await SignInAsync("dora");
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("path=/dashboard", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("expires", cookie, StringComparison.OrdinalIgnoreCase);

        string shown = cookie.Split(';')[0];
        HttpResponseMessage page = await _host.AsAsync("", "GET", "/dashboard/", null, _person, ("Cookie", shown));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.DoesNotContain(shown.Split('=')[1], await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _host.AsAsync("", "GET", "/api/v1/status", null, ("Cookie", shown))).StatusCode);

        HttpResponseMessage left = await _host.AsAsync("", "POST", "/dashboard/logout", null, ("Cookie", shown));
        Assert.Equal((HttpStatusCode.SeeOther, "/dashboard/login"), (left.StatusCode, left.Headers.Location!.ToString()));
        string taken = Assert.Single(left.Headers.GetValues("Set-Cookie"));
        Assert.Contains("expires=Thu, 01 Jan 1970", taken, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Who_has_signed_out_is_out_though_his_browser_kept_the_cookie()
    {
        string token = await _host.LoginAsync("dora");
        string shown = "raftkv-user=" + token;
        Assert.Equal(HttpStatusCode.NoContent, (await EnterAsync(token)).StatusCode);
        await _host.AsAsync("", "POST", "/dashboard/logout", null, ("Cookie", shown));

        HttpResponseMessage page = await _host.AsAsync("", "GET", "/dashboard/", null, _person, ("Cookie", shown));
        Assert.Equal((HttpStatusCode.SeeOther, "/dashboard/login"), (page.StatusCode, page.Headers.Location?.ToString()));
        string gone = Assert.Single(page.Headers.GetValues("Set-Cookie"));
        Assert.Contains("expires=Thu, 01 Jan 1970", gone, StringComparison.OrdinalIgnoreCase);
        HttpResponseMessage channel = await _host.AsAsync(
            "", "POST", "/dashboard/_blazor/negotiate?negotiateVersion=1", null, ("Cookie", shown));
        Assert.Equal(HttpStatusCode.Unauthorized, channel.StatusCode);
        HttpResponseMessage desk = await _host.AsAsync("", "GET", "/dashboard/login", null, _person, ("Cookie", shown));
        Assert.Equal(HttpStatusCode.OK, desk.StatusCode);

        // A token of his that lives on may come back.
        Assert.Equal(HttpStatusCode.NoContent, (await EnterAsync(token)).StatusCode);
        HttpResponseMessage again = await _host.AsAsync("", "GET", "/dashboard/", null, _person, ("Cookie", shown));
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Fact]
    public async Task Who_lacks_the_right_is_told_so_and_a_token_that_is_none_opens_nothing()
    {
        string shown = (await SignInAsync("ann")).Split(';')[0];
        HttpResponseMessage denied = await _host.AsAsync("", "GET", "/dashboard/", null, _person, ("Cookie", shown));
        Assert.Equal("/dashboard/login?why=denied", denied.Headers.Location!.ToString());

        HttpResponseMessage none = await _host.AsAsync("", "GET", "/dashboard/", null, _person, ("Cookie", "raftkv-user=rkl.none"));
        Assert.Equal("/dashboard/login", none.Headers.Location!.ToString());
        Assert.Equal(HttpStatusCode.Unauthorized, (await EnterAsync("rkl.none")).StatusCode);
        string[] wrong =
        [
            "", "{}", "[]", "{\"token\":7}", "{\"token\":\"a b\"}", "{\"token\":\"a;b=c\"}",
            "{\"token\":\"" + new string('a', 9000) + "\"}",
        ];
        foreach (string body in wrong)
        {
            HttpResponseMessage refused = await _host.AsAsync("", "POST", "/dashboard/login", body);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.False(refused.Headers.Contains("Set-Cookie"));
        }
    }

    [Fact]
    public async Task A_page_of_another_site_can_sign_nobody_in_or_out()
    {
        string token = await _host.LoginAsync("dora");
        foreach (string path in (string[])["/dashboard/login", "/dashboard/logout"])
        {
            HttpResponseMessage refused = await _host.AsAsync(
                "", "POST", path, $$"""{"token":"{{token}}"}""", ("Origin", "http://evil.example"));
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
            Assert.False(refused.Headers.Contains("Set-Cookie"));
        }
    }

    private async Task<string> SignInAsync(string user)
    {
        HttpResponseMessage entered = await EnterAsync(await _host.LoginAsync(user));
        Assert.Equal(HttpStatusCode.NoContent, entered.StatusCode);
        return Assert.Single(entered.Headers.GetValues("Set-Cookie"));
    }

    private Task<HttpResponseMessage> EnterAsync(string token) =>
        _host.AsAsync("", "POST", "/dashboard/login", $$"""{"token":"{{token}}"}""");
}
