using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging.Abstractions;
using RaftKv.Core.Store.Commands;
using RaftKv.Security.Jwt;
using RaftKv.Service.Calls;
using RaftKv.Tests.Api;
using RaftKv.Tests.Client;
using static RaftKv.Tests.Access.AccessHost;

namespace RaftKv.Tests.Access;

/// <summary>JSON Web Tokens of an issuer: which are taken for whom, and that none of the known tricks is.</summary>
public sealed class JwtTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private TestIssuer _issuer = null!;
    private JwtJudge? _judge;

    public async Task InitializeAsync()
    {
        _time.Advance(TimeSpan.FromDays(20_000));
        _issuer = await TestIssuer.StartAsync();
    }

    public async Task DisposeAsync()
    {
        _judge?.Dispose();
        await _issuer.DisposeAsync();
    }

    [Fact]
    public async Task A_token_of_the_issuer_has_the_rights_of_its_user_at_every_door_and_no_others()
    {
        await using AccessHost host = await HostAsync();
        string token = _issuer.Token(_issuer.Claims(_time));
        Assert.Equal(404, await StatusAsync(host, token));
        Assert.Equal(403, await StatusAsync(host, token, "/api/v1/kv/b/1"));
        Assert.Equal(201, (int)(await host.Api.SendAsync("PUT", "/api/v1/kv/a/1", "x", null, Bearer(token))).StatusCode);
        Assert.Equal(403, (int)(await host.Api.SendAsync("PUT", "/api/v1/kv/b/1", "x", null, Bearer(token))).StatusCode);
        foreach ((string Name, string Value) header in ((string, string)[])[Bearer(token), ("Authorization", token), ("token", token)])
        {
            HttpResponseMessage read = await host.Api.PostAsync("/v3/kv/range", """{"key":"YS8x"}""", header);
            Assert.Contains("\"count\":\"1\"", await read.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal(403, (int)(await host.Api.PostAsync("/v3/kv/range", """{"key":"Yi8x"}""", header)).StatusCode);
        }

        JsonObject nobody = _issuer.Claims(_time, "nobody-here");
        Assert.Equal(401, await StatusAsync(host, _issuer.Token(nobody)));
        Assert.Equal(1, _issuer.AskedCount);
    }

    [Fact]
    public async Task A_call_of_gRPC_shows_a_token_in_authorization_or_in_token()
    {
        await using AccessHost host = await HostAsync(HttpProtocols.Http2);
        string token = _issuer.Token(_issuer.Claims(_time));
        string other = _issuer.Token(_issuer.Claims(_time), sign: new SigningKey("k1").Sign);
        foreach ((string shown, string? status) in ((string, string?)[])[(token, "3"), (other, "16")])
        {
            foreach ((string name, string value) in ((string, string)[])[("authorization", "Bearer " + shown), ("token", shown)])
            {
                var request = new HttpRequestMessage(HttpMethod.Post, "/etcdserverpb.KV/Range")
                {
                    Version = new Version(2, 0),
                    VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                    Content = new ByteArrayContent([0, 0, 0, 0, 0]),
                };
                request.Content.Headers.ContentType = new("application/grpc");
                request.Headers.TryAddWithoutValidation(name, value);
                HttpResponseMessage answer = await host.Api.Client.SendAsync(request);

                // Whoever is known is told that his message has no key.
                Assert.Equal(status, answer.Header("grpc-status"));
            }
        }
    }

    public static TheoryData<string> Tricks() => new()
    {
        "no algorithm", "no algorithm, no signature", "None", "signed with the public key as a secret", "the key of another",
        "the key of another as jwk",
        "a set of keys elsewhere", "over", "not yet", "no end", "another audience", "no audience", "another issuer", "no issuer",
        "no user", "an empty user", "two users", "root", "critical extension", "cut signature", "changed claims",
        "encrypted type", "unknown key",
        "a symmetric key of the set", "a short key of the set", "key for encryption",
    };

    [Theory]
    [MemberData(nameof(Tricks))]
    public async Task None_of_the_known_tricks_is_taken_and_all_are_told_the_same(string trick)
    {
        await using AccessHost host = await HostAsync();
        Assert.Equal(404, await StatusAsync(host, _issuer.Token(_issuer.Claims(_time))));
        string token = Make(trick);
        _time.Advance(JwtKeys.MinInterval);
        HttpResponseMessage refused = await host.Api.SendAsync("GET", "/api/v1/kv/a/1", null, null, Bearer(token));
        string detail = (await refused.ProblemAsync(401, "unauthenticated")).GetProperty("detail").GetString()!;
        HttpResponseMessage nonsense = await host.Api.SendAsync("GET", "/api/v1/kv/a/1", null, null, Bearer("rkl.nonsense"));
        Assert.Equal((await nonsense.JsonAsync()).GetProperty("detail").GetString(), detail);
        HttpResponseMessage gateway = await host.Api.PostAsync("/v3/kv/range", """{"key":"YS8x"}""", Bearer(token));
        Assert.Equal(401, (int)gateway.StatusCode);
        Assert.Contains("invalid auth token", await gateway.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private string Make(string trick)
    {
        JsonObject claims = _issuer.Claims(_time);
        JsonObject header = new() { ["alg"] = "RS256", ["typ"] = "JWT", ["kid"] = "k1" };
        long now = _time.GetUtcNow().ToUnixTimeSeconds();
        var other = new SigningKey("k1");
        var secret = new SigningKey("oct");
        Func<byte[], byte[]>? sign = null;
        switch (trick)
        {
            case "no algorithm": header["alg"] = "none"; break;
            case "no algorithm, no signature": header["alg"] = "none"; sign = static _ => []; break;
            case "None": header["alg"] = "NoNe"; sign = static _ => []; break;
            case "signed with the public key as a secret":
                header["alg"] = "HS256";
                sign = bytes => HMACSHA256.HashData(Encoding.ASCII.GetBytes(_issuer.Key.Rsa.ExportSubjectPublicKeyInfoPem()), bytes);
                break;
            case "the key of another": sign = other.Sign; break;
            case "the key of another as jwk": header["jwk"] = other.Public(); sign = other.Sign; break;
            case "a set of keys elsewhere": header["jku"] = "http://127.0.0.1:1/keys"; sign = other.Sign; break;
            case "over": claims["exp"] = now - 31; break;
            case "not yet": claims["nbf"] = now + 60; break;
            case "no end": claims.Remove("exp"); break;
            case "another audience": claims["aud"] = "another-service"; break;
            case "no audience": claims.Remove("aud"); break;
            case "another issuer": claims["iss"] = _issuer.Name + "/"; break;
            case "no issuer": claims.Remove("iss"); break;
            case "no user": claims.Remove("sub"); break;
            case "an empty user": claims["sub"] = ""; break;
            case "two users": claims["sub"] = new JsonArray("ann", "bob"); break;
            case "root": claims["sub"] = "root"; break;
            case "critical extension": header["crit"] = new JsonArray("exp"); break;
            case "cut signature": sign = bytes => _issuer.Key.Sign(bytes)[..^1]; break;
            case "encrypted type": header["typ"] = "logout+jwt"; break;
            case "unknown key": header["kid"] = "k9"; break;
            case "a symmetric key of the set":
                _issuer.MoreKeys.Add(new JsonObject { ["kty"] = "oct", ["kid"] = "oct", ["k"] = Base64Url.EncodeToString(new byte[64]) });
                (header["alg"], header["kid"]) = ("HS256", "oct");
                sign = static bytes => HMACSHA256.HashData(new byte[64], bytes);
                break;
            case "a short key of the set":
                var small = new SigningKey("small", 1024);
                _issuer.MoreKeys.Add((JsonObject)small.Public());
                header["kid"] = "small";
                sign = small.Sign;
                break;
            case "key for encryption":
                JsonObject shown = (JsonObject)secret.Public();
                shown["use"] = "enc";
                _issuer.MoreKeys.Add(shown);
                header["kid"] = "oct";
                sign = secret.Sign;
                break;
        }

        string token = _issuer.Token(claims, header, sign);
        return trick == "changed claims"
            ? string.Join('.', token.Split('.')[0], _issuer.Token(_issuer.Claims(_time, "bob")).Split('.')[1], token.Split('.')[2])
            : token;
    }

    [Fact]
    public async Task A_clock_that_is_off_by_no_more_than_the_skew_does_no_harm()
    {
        await using AccessHost host = await HostAsync();
        JsonObject claims = _issuer.Claims(_time);
        claims["exp"] = _time.GetUtcNow().ToUnixTimeSeconds() - 29;
        claims["nbf"] = _time.GetUtcNow().ToUnixTimeSeconds() + 29;
        string token = _issuer.Token(claims);
        Assert.Equal(404, await StatusAsync(host, token));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(401, await StatusAsync(host, token));
        Assert.Null((await _judge!.JudgeAsync(token)).User);
    }

    [Fact]
    public async Task New_keys_are_found_a_withdrawn_one_goes_and_strangers_do_not_make_a_node_ask_without_end()
    {
        await using AccessHost host = await HostAsync();
        JsonObject claims = _issuer.Claims(_time);
        claims["exp"] = _time.GetUtcNow().ToUnixTimeSeconds() + 86_400;
        string old = _issuer.Token(claims);
        Assert.Equal(404, await StatusAsync(host, old));
        _issuer.Key = new SigningKey("k2");
        _issuer.Published.Add(_issuer.Key);
        string fresh = _issuer.Token(claims);
        _time.Advance(JwtKeys.MinInterval);
        Assert.Equal(404, await StatusAsync(host, fresh));
        Assert.Equal(404, await StatusAsync(host, old));
        Assert.Equal(2, _issuer.AskedCount);
        for (int i = 0; i < 50; i++)
        {
            JsonObject header = new() { ["alg"] = "RS256", ["kid"] = $"made-up-{i}" };
            Assert.Equal(401, await StatusAsync(host, _issuer.Token(claims, header)));
        }

        Assert.Equal(2, _issuer.AskedCount);
        _issuer.Published.RemoveAt(0);
        _time.Advance(JwtKeys.MaxAge);
        Assert.Equal(401, await StatusAsync(host, old));
        Assert.Equal(404, await StatusAsync(host, fresh));
        Assert.Equal(3, _issuer.AskedCount);
    }

    [Fact]
    public async Task An_issuer_that_is_away_stops_nobody_whose_key_is_known_and_is_no_reason_to_log_in_again()
    {
        _issuer.IsAway = true;
        await using AccessHost host = await HostAsync();
        HttpResponseMessage unknown = await host.Api.SendAsync(
            "GET", "/api/v1/kv/a/1", null, null, Bearer(_issuer.Token(_issuer.Claims(_time))));
        await unknown.ProblemAsync(503, "not-ready");
        _issuer.IsAway = false;
        _time.Advance(JwtKeys.MinInterval);
        string token = _issuer.Token(_issuer.Claims(_time));
        Assert.Equal(404, await StatusAsync(host, token));
        _issuer.IsAway = true;
        _time.Advance(JwtKeys.MaxAge);
        Assert.Equal(404, await StatusAsync(host, _issuer.Token(_issuer.Claims(_time))));

        // What another issuer says of its keys is no word of this one.
        _issuer.IsAway = false;
        _issuer.SaysName = "https://elsewhere.example";
        _issuer.Key = new SigningKey("k3");
        _issuer.Published.Add(_issuer.Key);
        _time.Advance(JwtKeys.MaxAge);
        Assert.Equal(401, await StatusAsync(host, _issuer.Token(_issuer.Claims(_time))));
    }

    [Fact]
    public async Task Keys_of_a_file_need_no_issuer_that_answers_and_an_elliptic_curve_will_do()
    {
        string path = Path.GetTempFileName();
        try
        {
            using var curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            ECParameters point = curve.ExportParameters(includePrivateParameters: false);
            _issuer.MoreKeys.Add(new JsonObject
            {
                ["kty"] = "EC",
                ["crv"] = "P-256",
                ["kid"] = "ec",
                ["x"] = Base64Url.EncodeToString(point.Q.X),
                ["y"] = Base64Url.EncodeToString(point.Q.Y),
            });
            await File.WriteAllTextAsync(path, _issuer.KeySet());
            await using AccessHost host = await HostAsync(options: o => o with { KeysFile = path });
            JsonObject header = new() { ["alg"] = "ES256", ["kid"] = "ec" };
            Assert.Equal(404, await StatusAsync(
                host, _issuer.Token(_issuer.Claims(_time), header, bytes => curve.SignData(bytes, HashAlgorithmName.SHA256))));
            Assert.Equal(404, await StatusAsync(host, _issuer.Token(_issuer.Claims(_time))));
            Assert.Equal(0, _issuer.AskedCount);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task Claims_are_mapped_to_users_by_name_prefix_and_value()
    {
        await using AccessHost host = await HostAsync(options: o => o with
        {
            UserClaim = "preferred_username",
            UserPrefix = "oidc:",
            Mappings = [new JwtMapping("groups", "operators", "root"), new JwtMapping("groups", "staff", "bob")],
        });
        await host.UserAsync("oidc:ann", KeyRights.Read, "a/");
        JsonObject claims = _issuer.Claims(_time, "8d3f");
        claims["preferred_username"] = "ann";
        Assert.Equal(404, await StatusAsync(host, _issuer.Token(claims)));
        Assert.Equal(403, await StatusAsync(host, _issuer.Token(claims), "/api/v1/kv/b/1"));
        claims["groups"] = new JsonArray("guests", "staff");
        Assert.Equal(403, await StatusAsync(host, _issuer.Token(claims)));
        Assert.Equal(404, await StatusAsync(host, _issuer.Token(claims), "/api/v1/kv/b/1"));
        claims["groups"] = "operators";
        Assert.Equal(200, await StatusAsync(host, _issuer.Token(claims), "/api/v1/auth/users"));
        claims["groups"] = "operators2";
        Assert.Equal(403, await StatusAsync(host, _issuer.Token(claims), "/api/v1/auth/users"));
    }

    [Fact]
    public async Task S2_a_watch_ends_with_the_token_that_it_was_opened_with()
    {
        await using AccessHost host = await HostAsync();
        foreach (bool isOfIssuer in (bool[])[true, false])
        {
            (string Name, string Value) shown = Bearer(
                isOfIssuer ? _issuer.Token(_issuer.Claims(_time)) : await ApiTokenAsync(host));
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/watch?prefix=a/");
            request.Headers.TryAddWithoutValidation(shown.Name, shown.Value);
            request.Headers.Add("Accept", "text/event-stream");
            using HttpResponseMessage answer = await host.Api.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
            await host.AsAsync("root", "PUT", "/api/v1/kv/a/1", "seen");
            while (!(await reader.ReadLineAsync())!.Contains("seen", StringComparison.Ordinal))
            {
            }

            _time.Advance(TimeSpan.FromSeconds(331));
            await host.AsAsync("root", "PUT", "/api/v1/kv/a/1", "unseen");
            string rest = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Contains("access-denied", rest, StringComparison.Ordinal);
            Assert.DoesNotContain("unseen", rest, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_that_ends_makes_none_that_lasts_longer()
    {
        await using AccessHost host = await HostAsync();
        foreach (string token in (string[])[_issuer.Token(_issuer.Claims(_time)), await ApiTokenAsync(host)])
        {
            foreach ((string body, int status) in ((string, int)[])[("{}", 400), ("""{"ttl":"400s"}""", 400), ("""{"ttl":"200s"}""", 201)])
            {
                Assert.Equal(status, (int)(await host.Api.PostAsync("/api/v1/auth/tokens", body, Bearer(token))).StatusCode);
            }
        }
    }

    [Fact]
    public async Task Without_an_issuer_no_such_token_is_taken()
    {
        await using AccessHost host = await AccessHost.StartAsync(new ApiOptions { Time = _time });
        await host.UserAsync("ann", KeyRights.All, "a/");
        Assert.Equal(401, await StatusAsync(host, _issuer.Token(_issuer.Claims(_time))));
        Assert.Equal(0, _issuer.AskedCount);
    }

    private async Task<AccessHost> HostAsync(
        HttpProtocols protocols = HttpProtocols.Http1AndHttp2, Func<JwtOptions, JwtOptions>? options = null)
    {
        var usual = new JwtOptions { Issuer = _issuer.Name, Audiences = ["raftkv", "other"] };
        _judge = new JwtJudge(options?.Invoke(usual) ?? usual, _time, NullLogger.Instance);
        AccessHost host = await AccessHost.StartAsync(new ApiOptions { Time = _time, Jwt = _judge }, protocols: protocols);
        await host.UserAsync("ann", KeyRights.Read | KeyRights.Write | KeyRights.Watch, "a/");
        await host.UserAsync("bob", KeyRights.Read, "b/");
        return host;
    }

    private static async Task<string> ApiTokenAsync(AccessHost host)
    {
        HttpResponseMessage made = await host.AsAsync("ann", "POST", "/api/v1/auth/tokens", """{"ttl":"300s"}""");
        return (await made.JsonAsync()).GetProperty("token").GetString()!;
    }

    private static async Task<int> StatusAsync(AccessHost host, string token, string path = "/api/v1/kv/a/1") =>
        (int)(await host.Api.SendAsync("GET", path, null, null, Bearer(token))).StatusCode;
}
