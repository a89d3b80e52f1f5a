using Microsoft.Extensions.Logging.Abstractions;
using RaftKv.Audit;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Health;
using RaftKv.Doors.Rest;
using RaftKv.Security.Jwt;
using RaftKv.Security.Tls;
using RaftKv.Service.Access;
using RaftKv.Service.Calls;
using RaftKv.Service.Shares;
using RaftKv.Storage;
using RaftKv.Tests.Api;
using static RaftKv.Tests.Access.AccessHost;

namespace RaftKv.Tests.Access;

/// <summary>
/// The advisories of etcd, Consul and ZooKeeper on access control since 2018, by name: each is tried here as it was there.
/// docs/advisories.md lists them all, also those that have no part here.
/// </summary>
public sealed class AdvisoryTests : IAsyncLifetime
{
    private const OperationRights All =
        OperationRights.Lease | OperationRights.Compact | OperationRights.Members | OperationRights.Backup | OperationRights.Alarms
        | OperationRights.Limits | OperationRights.Metrics | OperationRights.Dashboard;

    private AccessHost _host = null!;

    public async Task InitializeAsync()
    {
        _host = await AccessHost.StartAsync();
        await _host.UserAsync("ann", KeyRights.Read | KeyRights.Write | KeyRights.Watch, "a/");
        await _host.UserAsync("bob", KeyRights.Write, "b/");
        await _host.AsAsync("root", "PUT", "/api/v1/kv/a/1", "one");
        await _host.AsAsync("root", "PUT", "/api/v1/kv/b/1", "secret");
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    /// <summary>etcd: a page whose name was made to point at a node asked it, as one of the node's own pages.</summary>
    [Fact]
    public async Task CVE_2018_1099_a_page_whose_name_points_here_is_nobody_without_credentials()
    {
        (string, string)[] rebound = [("Host", "evil.example"), ("Origin", "http://evil.example")];
        Assert.Equal(401, (int)(await _host.AsAsync("", "GET", "/api/v1/kv/a/1", null, rebound)).StatusCode);
        Assert.Equal(401, (int)(await _host.AsAsync("", "PUT", "/api/v1/kv/a/1", "x", rebound)).StatusCode);
    }

    /// <summary>etcd: what came through the JSON gateway had the rights of the gateway's own certificate.</summary>
    [Fact]
    public async Task CVE_2018_16886_the_gateway_has_no_rights_of_its_own()
    {
        foreach (string call in (string[])["kv/range", "kv/put", "kv/txn", "kv/deleterange", "auth/user/list", "lease/grant"])
        {
            string text = await _host.TextAsync("", "POST", "/v3/" + call, """{"key":"YS8x"}""");
            Assert.Contains("user name is empty", text, StringComparison.Ordinal);
        }
    }

    /// <summary>etcd: a directory that was there was used with whatever permissions it had.</summary>
    [Fact]
    public void CVE_2020_15113_a_directory_that_others_may_enter_is_named()
    {
        string path = Directory.CreateTempSubdirectory("raftkv-open-").FullName;
        try
        {
            Assert.False(DataDirectory.IsOpenToOthers(path));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.OtherExecute);
                Assert.True(DataDirectory.IsOpenToOthers(path));
                string made = Path.Combine(path, "made");
                DataDirectory.CreateDirectory(made);
                Assert.False(DataDirectory.IsOpenToOthers(made));
            }
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    /// <summary>etcd: a put in a txn gave the previous value away, and hung on another's lease.</summary>
    [Fact]
    public async Task CVE_2026_44283_previous_values_and_leases_of_puts_in_txns_need_their_rights()
    {
        await _host.AsAsync("root", "POST", "/api/v1/leases", """{"ttl":"600s","id":"5"}""");
        await _host.AsAsync("root", "PUT", "/api/v1/kv/a/9?lease=5", "x");
        string[] puts =
        [
            """{"success":[{"request_put":{"key":"Yi8x","value":"eA==","prev_kv":true}}]}""",
            """{"success":[],"failure":[{"request_put":{"key":"Yi8x","value":"eA==","prev_kv":true}}]}""",
            """{"success":[{"request_put":{"key":"Yi8x","value":"eA==","lease":"5"}}]}""",
            """{"success":[{"request_txn":{"success":[{"request_put":{"key":"Yi8x","value":"eA==","prev_kv":true}}]}}]}""",
            """{"success":[{"request_delete_range":{"key":"Yi8x","prev_kv":true}}]}""",
        ];
        foreach (string put in puts)
        {
            string text = await _host.TextAsync("bob", "POST", "/v3/kv/txn", put);
            Assert.Contains("permission denied", text, StringComparison.Ordinal);
            Assert.DoesNotContain("c2VjcmV0", text, StringComparison.Ordinal);
        }

        string plain = await _host.TextAsync(
            "bob", "POST", "/v3/kv/txn", """{"success":[{"request_put":{"key":"Yi8x","value":"eA=="}}]}""");
        Assert.Contains("succeeded", plain, StringComparison.Ordinal);
    }

    /// <summary>etcd: a right to one key let watch from that key on to the end of all.</summary>
    [Fact]
    public async Task GHSA_xg4h_6gfc_h4m8_a_right_to_one_key_is_none_to_watch_from_there_on()
    {
        await _host.UserAsync("one");
        await _host.ChangeAsync(new GrantKeys(Bytes("one"), KeyRange.Single(Bytes("a/1")), KeyRights.Read | KeyRights.Watch));
        Assert.Equal(403, await _host.StatusAsync("one", "GET", "/api/v1/watch?start=a/1&timeout=1ms"));
        Assert.Equal(403, await _host.StatusAsync("one", "GET", "/api/v1/watch?prefix=a/1&timeout=1ms"));
        Assert.Equal(200, await _host.StatusAsync("one", "GET", "/api/v1/watch?key=a/1&timeout=1ms"));
        foreach (string end in (string[])["AA==", "YS8y", "Yg=="])
        {
            // The stream goes on; its first word is that the watch is cancelled.
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v3/watch")
            {
                Content = new StringContent($$$"""{"create_request":{"key":"YS8x","range_end":"{{{end}}}"}}"""),
            };
            request.Headers.TryAddWithoutValidation(Basic("one").Name, Basic("one").Value);
            using HttpResponseMessage answer = await _host.Api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
            string? first = await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Contains("permission denied", first, StringComparison.Ordinal);
        }
    }

    /// <summary>etcd, pull request 22386: while the store was full, nobody was asked for rights: not even to end them.</summary>
    [Fact]
    public async Task Etcd_22386_a_full_store_asks_for_rights_as_any_other()
    {
        await _host.AsAsync("root", "POST", "/api/v1/leases", """{"ttl":"600s","id":"6"}""");
        await _host.AsAsync("root", "PUT", "/api/v1/kv/b/9?lease=6", "x");
        await _host.Api.ApplyAsync(new RaiseAlarmCommand(AlarmKind.NoSpace, default, AlarmCause.Hand) { Principal = Principals.Root });
        Assert.Equal(403, await _host.StatusAsync("ann", "GET", "/api/v1/kv/b/1"));
        Assert.Equal(403, await _host.StatusAsync("ann", "DELETE", "/api/v1/kv/b/1"));
        Assert.Equal(403, await _host.StatusAsync("ann", "DELETE", "/api/v1/leases/6"));
        Assert.Equal(403, await _host.StatusAsync("ann", "POST", "/api/v1/auth/disable", "{}"));
        Assert.Equal(403, await _host.StatusAsync("ann", "POST", "/api/v1/auth/users", """{"name":"eve","password":"sesame-open"}"""));
        foreach (string call in (string[])["auth/disable", "auth/user/add", "auth/role/list"])
        {
            string text = await _host.TextAsync("ann", "POST", "/v3/" + call, """{"name":"eve","password":"sesame-open"}""");
            Assert.Contains("permission denied", text, StringComparison.Ordinal);
        }

        // Rights come first: only who may write is told that there is no room.
        Assert.Equal(507, await _host.StatusAsync("ann", "PUT", "/api/v1/kv/a/1", "x"));
        Assert.Equal(403, await _host.StatusAsync("ann", "PUT", "/api/v1/kv/b/1", "x"));
        Assert.Equal(403, await _host.StatusAsync("ann", "POST", "/api/v1/counters/b/n", """{"by":1}"""));
        Assert.Equal(403, await _host.StatusAsync("ann", "POST", "/api/v1/txn", """{"then":[{"put":{"key":"b/1","value":"x"}}]}"""));
        Assert.Equal(403, await _host.StatusAsync("ann", "POST", "/api/v1/locks/b/l", """{"ttl":"5s","wait":"0s"}"""));
        Assert.Equal(401, await _host.StatusAsync("", "PUT", "/api/v1/kv/b/1", "x"));
        string put = await _host.TextAsync("ann", "POST", "/v3/kv/put", """{"key":"Yi8x","value":"eA=="}""");
        Assert.Contains("permission denied", put, StringComparison.Ordinal);
        Assert.Equal(507, await _host.StatusAsync("root", "PUT", "/api/v1/kv/b/1", "x"));
        Assert.Equal(200, await _host.StatusAsync("root", "GET", "/api/v1/kv/b/1"));
    }

    /// <summary>etcd: what was tried with a certificate's name was not written down under it.</summary>
    [Fact]
    public async Task GHSA_vjg6_93fv_qv64_a_refusal_is_written_down_under_the_name_that_was_proven()
    {
        string path = Path.GetTempFileName();
        var audit = new AuditLog([new AuditFile(path, isChained: false)], TimeProvider.System, hasReads: false);
        await using (AccessHost host = await AccessHost.StartAsync(new ApiOptions { Observers = [audit] }))
        {
            await host.UserAsync("eve");
            Assert.Equal(403, await host.StatusAsync("eve", "GET", "/api/v1/kv/a/1"));
            await host.TextAsync("eve", "POST", "/v3/kv/range", """{"key":"YS8x"}""");
        }

        await audit.DisposeAsync();
        string[] lines = [.. (await File.ReadAllLinesAsync(path)).Where(static line => line.Contains("refused", StringComparison.Ordinal))];
        File.Delete(path);
        Assert.Equal(2, lines.Length);
        Assert.All(lines, static line => Assert.Contains("\"user\":\"eve\"", line, StringComparison.Ordinal));
    }

    /// <summary>Consul: a secret that stood for a hidden one was the token of somebody.</summary>
    [Fact]
    public async Task CVE_2019_8336_what_stands_for_a_secret_is_none()
    {
        HttpResponseMessage made = await _host.AsAsync("ann", "POST", "/api/v1/auth/tokens", "{}");
        string token = (await made.JsonAsync()).GetProperty("token").GetString()!;
        string id = (await made.JsonAsync()).GetProperty("id").GetString()!;
        Assert.Equal(200, await ByTokenAsync(token));
        string[] others =
            [$"rkt.{id}.", $"rkt.{id}", $"rkt.{id}.<hidden>", $"rkt.{id}.{id}", "rkt..", "rkl.", "<hidden>", "null", "anonymous"];
        foreach (string other in others)
        {
            Assert.Equal(401, await ByTokenAsync(other));
        }
    }

    /// <summary>Consul: keys that fitted no rule could be deleted by a deletion of what they begin with.</summary>
    [Fact]
    public async Task CVE_2019_12291_a_deletion_needs_the_right_over_all_that_it_would_delete()
    {
        await _host.AsAsync("root", "PUT", "/api/v1/kv/ab", "x");
        foreach (string query in (string[])["prefix=a", "prefix=", "all=true"])
        {
            Assert.NotEqual(200, await _host.StatusAsync("ann", "DELETE", "/api/v1/kv?" + query));
        }

        Assert.Equal(200, await _host.StatusAsync("root", "GET", "/api/v1/kv/ab"));
        Assert.Equal(200, await _host.StatusAsync("ann", "DELETE", "/api/v1/kv?prefix=a/"));
        Assert.Equal(200, await _host.StatusAsync("root", "GET", "/api/v1/kv/ab"));
    }

    /// <summary>Consul: some paths asked nobody for rights.</summary>
    [Fact]
    public async Task CVE_2020_7955_no_path_serves_nobody_but_those_that_say_so()
    {
        (string Method, string Path)[] calls =
        [
            .. RestRoutes.All.Concat(HealthRoutes.All)
                .SelectMany(static route => route.AllowedMethods.Split(", ").Select(method => (method, route.Template)))
                .Where(static call => RestRules.Of(call.method, call.Template).Need != CallNeed.Nothing),
        ];
        Assert.True(calls.Length > 60);
        foreach ((string method, string path) in calls)
        {
            string target = path.Replace("{", "x", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
            int status = await _host.StatusAsync("", method, target, method is "GET" or "HEAD" ? null : "{}");
            Assert.True(status == 401, $"{method} {path}: {status}");
        }
    }

    /// <summary>Consul: a change of a token's rules was not in force for tokens that were out.</summary>
    [Fact]
    public async Task CVE_2020_12797_a_change_of_rights_is_in_force_for_tokens_that_are_out()
    {
        HttpResponseMessage made = await _host.AsAsync("ann", "POST", "/api/v1/auth/tokens", "{}");
        string[] tokens = [(await made.JsonAsync()).GetProperty("token").GetString()!, await _host.LoginAsync("ann")];
        foreach (string token in tokens)
        {
            Assert.Equal(200, await ByTokenAsync(token));
        }

        await _host.ChangeAsync(new RevokeKeys(Bytes("ann"), Prefix("a/")));
        foreach (string token in tokens)
        {
            Assert.Equal(403, await ByTokenAsync(token));
        }
    }

    /// <summary>Consul: who might look at operations was shown the authority's private key.</summary>
    [Fact]
    public async Task CVE_2020_28053_no_right_to_look_shows_what_the_cluster_signs_with()
    {
        await _host.UserAsync("eye", KeyRights.Read | KeyRights.Watch, "", All & ~OperationRights.Backup);
        string key = Convert.ToBase64String(SingleNodeFake.ClusterKey)[..20];
        string hex = Convert.ToHexString(SingleNodeFake.ClusterKey)[..20];
        string[] paths =
        [
            "/metrics", "/api/v1/status", "/api/v1/cluster", "/api/v1/kv?prefix=", "/api/v1/auth", "/api/v1/alarms", "/api/v1/quotas",
        ];
        foreach (string path in paths)
        {
            string text = await _host.TextAsync("eye", "GET", path);
            Assert.DoesNotContain(key, text, StringComparison.Ordinal);
            Assert.DoesNotContain(hex, text, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Equal(403, await _host.StatusAsync("eye", "GET", "/api/v1/auth/users"));
        Assert.Equal(403, await _host.StatusAsync("eye", "GET", "/api/v1/snapshot"));
    }

    /// <summary>Consul: a txn did what its single operations were refused.</summary>
    [Fact]
    public async Task CVE_2021_38698_a_txn_does_nothing_that_its_operations_may_not()
    {
        string[] txns =
        [
            """{"then":[{"put":{"key":"b/1","value":"x"}}]}""",
            """{"then":[{"put":{"key":"a/1","value":"x"}},{"put":{"key":"b/1","value":"x"}}]}""",
            """{"then":[{"get":{"key":"b/1"}}]}""",
            """{"then":[],"else":[{"delete":{"key":"b/1"}}]}""",
            """{"compare":[{"key":"b/1","target":"value","op":"=","operand":"secret"}],"then":[]}""",
        ];
        foreach (string txn in txns)
        {
            Assert.Equal(403, await _host.StatusAsync("ann", "POST", "/api/v1/txn", txn));
        }

        Assert.Equal("secret", await _host.TextAsync("root", "GET", "/api/v1/kv/b/1?raw"));
    }

    /// <summary>Consul: a right to operations could be made into any other.</summary>
    [Fact]
    public async Task CVE_2021_41805_no_right_to_operations_changes_users_roles_and_rights()
    {
        await _host.UserAsync("ops", operations: All);
        (string Method, string Path, string Body)[] changes =
        [
            ("POST", "/api/v1/auth/users", """{"name":"eve","password":"sesame-open"}"""),
            ("POST", "/api/v1/auth/users/ops/grant", """{"role":"root"}"""),
            ("PUT", "/api/v1/auth/users/root/password", """{"password":"sesame-open"}"""),
            ("POST", "/api/v1/auth/roles/ops/grant", """{"prefix":"","rights":["read"]}"""),
            ("PUT", "/api/v1/auth/roles/ops/operations", """{"operations":["backup"]}"""),
            ("POST", "/api/v1/auth/tokens", """{"user":"root"}"""),
            ("POST", "/api/v1/auth/disable", "{}"),
        ];
        foreach ((string method, string path, string body) in changes)
        {
            int status = await _host.StatusAsync("ops", method, path, body);
            Assert.True(status == 403, $"{method} {path}: {status}");
        }
    }

    /// <summary>Consul: whom a node was to ask could send it on to somebody else.</summary>
    [Fact]
    public async Task CVE_2022_29153_an_issuer_sends_nobody_elsewhere()
    {
        await using TestIssuer elsewhere = await TestIssuer.StartAsync();
        await using TestIssuer issuer = await TestIssuer.StartAsync();
        issuer.SendsTo = elsewhere.Name + "/keys";
        using var keys = new JwtKeys(new JwtOptions { Issuer = issuer.Name, Audiences = ["raftkv"] }, TimeProvider.System);
        Assert.Null(await keys.FindAsync("k1"));
        Assert.Equal(0, elsewhere.AskedCount);
        Assert.NotNull(keys.Problem);
    }

    /// <summary>Consul: a token's claims were not looked at, or never let anybody through.</summary>
    [Fact]
    public async Task CVE_2023_3518_the_claims_of_a_token_decide_and_nothing_else()
    {
        await using TestIssuer issuer = await TestIssuer.StartAsync();
        using var judge = new JwtJudge(
            new JwtOptions { Issuer = issuer.Name, Audiences = ["raftkv"] }, TimeProvider.System, NullLogger.Instance);
        Assert.Equal("ann", (await judge.JudgeAsync(issuer.Token(issuer.Claims(TimeProvider.System)))).User);
        Assert.Equal("bob", (await judge.JudgeAsync(issuer.Token(issuer.Claims(TimeProvider.System, "bob")))).User);
        Assert.Null((await judge.JudgeAsync(issuer.Token(issuer.Claims(TimeProvider.System, "root")))).User);
    }

    /// <summary>Consul: a path in another spelling, or one more header of a name, went past the rules.</summary>
    [Theory]
    [InlineData("/api/v1/kv/a/../b/1")]
    [InlineData("/api/v1/kv/a/%2e%2e/b/1")]
    [InlineData("/api/v1//kv/b/1")]
    [InlineData("//api/v1/kv/b/1")]
    [InlineData("/API/V1/kv/b/1")]
    [InlineData("/api/v1/kv/b%2F1")]
    [InlineData("/api/v1/./kv/b/1")]
    [InlineData("/api/v1/kv/b/1?key=a/1")]
    [InlineData("/livez/../api/v1/kv/b/1")]
    [InlineData("/v3/../api/v1/kv/b/1")]
    [InlineData("/%61pi/v1/kv/b/1")]
    public async Task CVE_2024_10005_no_spelling_of_a_path_goes_past_the_rules(string target)
    {
        foreach (string user in (string[])["", "ann"])
        {
            string authorization = user.Length == 0 ? "" : $"Authorization: {Basic(user).Value}\r\n";
            string answer = await _host.Api.SendRawAsync(
                $"GET {target} HTTP/1.1\r\nHost: x\r\n{authorization}Connection: close\r\n\r\n");
            Assert.DoesNotContain("secret", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("c2VjcmV0", answer, StringComparison.Ordinal);
        }
    }

    /// <summary>Consul, the same of headers.</summary>
    [Fact]
    public async Task CVE_2024_10006_two_headers_of_a_name_prove_nothing()
    {
        string answer = await _host.Api.SendRawAsync(
            "GET /api/v1/kv/b/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            + $"Authorization: {Basic("ann").Value}\r\nAuthorization: {Basic("root").Value}\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 401", answer, StringComparison.Ordinal);
    }

    /// <summary>ZooKeeper: a node's list of rights, with hashes in it, was anybody's to read.</summary>
    [Fact]
    public async Task CVE_2019_0201_whose_rights_are_what_is_told_to_root_and_no_hash_to_anybody()
    {
        foreach (string path in (string[])["/api/v1/auth/users", "/api/v1/auth/users/bob", "/api/v1/auth/roles", "/api/v1/auth/roles/bob"])
        {
            Assert.Equal(403, await _host.StatusAsync("ann", "GET", path));
            string shown = await _host.TextAsync("root", "GET", path);
            Assert.DoesNotContain("pbkdf2", shown, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("hash", shown, StringComparison.OrdinalIgnoreCase);
        }

        foreach (string call in (string[])["user/get", "role/get", "user/list", "role/list"])
        {
            string text = await _host.TextAsync("ann", "POST", "/v3/auth/" + call, """{"name":"bob","role":"bob"}""");
            Assert.Contains("permission denied", text, StringComparison.Ordinal);
        }
    }

    /// <summary>ZooKeeper: a member whose proof left its name out was taken for any.</summary>
    [Fact]
    public void CVE_2023_44981_a_proof_without_a_name_proves_no_member()
    {
        foreach (string[] names in (string[][])[[], [""], ["n2"], ["N1"], ["n1."], ["*"]])
        {
            Assert.False(new MemberProof(names).Covers("n1"));
        }

        Assert.True(new MemberProof(["n1"]).Covers("n1"));
    }

    /// <summary>ZooKeeper: a watch over a parent told the names of children that its owner may not read.</summary>
    [Fact]
    public async Task CVE_2024_23944_a_watch_tells_no_name_that_its_owner_may_not_read()
    {
        foreach (string query in (string[])["prefix=", "prefix=a", "start=a/", "start=a/1&end=c"])
        {
            Assert.Equal(403, await _host.StatusAsync("ann", "GET", $"/api/v1/watch?{query}&startRevision=1&timeout=1ms"));
        }

        string told = await _host.TextAsync("ann", "GET", "/api/v1/watch?prefix=a/&startRevision=1&timeout=1ms");
        Assert.DoesNotContain("b/1", told, StringComparison.Ordinal);
    }

    /// <summary>ZooKeeper: an address that a header named was believed.</summary>
    [Fact]
    public async Task CVE_2024_51504_an_address_that_a_header_names_is_nobodys()
    {
        var shares = new ShareOptions { OfEveryone = new ShareTerms(2, 0) };
        await using AccessHost host = await AccessHost.StartAsync(
            new ApiOptions { Shares = shares, Time = new Client.ManualTimeProvider() });
        int[] statuses = new int[4];
        for (int i = 0; i < statuses.Length; i++)
        {
            (string, string)[] headers =
                [("X-Forwarded-For", $"10.0.0.{i}"), ("X-Real-IP", $"10.0.0.{i}"), ("Forwarded", $"for=10.0.0.{i}")];
            statuses[i] = (int)(await host.AsAsync("", "GET", "/api/v1/kv/a/1", null, headers)).StatusCode;
        }

        Assert.Equal([401, 401, 429, 429], statuses);
    }

    /// <summary>ZooKeeper: snapshots and restores asked for too little.</summary>
    [Fact]
    public async Task CVE_2025_58457_a_snapshot_is_for_those_with_the_right_to_backups()
    {
        await _host.UserAsync("most", KeyRights.All, "", All & ~OperationRights.Backup);
        (string, string)[] calls = [("GET", "/api/v1/snapshot"), ("GET", "/api/v1/backups"), ("POST", "/api/v1/backups")];
        foreach ((string method, string path) in calls)
        {
            Assert.Equal(401, await _host.StatusAsync("", method, path));
            Assert.Equal(403, await _host.StatusAsync("most", method, path));
        }

        string text = await _host.TextAsync("most", "POST", "/v3/maintenance/snapshot", "{}");
        Assert.Contains("permission denied", text, StringComparison.Ordinal);
    }

    private async Task<int> ByTokenAsync(string token) =>
        (int)(await _host.Api.SendAsync("GET", "/api/v1/kv/a/1", null, null, Bearer(token))).StatusCode;
}
