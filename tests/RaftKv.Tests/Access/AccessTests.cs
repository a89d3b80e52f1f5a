using System.Text.Json;
using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Access;
using RaftKv.Service.Calls;
using RaftKv.Tests.Api;
using RaftKv.Tests.Support;
using static RaftKv.Tests.Access.AccessHost;

namespace RaftKv.Tests.Access;

/// <summary>S1 and S2 at the doors: who is known, what is shown, and how what was allowed ends.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private AccessHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await AccessHost.StartAsync();
        await _host.UserAsync("ann", KeyRights.Read | KeyRights.Write | KeyRights.Watch, "a/");
        await _host.UserAsync("bob", KeyRights.Read | KeyRights.Write | KeyRights.Watch, "b/");
        await _host.AsAsync("root", "PUT", "/api/v1/kv/a/1", "one");
        await _host.AsAsync("root", "PUT", "/api/v1/kv/b/1", "secret");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_401_says_how_and_a_403_says_which_right()
    {
        HttpResponseMessage unknown = await _host.AsAsync("", "GET", "/api/v1/kv/a/1");
        await unknown.ProblemAsync(401, "unauthenticated");
        Assert.Equal(["Basic", "Bearer"], unknown.Headers.WwwAuthenticate.Select(static challenge => challenge.Scheme));
        JsonElement denied = await (await _host.AsAsync("ann", "GET", "/api/v1/kv/b/1")).ProblemAsync(403, "access-denied");
        Assert.Contains("read", denied.GetProperty("detail").GetString(), StringComparison.Ordinal);
        denied = await (await _host.AsAsync("ann", "PUT", "/api/v1/kv/b/1", "x")).ProblemAsync(403, "access-denied");
        Assert.Contains("write", denied.GetProperty("detail").GetString(), StringComparison.Ordinal);
        denied = await (await _host.AsAsync("ann", "POST", "/api/v1/compact", """{"revision":1}""")).ProblemAsync(403, "access-denied");
        Assert.Contains("compact", denied.GetProperty("detail").GetString(), StringComparison.Ordinal);
        string metrics = await _host.TextAsync("root", "GET", "/metrics");
        Assert.Contains("raftkv_access_refusals_total{reason=\"unauthenticated\"} 1\n", metrics, StringComparison.Ordinal);
        Assert.Contains("raftkv_access_refusals_total{reason=\"denied\"} 3\n", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_and_a_user_who_is_not_there_are_told_alike_and_too_many_have_to_wait()
    {
        HttpResponseMessage wrong = await _host.Api.SendAsync("GET", "/api/v1/kv/a/1", null, null, Basic("ann", "x"));
        HttpResponseMessage nobody = await _host.Api.SendAsync("GET", "/api/v1/kv/a/1", null, null, Basic("nobody", "x"));
        JsonElement one = await wrong.ProblemAsync(401, "unauthenticated");
        JsonElement other = await nobody.ProblemAsync(401, "unauthenticated");
        Assert.Equal(one.GetProperty("detail").GetString(), other.GetProperty("detail").GetString());
        Assert.Equal(200, await _host.StatusAsync("ann", "GET", "/api/v1/kv/a/1"));
        int status = 0;
        for (int i = 0; i < 30; i++)
        {
            status = (int)(await _host.Api.SendAsync("GET", "/api/v1/kv/a/1", null, null, Basic("ann", "x" + i))).StatusCode;
        }

        Assert.Equal(429, status);
        Assert.Equal(200, await _host.StatusAsync("ann", "GET", "/api/v1/kv/a/1"));
    }

    [Fact]
    public async Task Old_revisions_history_pages_raw_bytes_and_counts_are_by_the_newest_rights()
    {
        long revision = (await (await _host.AsAsync("root", "GET", "/api/v1/kv/b/1")).JsonAsync()).GetProperty("modRevision").GetInt64();
        Assert.Equal(200, await _host.StatusAsync("bob", "GET", $"/api/v1/kv/b/1?revision={revision}"));
        await _host.AsAsync("root", "PUT", "/api/v1/kv/b/2", "x");
        JsonElement page = await (await _host.AsAsync("bob", "GET", "/api/v1/kv?prefix=b/&limit=1")).JsonAsync();
        string cursor = page.GetProperty("cursor").GetString()!;
        Assert.Equal(200, await _host.StatusAsync("bob", "GET", $"/api/v1/kv?prefix=b/&limit=1&cursor={cursor}"));
        await _host.ChangeAsync(new RevokeKeys(Bytes("bob"), Prefix("b/")));
        string[] reads =
        [
            $"/api/v1/kv/b/1?revision={revision}", "/api/v1/kv/b/1?history", "/api/v1/kv/b/1?raw", "/api/v1/kv/b/1?consistency=eventual",
            $"/api/v1/kv?prefix=b/&limit=1&cursor={cursor}", "/api/v1/kv?prefix=b/&countOnly=true", "/api/v1/kv?key=b%2F1",
        ];
        foreach (string path in reads)
        {
            Assert.Equal(403, await _host.StatusAsync("bob", "GET", path));
            Assert.Equal(403, await _host.StatusAsync("ann", "GET", path));
            Assert.Equal(200, await _host.StatusAsync("root", "GET", path));
        }
    }

    [Fact]
    public async Task A_range_is_read_whole_or_not_at_all()
    {
        foreach (string query in (string[])["prefix=", "prefix=a", "start=a/", "start=a/&end=b0"])
        {
            Assert.Equal(403, await _host.StatusAsync("ann", "GET", "/api/v1/kv?" + query));
        }

        Assert.Equal(403, await _host.StatusAsync(
            "ann", "POST", "/api/v1/kv/range", """{"ranges":[{"prefix":"a/"},{"key":"b/1"}]}"""));
        Assert.Equal(200, await _host.StatusAsync("ann", "POST", "/api/v1/kv/range", """{"ranges":[{"prefix":"a/"}]}"""));
    }

    [Fact]
    public async Task Watches_are_over_what_may_be_watched_whole_at_every_door()
    {
        Assert.Equal(403, await _host.StatusAsync("ann", "GET", "/api/v1/watch?prefix=a&timeout=1ms"));
        Assert.Equal(403, await _host.StatusAsync("ann", "GET", "/api/v1/watch?prefix=b/&startRevision=1&timeout=1ms"));
        Assert.Equal(403, await _host.StatusAsync("ann", "GET", "/api/v1/watch?key=b/1&snapshot=true&timeout=1ms"));
        Assert.Equal(403, (int)(await _host.AsAsync(
            "ann", "GET", "/api/v1/watch?prefix=b/&timeout=1ms", null, ("Last-Event-ID", "2"), ("Accept", "text/event-stream")))
            .StatusCode);
        Assert.Equal(200, await _host.StatusAsync("ann", "GET", "/api/v1/watch?prefix=a/&timeout=1ms"));
    }

    [Fact]
    public async Task S2_a_watch_that_lost_its_right_ends_with_a_reason()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/watch?prefix=b/");
        request.Headers.Add(Basic("bob").Name, Basic("bob").Value);
        request.Headers.Add("Accept", "text/event-stream");
        using HttpResponseMessage answer = await _host.Api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        await _host.AsAsync("root", "PUT", "/api/v1/kv/b/1", "seen");
        while (!(await reader.ReadLineAsync())!.Contains("seen", StringComparison.Ordinal))
        {
        }

        await _host.ChangeAsync(new RevokeRole(Bytes("bob"), Bytes("bob")));
        await _host.AsAsync("root", "PUT", "/api/v1/kv/b/1", "unseen");
        string rest = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Contains("access-denied", rest, StringComparison.Ordinal);
        Assert.DoesNotContain("unseen", rest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task S2_a_watch_of_etcds_ends_when_its_users_password_is_another_one()
    {
        string token = await _host.LoginAsync("bob");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v3/watch")
        {
            Content = new StringContent("""{"create_request":{"key":"Yi8=","range_end":"YjA="}}"""),
        };
        request.Headers.TryAddWithoutValidation("Authorization", token);
        using HttpResponseMessage answer = await _host.Api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Contains("\"created\":true", await reader.ReadLineAsync(), StringComparison.Ordinal);
        await _host.ChangeAsync(new SetPassword(Bytes("bob"), PasswordHash.Make("other-password", 1)));
        string? line = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Contains("permission denied", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_long_poll_that_lost_its_right_tells_nothing()
    {
        HttpResponseMessage now = await _host.AsAsync("bob", "GET", "/api/v1/kv/b/1");
        Task<HttpResponseMessage> waiting = _host.AsAsync(
            "bob", "GET", "/api/v1/kv/b/1?wait=30s", null, ("If-None-Match", now.Headers.ETag!.Tag));
        while (_host.Api.Node.Watches.ParkedCount == 0)
        {
            await Task.Yield();
        }

        await _host.ChangeAsync(new RevokeRole(Bytes("bob"), Bytes("bob")));
        await (await waiting).ProblemAsync(403, "access-denied");
    }

    [Fact]
    public async Task Logins_are_taken_until_the_password_changes_and_tokens_until_they_are_removed()
    {
        string login = await _host.LoginAsync("ann");
        Assert.Equal(200, await WithAsync(login));
        Assert.Equal(401, await WithAsync(login + "A"));
        HttpResponseMessage made = await _host.AsAsync("ann", "POST", "/api/v1/auth/tokens", """{"label":"ci","ttl":"1h"}""");
        JsonElement token = await made.JsonAsync();
        string text = token.GetProperty("token").GetString()!;
        Assert.Equal(200, await WithAsync(text));
        string list = await (await _host.AsAsync("ann", "GET", "/api/v1/auth/tokens")).Content.ReadAsStringAsync();
        Assert.Contains("\"label\":\"ci\"", list, StringComparison.Ordinal);
        Assert.DoesNotContain(text.Split('.')[2], list, StringComparison.Ordinal);
        Assert.DoesNotContain("\"label\"", await _host.TextAsync("bob", "GET", "/api/v1/auth/tokens"), StringComparison.Ordinal);
        Assert.Equal(403, await _host.StatusAsync("bob", "DELETE", "/api/v1/auth/tokens/" + token.GetProperty("id").GetString()));
        Assert.Equal(403, await _host.StatusAsync("bob", "POST", "/api/v1/auth/tokens", """{"user":"ann"}"""));
        Assert.Equal(200, await _host.StatusAsync("ann", "DELETE", "/api/v1/auth/tokens/" + token.GetProperty("id").GetString()));
        Assert.Equal(401, await WithAsync(text));
        await _host.ChangeAsync(new SetPassword(Bytes("ann"), PasswordHash.Make("ann-password", 1)));

        // It is told that the login is over, and not that nobody is there: by that word clients log in again, etcd's too.
        HttpResponseMessage over = await _host.Api.SendAsync("GET", "/api/v1/kv/a/1", null, null, Bearer(login));
        JsonElement why = await over.ProblemAsync(401, "unauthenticated");
        Assert.Contains("Log in again", why.GetProperty("detail").GetString(), StringComparison.Ordinal);
        HttpResponseMessage etcd = await _host.AsAsync("", "POST", "/v3/kv/range", """{"key":"YS8x"}""", ("Authorization", login));
        Assert.Contains("etcdserver: invalid auth token", await etcd.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(200, await WithAsync(await _host.LoginAsync("ann")));

        async Task<int> WithAsync(string shown) =>
            (int)(await _host.Api.SendAsync("GET", "/api/v1/kv/a/1", null, null, Bearer(shown))).StatusCode;
    }

    [Fact]
    public async Task A_login_lives_as_long_as_it_is_used_and_a_day_longer()
    {
        var time = new Client.ManualTimeProvider();
        time.Advance(TimeSpan.FromDays(20_000));
        await using AccessHost host = await AccessHost.StartAsync(new ApiOptions { Time = time });
        await host.UserAsync("ann", KeyRights.Read, "a/");
        string login = await host.LoginAsync("ann");
        for (int day = 0; day < 5; day++)
        {
            time.Advance(TimeSpan.FromHours(23));
            Assert.Equal(404, (int)(await host.Api.SendAsync("GET", "/api/v1/kv/a/1", null, null, Bearer(login))).StatusCode);
        }

        time.Advance(TimeSpan.FromHours(25));
        Assert.Equal(401, (int)(await host.Api.SendAsync("GET", "/api/v1/kv/a/1", null, null, Bearer(login))).StatusCode);
    }

    [Theory]
    [InlineData("/api/v1/auth/login", "user")]
    [InlineData("/v3/auth/authenticate", "name")]
    public async Task S2_a_password_that_is_changed_while_it_is_checked_lets_nobody_in(string path, string who)
    {
        string shown = $$"""{"{{who}}":"ann","password":"ann-password"}""";
        _host.Api.Node.AfterBarrier = () => _host.ChangeAsync(new SetPassword(Bytes("ann"), PasswordHash.Make("another-one", 1)));
        HttpResponseMessage answer = await _host.Api.PostAsync(path, shown);
        Assert.InRange((int)answer.StatusCode, 400, 401);
        Assert.DoesNotContain("\"token\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await _host.ChangeAsync(new SetPassword(Bytes("ann"), PasswordHash.Make("ann-password", 1)));
        answer = await _host.Api.PostAsync(path, shown);
        Assert.Contains("\"token\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Etcds_authenticate_gives_a_token_that_its_calls_take()
    {
        string wrong = await _host.TextAsync("", "POST", "/v3/auth/authenticate", """{"name":"ann","password":"x"}""");
        Assert.Contains("authentication failed, invalid user ID or password", wrong, StringComparison.Ordinal);
        string login = """{"name":"ann","password":"ann-password"}""";
        HttpResponseMessage answer = await _host.AsAsync("", "POST", "/v3/auth/authenticate", login);
        string token = (await answer.JsonAsync()).GetProperty("token").GetString()!;
        HttpResponseMessage read = await _host.AsAsync("", "POST", "/v3/kv/range", """{"key":"YS8x"}""", ("Authorization", token));
        Assert.Contains("\"kvs\"", await read.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        read = await _host.AsAsync("", "POST", "/v3/kv/range", """{"key":"Yi8x"}""", ("Authorization", token));
        Assert.Contains("permission denied", await read.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lock_or_campaign_through_etcds_API_that_is_denied_leaves_no_lease_behind()
    {
        string[] calls = ["lock/lock", "election/campaign"];
        foreach (string call in calls)
        {
            string text = await _host.TextAsync("ann", "POST", "/v3/" + call, """{"name":"Yi9s"}""");
            Assert.Contains("permission denied", text, StringComparison.Ordinal);
        }

        Assert.Empty(_host.Api.Node.View.ListLeases(LeaseId.None, 10));
        string held = await _host.TextAsync("ann", "POST", "/v3/lock/lock", """{"name":"YS9s"}""");
        Assert.Contains("\"key\"", held, StringComparison.Ordinal);
        Assert.Single(_host.Api.Node.View.ListLeases(LeaseId.None, 10));
    }

    [Fact]
    public async Task Who_hangs_up_while_he_waits_for_etcds_lock_leaves_no_lease_behind()
    {
        await _host.AsAsync("root", "POST", "/v3/lock/lock", """{"name":"YS9s"}""");
        using var hangUp = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v3/lock/lock")
        {
            Content = new StringContent("""{"name":"YS9s"}"""),
        };
        request.Headers.Add(Basic("ann").Name, Basic("ann").Value);
        Task<HttpResponseMessage> waiting = _host.Api.Client.SendAsync(request, hangUp.Token);
        await Eventually.TrueAsync(() => _host.Api.Node.Watches.ParkedCount > 0);
        Assert.Equal(2, _host.Api.Node.View.ListLeases(LeaseId.None, 10).Count);
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Eventually.TrueAsync(() => _host.Api.Node.View.ListLeases(LeaseId.None, 10).Count == 1);
    }

    [Theory]
    [InlineData("lock/lock", "lock/unlock")]
    [InlineData("election/campaign", "election/resign")]
    public async Task Who_loses_his_right_while_he_waits_for_etcds_lock_leaves_neither_a_place_nor_a_lease(string enter, string leave)
    {
        JsonElement held = JsonElement.Parse(await _host.TextAsync("root", "POST", "/v3/" + enter, """{"name":"YS9s"}"""));
        Task<string> waiting = _host.TextAsync("ann", "POST", "/v3/" + enter, """{"name":"YS9s"}""");
        await Eventually.TrueAsync(() => _host.Api.Node.Watches.ParkedCount > 0);
        Assert.Equal(2, _host.Api.Node.View.ListLeases(LeaseId.None, 10).Count);

        await _host.ChangeAsync(new RevokeRole(Bytes("ann"), Bytes("ann")));
        string place = held.TryGetProperty("leader", out JsonElement leader)
            ? $$"""{"leader":{{leader}}}""" : $$"""{"key":"{{held.GetProperty("key")}}"}""";
        Assert.DoesNotContain("error", await _host.TextAsync("root", "POST", "/v3/" + leave, place), StringComparison.Ordinal);

        Assert.Contains("permission denied", await waiting, StringComparison.Ordinal);
        Assert.Single(_host.Api.Node.View.ListLeases(LeaseId.None, 10));
        Assert.Empty(_host.Api.Node.View.Range(new RangeRequest { Keys = Prefix("a/l/") }).Pairs);
    }

    [Fact]
    public async Task Who_loses_his_right_and_hangs_up_while_he_waits_for_etcds_lock_leaves_no_lease_behind()
    {
        await _host.AsAsync("root", "POST", "/v3/lock/lock", """{"name":"YS9s"}""");
        using var hangUp = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v3/lock/lock")
        {
            Content = new StringContent("""{"name":"YS9s"}"""),
        };
        request.Headers.Add(Basic("ann").Name, Basic("ann").Value);
        Task<HttpResponseMessage> waiting = _host.Api.Client.SendAsync(request, hangUp.Token);
        await Eventually.TrueAsync(() => _host.Api.Node.Watches.ParkedCount > 0);
        await _host.ChangeAsync(new RevokeRole(Bytes("ann"), Bytes("ann")));
        await hangUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await Eventually.TrueAsync(() => _host.Api.Node.View.ListLeases(LeaseId.None, 10).Count == 1);
    }

    [Fact]
    public async Task A_repeat_and_an_operation_show_their_answers_to_their_author_alone()
    {
        (string, string) key = ("Idempotency-Key", "k1");
        HttpResponseMessage first = await _host.AsAsync("ann", "POST", "/api/v1/counters/a/n", """{"by":7}""", key);
        Assert.Equal(200, (int)first.StatusCode);
        HttpResponseMessage again = await _host.AsAsync("ann", "POST", "/api/v1/counters/a/n", """{"by":7}""", key);
        Assert.Equal("true", again.Header("RaftKv-Replayed"));
        Assert.Equal(403, (int)(await _host.AsAsync("bob", "POST", "/api/v1/counters/a/n", """{"by":7}""", key)).StatusCode);
        HttpResponseMessage accepted = await _host.AsAsync(
            "ann", "PUT", "/api/v1/kv/a/2", "x", ("RaftKv-Write-Concern", "accepted"));
        string operation = accepted.Headers.Location!.ToString();
        string own = await (await _host.AsAsync("ann", "GET", operation)).Content.ReadAsStringAsync();
        string other = await (await _host.AsAsync("bob", "GET", operation)).Content.ReadAsStringAsync();
        Assert.DoesNotContain("unknown", own, StringComparison.Ordinal);
        Assert.Contains("unknown", other, StringComparison.Ordinal);
    }

    /// <summary>CVE-2018-1098 of etcd: a page of another site made a browser ask, with what the browser knew.</summary>
    [Fact]
    public async Task CVE_2018_1098_what_a_browser_adds_by_itself_says_nothing_from_another_sites_page()
    {
        (string, string) origin = ("Origin", "https://evil.example");
        Assert.Equal(403, (int)(await _host.AsAsync("ann", "PUT", "/api/v1/kv/a/1", "x", origin)).StatusCode);

        // Where --cors lets its pages ask, what the browser knows still says nothing.
        await using AccessHost open = await AccessHost.StartAsync(new ApiOptions { AllowedOrigins = ["https://evil.example"] });
        await open.UserAsync("ann", KeyRights.Read | KeyRights.Write, "a/");
        Assert.Equal(401, (int)(await open.AsAsync("ann", "PUT", "/api/v1/kv/a/1", "x", origin)).StatusCode);
        HttpResponseMessage put = await open.AsAsync("ann", "POST", "/v3/kv/put", """{"key":"YS8x","value":"MQ=="}""", origin);
        string text = await put.Content.ReadAsStringAsync();
        Assert.Contains("user name is empty", text, StringComparison.Ordinal);
        origin = ("Origin", _host.Api.Address.GetLeftPart(UriPartial.Authority));
        Assert.Equal(200, (int)(await _host.AsAsync("ann", "PUT", "/api/v1/kv/a/1", "x", origin)).StatusCode);
    }

    /// <summary>CVE-2023-32082 of etcd: LeaseTimeToLive named keys that the caller may not read.</summary>
    [Fact]
    public async Task CVE_2023_32082_the_keys_of_a_lease_are_told_to_those_who_may_read_them()
    {
        await _host.AsAsync("root", "POST", "/api/v1/leases", """{"ttl":"600s","id":"5"}""");
        await _host.AsAsync("root", "PUT", "/api/v1/kv/b/9?lease=5", "x");
        Assert.Equal(403, await _host.StatusAsync("ann", "GET", "/api/v1/leases/5"));
        Assert.Equal(200, await _host.StatusAsync("bob", "GET", "/api/v1/leases/5"));
        string denied = await _host.TextAsync("ann", "POST", "/v3/lease/timetolive", """{"ID":"5","keys":true}""");
        Assert.Contains("permission denied", denied, StringComparison.Ordinal);
        string time = await _host.TextAsync("ann", "POST", "/v3/lease/timetolive", """{"ID":"5"}""");
        Assert.Contains("grantedTTL", time, StringComparison.Ordinal);
    }

    /// <summary>CVE-2026-33413 of etcd: members, alarms, leases and compaction without asking who calls.</summary>
    [Fact]
    public async Task CVE_2026_33413_members_alarms_leases_and_compaction_ask_who_calls()
    {
        string[] calls =
            ["cluster/member/list", "maintenance/alarm", "lease/grant", "kv/compaction", "lease/leases", "maintenance/status"];
        foreach (string call in calls)
        {
            string text = await _host.TextAsync("", "POST", "/v3/" + call, "{}");
            Assert.Contains("user name is empty", text, StringComparison.Ordinal);
        }
    }

    /// <summary>CVE-2020-15115 of etcd: passwords of any length.</summary>
    [Fact]
    public async Task CVE_2020_15115_short_passwords_are_refused()
    {
        Assert.Equal(400, await _host.StatusAsync("root", "POST", "/api/v1/auth/users", """{"name":"eve","password":"short"}"""));
        Assert.Equal(400, await _host.StatusAsync("root", "POST", "/api/v1/auth/users", """{"name":"eve","password":""}"""));
        Assert.Equal(200, await _host.StatusAsync("root", "POST", "/api/v1/auth/users", """{"name":"eve","password":"long enough"}"""));
    }

    /// <summary>CVE-2021-28235 of etcd: a password in what a server tells of itself.</summary>
    [Fact]
    public async Task CVE_2021_28235_no_secret_is_in_what_the_server_tells()
    {
        await _host.AsAsync("root", "POST", "/api/v1/auth/users", """{"name":"eve","password":"sesame-open"}""");
        string token = await _host.LoginAsync("ann");
        string[] paths = ["/metrics", "/api/v1/status", "/api/v1/auth/users", "/api/v1/auth/users/eve", "/api/v1/auth/tokens"];
        foreach (string path in paths)
        {
            string text = await _host.TextAsync("root", "GET", path);
            Assert.DoesNotContain("sesame", text, StringComparison.Ordinal);
            Assert.DoesNotContain("pbkdf2", text, StringComparison.Ordinal);
            Assert.DoesNotContain(token, text, StringComparison.Ordinal);
        }

        Assert.Equal("PasswordCredentials", new PasswordCredentials("a", "secret").ToString());
        Assert.Equal("TokenCredentials", new TokenCredentials("secret").ToString());
    }

    [Fact]
    public async Task What_the_anonymous_may_is_open_and_nothing_else()
    {
        await _host.ChangeAsync(new AddRole(Principals.AnonymousRole));
        await _host.ChangeAsync(new GrantKeys(Principals.AnonymousRole, Prefix("open/"), KeyRights.Read | KeyRights.Write));
        await _host.ChangeAsync(new SetOperations(Principals.AnonymousRole, OperationRights.Metrics));
        Assert.Equal(201, await _host.StatusAsync("", "PUT", "/api/v1/kv/open/1", "x"));
        Assert.Equal(200, await _host.StatusAsync("", "GET", "/api/v1/kv/open/1"));
        Assert.Equal(200, await _host.StatusAsync("", "GET", "/metrics"));
        Assert.Equal(401, await _host.StatusAsync("", "GET", "/api/v1/kv/a/1"));
        Assert.Equal(401, await _host.StatusAsync("", "PUT", "/api/v1/kv/a/1", "x"));
        Assert.Equal(401, await _host.StatusAsync("", "GET", "/api/v1/status"));
    }

    [Fact]
    public async Task The_dashboard_is_for_those_who_may_open_it()
    {
        Assert.Equal(401, await _host.StatusAsync("", "GET", "/dashboard/"));
        Assert.Equal(403, await _host.StatusAsync("ann", "GET", "/dashboard/"));
    }

    [Fact]
    public async Task Rest_makes_users_and_roles_that_work_and_says_what_there_is()
    {
        Assert.Equal(200, await _host.StatusAsync("root", "POST", "/api/v1/auth/users", """{"name":"eve","password":"eve-password"}"""));
        Assert.Equal(409, await _host.StatusAsync("root", "POST", "/api/v1/auth/users", """{"name":"eve","password":"eve-password"}"""));
        Assert.Equal(200, await _host.StatusAsync("root", "POST", "/api/v1/auth/roles", """{"role":"r"}"""));
        string grant = """{"prefix":"a/","rights":["read","lock"]}""";
        Assert.Equal(200, await _host.StatusAsync("root", "POST", "/api/v1/auth/roles/r/grant", grant));
        Assert.Equal(200, await _host.StatusAsync("root", "PUT", "/api/v1/auth/roles/r/operations", """{"operations":["compact"]}"""));
        Assert.Equal(400, await _host.StatusAsync("root", "POST", "/api/v1/auth/roles/r/grant", """{"prefix":"a/","rights":["fly"]}"""));
        Assert.Equal(403, await _host.StatusAsync("eve", "GET", "/api/v1/kv/a/1"));
        Assert.Equal(200, await _host.StatusAsync("root", "POST", "/api/v1/auth/users/eve/grant", """{"role":"r"}"""));
        Assert.Equal(200, await _host.StatusAsync("eve", "GET", "/api/v1/kv/a/1"));
        Assert.Equal(200, await _host.StatusAsync("eve", "POST", "/api/v1/compact", """{"revision":1}"""));
        string role = await (await _host.AsAsync("root", "GET", "/api/v1/auth/roles/r")).Content.ReadAsStringAsync();
        Assert.Contains("""{"start":"a/","end":"a0","single":false,"rights":["read","lock"]}""", role, StringComparison.Ordinal);
        string self = await (await _host.AsAsync("eve", "GET", "/api/v1/auth/users/eve")).Content.ReadAsStringAsync();
        Assert.Contains("\"roles\":[\"r\"]", self, StringComparison.Ordinal);
        Assert.Equal(403, await _host.StatusAsync("eve", "GET", "/api/v1/auth/users/ann"));
        Assert.Equal(200, await _host.StatusAsync("root", "POST", "/api/v1/auth/roles/r/revoke", """{"prefix":"a/"}"""));
        Assert.Equal(403, await _host.StatusAsync("eve", "GET", "/api/v1/kv/a/1"));
        Assert.Equal(400, (int)(await _host.AsAsync("root", "POST", "/api/v1/auth/disable", null, ("Idempotency-Key", "x"))).StatusCode);
        Assert.Equal(200, await _host.StatusAsync("root", "POST", "/api/v1/auth/disable"));
        Assert.Equal(200, await _host.StatusAsync("", "GET", "/api/v1/kv/b/1"));
    }

    [Fact]
    public void Passwords_are_kept_as_slow_hashes_with_a_salt_of_their_own()
    {
        byte[] one = PasswordHash.Make("secret", 10);
        Assert.NotEqual(one, PasswordHash.Make("secret", 10));
        Assert.True(PasswordHash.Verify("secret", one));
        Assert.False(PasswordHash.Verify("Secret", one));
        Assert.False(PasswordHash.Verify("", default, 10));
        Assert.True(PasswordHash.DefaultTurns >= 210_000);
    }
}
