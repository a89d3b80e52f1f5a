using Microsoft.Extensions.Logging.Abstractions;
using RaftKv.Client;
using RaftKv.Core.Store.Commands;
using RaftKv.Hosting;
using RaftKv.Tests.Access;
using RaftKv.Tests.Security;
using static RaftKv.Tests.Access.AccessHost;

namespace RaftKv.Tests.Client;

/// <summary>A client that shows nothing but its certificate does what its user may do, and no more, at a real port with TLS.</summary>
public sealed class CertificateTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("raftkv-certificate-").FullName;
    private TestAuthority _authority = null!;
    private NodeTls _tls = null!;
    private AccessHost _host = null!;

    public async Task InitializeAsync()
    {
        _authority = new TestAuthority(_directory);
        _authority.WriteNode("n1");
        var files = new TlsOptions
        {
            Certificate = _authority.Files.CertificateFile("n1"),
            Key = _authority.Files.KeyFile("n1"),
            Authority = _authority.RootFile,
            ClientAuth = "request",
        };
        _tls = NodeTls.Open(
            new NodeOptions { PeerUrl = ServerUrl.Parse("http://127.0.0.1:2380", "", out _), Tls = files }, TimeProvider.System,
            NullLogger.Instance);
        _host = await AccessHost.StartAsync(secure: listen => _tls.ListenForClients(listen, TimeSpan.FromSeconds(60)));
        await _host.UserAsync("ann", KeyRights.All, "a/");
        await _host.UserAsync("bob", KeyRights.Read, "b/");
    }

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        _tls.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_certificate_has_the_rights_of_its_user_and_no_others()
    {
        await using RaftKvClient ann = ClientOf("ann");
        await ann.PutAsync("a/1", "x");
        Assert.Equal("x", await ann.GetStringAsync("a/1"));
        await using (LockHandle held = await ann.Locks.AcquireAsync("a/l", TimeSpan.FromSeconds(60)))
        {
            Assert.True(held.FencingToken > 0);
        }

        await DeniedAsync(() => ann.PutAsync("b/1", "x"));
        await DeniedAsync(() => ann.GetStringAsync("b/1"));
        await DeniedAsync(() => ann.Locks.TryAcquireAsync("b/l", TimeSpan.FromSeconds(60)));
        await DeniedAsync(() => ann.CompactAsync(1));

        await using RaftKvClient bob = ClientOf("bob");
        Assert.Null(await bob.GetStringAsync("b/1"));
        await DeniedAsync(() => bob.PutAsync("b/1", "x"));
        await DeniedAsync(() => bob.GetStringAsync("a/1"));
    }

    [Fact]
    public async Task What_a_certificate_may_ends_with_its_users_rights_and_with_its_user()
    {
        await using RaftKvClient ann = ClientOf("ann");
        await ann.PutAsync("a/1", "x");
        await _host.ChangeAsync(new RevokeRole(Bytes("ann"), Bytes("ann")));
        await DeniedAsync(() => ann.PutAsync("a/1", "y"));
        await _host.ChangeAsync(new RemoveUser(Bytes("ann")));
        await UnknownAsync(() => ann.PutAsync("a/1", "y"));
    }

    [Fact]
    public async Task A_certificate_of_no_user_of_a_node_or_none_at_all_is_nobody()
    {
        await using RaftKvClient eve = ClientOf("eve");
        await UnknownAsync(() => eve.GetStringAsync("a/1"));

        // A node's name is no user's, even where a user has it.
        await _host.UserAsync("n1", KeyRights.All, "a/");
        await using RaftKvClient node = ClientOf("n1", isMade: true);
        await UnknownAsync(() => node.GetStringAsync("a/1"));
        await using RaftKvClient none = Client(new RaftKvTlsOptions { CaFile = _authority.RootFile }, credentials: null);
        await UnknownAsync(() => none.GetStringAsync("a/1"));
    }

    [Fact]
    public async Task A_password_that_is_shown_counts_before_the_certificate()
    {
        await using RaftKvClient both = ClientOf("ann", credentials: RaftKvCredentials.Password("bob", "bob-password"));
        Assert.Null(await both.GetStringAsync("b/1"));
        await DeniedAsync(() => both.PutAsync("a/1", "x"));
    }

    private static async Task DeniedAsync(Func<Task> call)
    {
        Assert.Equal("access-denied", (await Assert.ThrowsAnyAsync<RaftKvException>(call)).Code);
    }

    private static async Task UnknownAsync(Func<Task> call)
    {
        Assert.Equal("unauthenticated", (await Assert.ThrowsAnyAsync<RaftKvException>(call)).Code);
    }

    private RaftKvClient ClientOf(string user, bool isMade = false, RaftKvCredentials? credentials = null)
    {
        if (!isMade)
        {
            _authority.WriteUser(user);
        }

        var tls = new RaftKvTlsOptions
        {
            CaFile = _authority.RootFile,
            CertificateFile = _authority.Files.CertificateFile(user),
            KeyFile = _authority.Files.KeyFile(user),
        };
        return Client(tls, credentials);
    }

    private RaftKvClient Client(RaftKvTlsOptions tls, RaftKvCredentials? credentials) =>
        new(new RaftKvClientOptions { Endpoints = [_host.Api.Address], Tls = tls, Credentials = credentials });
}
