using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using RaftKv.Diagnostics;
using RaftKv.Diagnostics.Metrics;
using RaftKv.Hosting.ClearHttp2;
using RaftKv.Security.Tls;
using RaftKv.Transport;
using RaftKv.Transport.Connections;

namespace RaftKv.Hosting;

/// <summary>
/// All of a node that has to do with certificates: both ports' files while the process lives, before its founding too, and
/// whoever listens or dials by them. Any thread.
/// </summary>
internal sealed class NodeTls : IDisposable
{
    // A call may take some seconds; a watch goes on elsewhere.
    private static readonly TimeSpan _grace = TimeSpan.FromSeconds(10);

    private readonly TlsOptions _options;
    private readonly TlsSource? _clientSource;
    private readonly TlsSource? _peerSource;
    private readonly ServerTls? _clients;
    private readonly ServerTls? _peers;
    private readonly ExpiryWatch _expiry;

    private NodeTls(TlsOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _clientSource = Open(options.ClientFiles, time, logger);
        _peerSource = Open(options.PeerFiles, time, logger);
        _clients = _clientSource is null ? null : new ServerTls(
            _clientSource, options.AskedOfClients, [CertificateJudge.ForClients],
            [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11], _grace, time, logger);

        // A member shows one certificate, whichever side it is on; so a user's, which is for clients only, is no member's.
        _peers = _peerSource is null ? null : new ServerTls(
            _peerSource, ClientCertificates.Required, [CertificateJudge.ForClients, CertificateJudge.ForServers],
            [PeerDialer.Protocol], TimeSpan.Zero, time, logger);
        Dialer = new PeerDialer(_peerSource, options.IsMixed);
        Outgoing = new OutgoingTls(_clientSource);
        _expiry = new ExpiryWatch([.. new[] { _clientSource, _peerSource }.OfType<TlsSource>()], time, logger);
    }

    /// <summary>Dials peers.</summary>
    public PeerDialer Dialer { get; }

    /// <summary>Calls clients' ports.</summary>
    public OutgoingTls Outgoing { get; }

    /// <summary>What ends when; empty without TLS.</summary>
    public IReadOnlyList<CertificateFact> Facts => _expiry.Facts;

    /// <summary>Reads the files. Throws <see cref="StartRefusedException"/> when they can't be used.</summary>
    public static NodeTls Open(NodeOptions options, TimeProvider time, ILogger logger)
    {
        try
        {
            var tls = new NodeTls(options.Tls, time, logger);
            Say(options, logger);
            return tls;
        }
        catch (TlsFilesException unusable)
        {
            throw new StartRefusedException(unusable.Message);
        }
    }

    /// <summary>Opens an address for clients.</summary>
    /// <param name="patience">How long a connection may say nothing after its handshake.</param>
    public void ListenForClients(ListenOptions listen, TimeSpan patience)
    {
        Core.Check.That(_clients is not null, "an https address has its certificate");
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.UseTls(_clients!);
        listen.Use(next => connection => ServeClientAsync(connection, next, patience));
    }

    /// <summary>Opens the peers' port.</summary>
    public void ListenForPeers(ListenOptions listen, ConnectionHandler handler)
    {
        listen.Protocols = HttpProtocols.Http1;
        if (_peers is not null)
        {
            if (_options.IsMixed)
            {
                listen.Use(next => connection => ServeMixedAsync(connection, next, handler));
            }

            listen.UseTls(_peers);
            listen.Use(static next => connection => ProveAsync(connection, next));
        }

        listen.Run(handler.OnConnectedAsync);
    }

    /// <summary>
    /// The peers' port of another engine, which goes on with what is inside: under TLS when there are certificates for it. It
    /// knows no time in which both are spoken.
    /// </summary>
    public void SecurePeers(ListenOptions listen)
    {
        if (_peers is not null)
        {
            Core.Check.That(!_options.IsMixed, "peers of another engine speak TLS or none");
            listen.Protocols = HttpProtocols.Http1;
            listen.UseTls(_peers);
            listen.Use(static next => connection => ProveAsync(connection, next));
        }
    }

