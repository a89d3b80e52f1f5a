using dotnet_etcd;
using Etcdserverpb;
using Grpc.Core;
using RaftKv.EtcdConformance.Servers;

namespace RaftKv.EtcdConformance.Foreign.Dotnet;

/// <summary>
/// dotnet-etcd with a user's name and password over TLS, on three nodes: what is outside his prefix is refused in etcd's words.
/// </summary>
[Collection(SecuredServerCollection.Name)]
public sealed class DotnetEtcdPasswordTests(SecuredServer server)
{
    private const string Denied = "PermissionDenied etcdserver: permission denied";

    [Fact]
    public async Task It_logs_in_over_tls_and_is_refused_outside_its_prefix()
    {
        using EtcdClient client = DotnetEtcdTests.TlsClient(server.Endpoints, "localhost", server.RootFile);
        client.SetCredentials(SecuredServer.User, SecuredServer.Password);
        var transcript = new Transcript();
        await DotnetEtcdCare.UseRightsAsync(client, transcript);
        Assert.Equal(
            [
                "put: ok",
                "get: 1",
                "range: 1",
                "lock: app/lock/",
                $"put outside: {Denied}",
                $"get outside: {Denied}",
                $"range over more: {Denied}",
                $"delete outside: {Denied}",
                "lock outside: Unknown etcdserver: permission denied",
                $"txn outside: {Denied}",
                "delete: 1",
            ],
            transcript.Lines);
    }

    [Fact]
    public async Task A_watch_of_its_prefix_goes_and_one_of_another_ends_with_the_reason()
    {
        using EtcdClient client = DotnetEtcdTests.TlsClient(server.Endpoints, "localhost", server.RootFile);
        client.SetCredentials(SecuredServer.User, SecuredServer.Password);
        var own = new TaskCompletionSource<WatchResponse>(TaskCreationOptions.RunContinuationsAsynchronously);
        await client.WatchRangeAsync("app/", (WatchResponse answer) => _ = answer.Events.Count > 0 && own.TrySetResult(answer));
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => client.WatchRangeAsync("b/", static (WatchResponse _) => { }));
        Assert.Contains("permission denied", refused.Status.Detail, StringComparison.Ordinal);
        await client.PutAsync("app/watched", "1");
        Assert.Equal("app/watched", (await own.Task.WaitAsync(TimeSpan.FromMinutes(1))).Events[0].Kv.Key.ToStringUtf8());
    }

    [Fact]
    public async Task A_wrong_password_and_an_unknown_root_are_told()
    {
        using EtcdClient client = DotnetEtcdTests.TlsClient(server.Endpoints, "localhost", server.RootFile);
        var wrong = new AuthenticateRequest { Name = SecuredServer.User, Password = "wrong" };
        RpcException refused = await Assert.ThrowsAsync<RpcException>(() => client.AuthenticateAsync(wrong));
        Assert.Equal(
            (StatusCode.InvalidArgument, "etcdserver: authentication failed, invalid user ID or password"),
            (refused.StatusCode, refused.Status.Detail));
        using var stranger = new EtcdClient(server.Endpoints, static _ => { }, serverName: "localhost");
        RpcException distrusted = await Assert.ThrowsAsync<RpcException>(
            () => stranger.GetAsync("app/a", deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(30)));
        Assert.True(distrusted.StatusCode is StatusCode.Internal or StatusCode.Unavailable, distrusted.ToString());
    }
}
