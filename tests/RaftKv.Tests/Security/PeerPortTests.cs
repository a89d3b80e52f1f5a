using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using RaftKv.Hosting;

namespace RaftKv.Tests.Security;

/// <summary>What of the peers' port can be reached by whom, by its first bytes.</summary>
public sealed class PeerPortTests
{
    /// <summary>
    /// Not a byte in the clear is read by what is behind the port. That it would be refused there, for want of a certificate, is
    /// the second bar, and TlsRefusalTests sees only both together.
    /// </summary>
    [Theory]
    [InlineData("required", false)]
    [InlineData("mixed", true)]
    public async Task What_is_said_in_the_clear_reaches_what_is_behind_the_port_only_while_that_is_mixed(string mode, bool isReached)
    {
        string directory = Directory.CreateTempSubdirectory("raftkv-peer-port-").FullName;
        try
        {
            var authority = new TestAuthority(directory);
            authority.WriteNode("n1");
            var files = new TlsOptions
            {
                PeerCertificate = authority.Files.CertificateFile("n1"),
                PeerKey = authority.Files.KeyFile("n1"),
                PeerAuthority = authority.RootFile,
                PeerMode = mode,
            };
            using NodeTls tls = NodeTls.Open(
                new NodeOptions { PeerUrl = ServerUrl.Parse("http://127.0.0.1:2380", "", out _), Tls = files }, TimeProvider.System,
                NullLogger.Instance);
            var behind = new Behind();
            await using WebApplication app = PortOf(tls, behind);
            await app.StartAsync();
            using var stranger = new TcpClient("127.0.0.1", new Uri(app.Urls.First()).Port);
            await stranger.GetStream().WriteAsync("anything that is no handshake"u8.ToArray());
            await ReadToEndAsync(stranger.GetStream());

            Assert.Equal(isReached, behind.IsReached);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static WebApplication PortOf(NodeTls tls, ConnectionHandler behind)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "peers" });
        builder.Services.AddLogging();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(
            kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => tls.ListenForPeers(listen, behind)));
        return builder.Build();
    }

    private static async Task ReadToEndAsync(NetworkStream stream)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            while (await stream.ReadAsync(new byte[256], patience.Token) > 0)
            {
            }
        }
        catch (IOException)
        {
            // Cut off: an end like any other.
        }
    }

    private sealed class Behind : ConnectionHandler
    {
        public bool IsReached { get; private set; }

        public override Task OnConnectedAsync(ConnectionContext connection)
        {
            IsReached = true;
            return Task.CompletedTask;
        }
    }
}
