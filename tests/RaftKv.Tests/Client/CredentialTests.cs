using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using RaftKv.Client;
using RaftKv.Core.Store.Commands;
using RaftKv.Security.Jwt;
using RaftKv.Service.Access;
using RaftKv.Service.Calls;
using RaftKv.Tests.Access;
using RaftKv.Tests.Api;
using static RaftKv.Tests.Access.AccessHost;

namespace RaftKv.Tests.Client;

/// <summary>The client's credentials against the real doors: what is renewed is renewed under calls, and once for all of them.</summary>
public sealed class CredentialTests
{
    [Fact]
    public async Task A_password_has_its_users_rights_and_no_others()
    {
        await using AccessHost host = await HostAsync();
        await using RaftKvClient ann = ClientOf(host, RaftKvCredentials.Password("ann", "ann-password"));
        await ann.PutAsync("a/1", "x");
        Assert.Equal("x", (await ann.GetAsync("a/1"))!.GetString());
        Assert.Equal("access-denied", (await Assert.ThrowsAnyAsync<RaftKvException>(() => ann.PutAsync("b/1", "x"))).Code);
        await using RaftKvClient wrong = ClientOf(host, RaftKvCredentials.Password("ann", "another"));
        RaftKvException refused = await Assert.ThrowsAnyAsync<RaftKvException>(() => wrong.PutAsync("a/1", "y"));
        Assert.Equal(("unauthenticated", Outcome.NotApplied), (refused.Code, refused.Outcome));
        Assert.DoesNotContain("another", refused.ToString(), StringComparison.Ordinal);
        await using RaftKvClient nobody = ClientOf(host, credentials: null);
        Assert.Equal("unauthenticated", (await Assert.ThrowsAnyAsync<RaftKvException>(() => nobody.GetAsync("a/1"))).Code);
    }

    [Fact]
    public async Task A_password_is_changed_under_calls_and_none_fails()
    {
        await using AccessHost host = await HostAsync();
        using var changing = new SemaphoreSlim(1);
        string password = "ann-password";
        int asked = 0;
        await using RaftKvClient client = ClientOf(host, RaftKvCredentials.FromPasswords("ann", async cancelled =>
        {
            await changing.WaitAsync(cancelled);
            Interlocked.Increment(ref asked);
            string now = password;
            changing.Release();
            return now;
        }));
        await UnderCallsAsync(client, async round =>
        {
            await changing.WaitAsync();
            password = string.Create(CultureInfo.InvariantCulture, $"password-{round}");
            await host.ChangeAsync(new SetPassword(Bytes("ann"), PasswordHash.Make(password, 1)));
            changing.Release();
        });
        Assert.Equal(4, asked);
    }

    [Fact]
    public async Task A_token_is_revoked_under_calls_and_another_one_is_asked_for_once()
    {
        await using AccessHost host = await HostAsync();
        using var changing = new SemaphoreSlim(1);
        (string text, string id) = await ApiTokenAsync(host);
        int asked = 0;
        await using RaftKvClient client = ClientOf(host, RaftKvCredentials.FromTokens(async cancelled =>
        {
            await changing.WaitAsync(cancelled);
            Interlocked.Increment(ref asked);
            string now = text;
            changing.Release();
            return now;
        }));
        await UnderCallsAsync(client, async _ =>
        {
            await changing.WaitAsync();
            Assert.InRange(await host.StatusAsync("ann", "DELETE", "/api/v1/auth/tokens/" + id), 200, 204);
            (text, id) = await ApiTokenAsync(host);
            changing.Release();
        });
        Assert.Equal(4, asked);
    }

