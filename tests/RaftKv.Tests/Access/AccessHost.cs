using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Access;
using RaftKv.Service.Calls;
using RaftKv.Tests.Api;

namespace RaftKv.Tests.Access;

/// <summary>A node with users, on which rights are in force: each user's password is its name and "-password".</summary>
internal sealed class AccessHost : IAsyncDisposable
{
    private AccessHost(ApiHost api) => Api = api;

    public ApiHost Api { get; }

    public static async Task<AccessHost> StartAsync(
        ApiOptions? options = null, bool isEnabled = true, HttpProtocols protocols = HttpProtocols.Http1AndHttp2,
        Action<ListenOptions>? secure = null)
    {
        ApiHost api = await ApiHost.StartAsync(
            new SingleNodeFake(), (options ?? new ApiOptions()) with { PasswordTurns = 1 }, protocols, secure);
        var host = new AccessHost(api);
        await host.ChangeAsync(new AddUser(Bytes("root"), PasswordHash.Make("root-password", 1)));
        await host.ChangeAsync(new GrantRole(Bytes("root"), Bytes("root")));
        if (isEnabled)
        {
            await host.ChangeAsync(new EnableAccess());
        }

        return host;
    }

    public static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    public static KeyRange Prefix(string prefix) => KeyRange.Prefix(Bytes(prefix));

    /// <summary>A user with a role of its own name.</summary>
    public async Task UserAsync(
        string name, KeyRights rights = KeyRights.None, string prefix = "", OperationRights operations = OperationRights.None)
    {
        await ChangeAsync(new AddUser(Bytes(name), PasswordHash.Make(name + "-password", 1)));
        await ChangeAsync(new AddRole(Bytes(name)));
        await ChangeAsync(new GrantRole(Bytes(name), Bytes(name)));
        await ChangeAsync(new SetOperations(Bytes(name), operations));
        if (rights != KeyRights.None)
        {
            await ChangeAsync(new GrantKeys(Bytes(name), Prefix(prefix), rights));
        }
    }

    public Task ChangeAsync(AccessChange change) => Api.ApplyAsync(new ChangeAccessCommand(change) { Principal = Principals.Root });

    public static (string Name, string Value) Basic(string user, string? password = null) => (
        "Authorization", "Basic " + Convert.ToBase64String(Bytes($"{user}:{password ?? user + "-password"}")));

    public static (string Name, string Value) Bearer(string token) => ("Authorization", "Bearer " + token);

    /// <summary>Sends as a user; an empty name is nobody in particular.</summary>
    public Task<HttpResponseMessage> AsAsync(
        string user, string method, string path, string? body = null, params (string Name, string Value)[] headers) =>
        Api.SendAsync(
            method, path, body, body is null ? null : "application/json", user.Length == 0 ? headers : [Basic(user), .. headers]);

    public async Task<int> StatusAsync(string user, string method, string path, string? body = null) =>
        (int)(await AsAsync(user, method, path, body)).StatusCode;

    public async Task<string> TextAsync(string user, string method, string path, string? body = null) =>
        await (await AsAsync(user, method, path, body)).Content.ReadAsStringAsync();

    public async Task<string> LoginAsync(string user)
    {
        HttpResponseMessage answer = await Api.PostAsync(
            "/api/v1/auth/login", $$"""{"user":"{{user}}","password":"{{user}}-password"}""");
        return (await answer.JsonAsync()).GetProperty("token").GetString()!;
    }

    public ValueTask DisposeAsync() => Api.DisposeAsync();
}