    /// <summary>Shows reloads, refusals and what ends when.</summary>
    public void Show(MetricRegistry registry)
    {
        registry.Gauge(
            "raftkv_tls_expiry_timestamp_seconds", "When a certificate, or a list of revoked ones, ends, in seconds since 1970.",
            sink =>
            {
                // A bundle may hold an old and a new root of one name: what ends first is what matters.
                foreach (var one in Facts.GroupBy(static fact => (fact.Use, fact.Kind, fact.Subject)))
                {
                    sink.Set(
                        one.Min(static fact => fact.Until).ToUnixTimeSeconds(),
                        ("port", one.Key.Use), ("kind", one.Key.Kind), ("subject", one.Key.Subject));
                }
            });
        registry.AskedCounter(
            "raftkv_tls_reloads_total", "Times that new files of certificates were taken.",
            sink => Each(source => sink.Set(source.ReloadCount, ("port", source.Files.Use))));
        registry.AskedCounter(
            "raftkv_tls_reload_failures_total", "Times that new files of certificates could not be used.",
            sink => Each(source => sink.Set(source.FailedCount, ("port", source.Files.Use))));
        registry.AskedCounter(
            "raftkv_tls_refused_total", "Connections that were refused for their certificate.",
            sink =>
            {
                foreach ((ServerTls? port, string use) in new[] { (_clients, "client"), (_peers, "peer") })
                {
                    if (port is not null)
                    {
                        sink.Set(port.RefusedCount, ("port", use));
                    }
                }
            });
    }

    /// <summary>Ends all looks at files.</summary>
    public void Dispose()
    {
        _expiry.Dispose();
        _clients?.Dispose();
        _peers?.Dispose();
        _clientSource?.Dispose();
        _peerSource?.Dispose();
    }

    private static TlsSource? Open(TlsFiles? files, TimeProvider time, ILogger logger) =>
        files is null ? null : new TlsSource(files, time, logger);

    private static void Say(NodeOptions options, ILogger logger)
    {
        bool arePeersProtected = options.Tls.PeerFiles is not null && !options.Tls.IsMixed;
        string[] open =
        [
            .. options.ClientUrls.Where(static url => !url.IsTls)
                .Concat(arePeersProtected ? [] : [options.EffectivePeerUrl])
                .Where(static url => !url.IsLoopback)
                .Select(static url => url.ToString()),
        ];
        if (open.Length > 0)
        {
            TlsLog.Insecure(logger, string.Join(", ", open));
        }

        if (options.Tls.PeerFiles is not null && options.Tls.IsMixed)
        {
            TlsLog.Mixed(logger);
        }
    }

    private static Task ProveAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (connection.Features.Get<ShownCertificate>() is { } shown)
        {
            connection.Features.Set(new MemberProof(CertificateNames.Of(shown.Leaf, CertificateNameKind.Dns)));
        }

        return next(connection);
    }

    private static async Task ServeMixedAsync(ConnectionContext connection, ConnectionDelegate tls, ConnectionHandler plain)
    {
        bool? isTls = await FirstBytes.LookAsync(connection, static bytes => FirstBytes.AreTls(bytes), ServerTls.HandshakeTimeout)
            .ConfigureAwait(false);
        if (isTls is { } known)
        {
            await (known ? tls(connection) : plain.OnConnectedAsync(connection)).ConfigureAwait(false);
        }
    }

    private async Task ServeClientAsync(ConnectionContext connection, ConnectionDelegate next, TimeSpan patience)
    {
        if (await FirstBytes.LookAsync(connection, static bytes => FirstBytes.AreThere(bytes), patience).ConfigureAwait(false) != true)
        {
            return;
        }

        connection.Features.Set(CertificateUser.Of(connection.Features.Get<ShownCertificate>(), _options.UserName));
        connection.MendAuthorities();
        await next(connection).ConfigureAwait(false);
    }

    private void Each(Action<TlsSource> show)
    {
        foreach (TlsSource source in new[] { _clientSource, _peerSource }.OfType<TlsSource>())
        {
            show(source);
        }
    }
}