    [Fact]
    public async Task A_token_that_was_revoked_and_is_not_renewed_ends_the_calls_and_nothing_is_applied()
    {
        await using AccessHost host = await HostAsync();
        (string text, string id) = await ApiTokenAsync(host);
        await using RaftKvClient client = ClientOf(host, RaftKvCredentials.Token(text));
        await client.PutAsync("a/1", "x");
        Assert.InRange(await host.StatusAsync("ann", "DELETE", "/api/v1/auth/tokens/" + id), 200, 204);
        RaftKvException refused = await Assert.ThrowsAnyAsync<RaftKvException>(() => client.PutAsync("a/1", "y"));
        Assert.Equal(("unauthenticated", Outcome.NotApplied), (refused.Code, refused.Outcome));
        Assert.Equal("x", await (await host.AsAsync("ann", "GET", "/api/v1/kv/a/1?raw")).Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Tokens_of_an_issuer_end_under_calls_and_are_asked_for_once_each()
    {
        var time = new ManualTimeProvider();
        time.Advance(TimeSpan.FromDays(20_000));
        await using TestIssuer issuer = await TestIssuer.StartAsync();
        using var judge = new JwtJudge(
            new JwtOptions { Issuer = issuer.Name, Audiences = ["raftkv"] }, time, NullLogger.Instance);
        await using AccessHost host = await HostAsync(new ApiOptions { Time = time, Jwt = judge });
        int asked = 0;
        await using RaftKvClient client = ClientOf(host, RaftKvCredentials.FromTokens(_ =>
        {
            Interlocked.Increment(ref asked);
            return ValueTask.FromResult(issuer.Token(issuer.Claims(time)));
        }));
        await UnderCallsAsync(client, _ =>
        {
            time.Advance(TimeSpan.FromSeconds(331));
            return Task.CompletedTask;
        });
        Assert.Equal(4, asked);
    }

    [Fact]
    public async Task Whoever_gives_tokens_and_fails_fails_the_call_and_is_asked_again_by_the_next()
    {
        await using AccessHost host = await HostAsync();
        (string text, _) = await ApiTokenAsync(host);
        int asked = 0;
        await using RaftKvClient client = ClientOf(host, RaftKvCredentials.FromTokens(_ =>
            ++asked == 1 ? throw new InvalidOperationException("the vault is shut") : ValueTask.FromResult(text)));
        await Assert.ThrowsAnyAsync<Exception>(() => client.GetAsync("a/1"));
        Assert.Null(await client.GetAsync("a/1"));
        Assert.Equal(2, asked);
    }

    [Fact]
    public void Secrets_are_in_no_text_of_credentials()
    {
        Assert.DoesNotContain("secret", RaftKvCredentials.Password("ann", "secret").ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", RaftKvCredentials.Token("secret").ToString(), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => RaftKvCredentials.Password("a:b", "x"));
        Assert.Throws<ArgumentException>(() => RaftKvCredentials.FromPasswords("a:b", _ => ValueTask.FromResult("x")));
    }

    // Four callers that never pause, while something changes three times; each sees that its calls go on after each change.
    private static async Task UnderCallsAsync(RaftKvClient client, Func<int, Task> change)
    {
        using var done = new CancellationTokenSource();
        int[] counts = new int[4];
        Task[] callers = [.. Enumerable.Range(0, counts.Length).Select(i => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                await client.PutAsync($"a/{i}", "x");
                await client.GetAsync($"a/{i}");
                Interlocked.Increment(ref counts[i]);
            }
        }))];
        try
        {
            for (int round = 0; round < 3; round++)
            {
                await AllCallAsync(counts, callers);
                await change(round);
            }

            await AllCallAsync(counts, callers);
        }
        finally
        {
            await done.CancelAsync();
            await Task.WhenAll(callers);
        }
    }

    private static async Task AllCallAsync(int[] counts, Task[] callers)
    {
        int[] before = [.. counts];
        await Support.Eventually.TrueAsync(() => callers.Any(static caller => caller.IsFaulted)
            || Enumerable.Range(0, counts.Length).All(i => Volatile.Read(ref counts[i]) > before[i] + 1));
    }

    private static async Task<AccessHost> HostAsync(ApiOptions? options = null)
    {
        AccessHost host = await AccessHost.StartAsync(options);
        await host.UserAsync("ann", KeyRights.Read | KeyRights.Write, "a/");
        return host;
    }

    private static RaftKvClient ClientOf(AccessHost host, RaftKvCredentials? credentials) =>
        new(new RaftKvClientOptions { Endpoints = [host.Api.Address], Credentials = credentials });

    private static async Task<(string Text, string Id)> ApiTokenAsync(AccessHost host)
    {
        JsonElement made = await (await host.AsAsync("ann", "POST", "/api/v1/auth/tokens", "{}")).JsonAsync();
        return (made.GetProperty("token").GetString()!, made.GetProperty("id").GetString()!);
    }
}
