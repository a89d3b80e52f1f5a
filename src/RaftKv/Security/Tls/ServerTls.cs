using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using RaftKv.Diagnostics;

namespace RaftKv.Security.Tls;

/// <summary>
/// The listening side of TLS on one port: what a handshake offers, and how the other side's certificate is judged. Any thread.
/// </summary>
internal sealed class ServerTls : IDisposable
{
    /// <summary>Who connects has a handshake to do, and nothing else to wait for.</summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);

    // Those of TLS 1.2 that have forward secrecy and authenticated encryption, and all of 1.3. Naming them switches resumed
    // sessions off, which is as well: each handshake then asks for a certificate that is good now.
    private static readonly TlsCipherSuite[] _suites =
    [
        TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TlsCipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
    ];

    private readonly TlsSource _source;
    private readonly ClientCertificates _asked;
    private readonly string[] _purposes;
    private readonly List<SslApplicationProtocol> _protocols;
    private readonly ILogger _logger;
    private readonly RefusalNotes _refusals;
    private readonly CertifiedConnections _open;

    /// <param name="asked">Whether the other side must show a certificate.</param>
    /// <param name="purposes">What that must be good for.</param>
    /// <param name="protocols">What is spoken inside, the preferred one first.</param>
    /// <param name="grace">How long a connection may go on whose certificate is void by new files.</param>
    public ServerTls(
        TlsSource source, ClientCertificates asked, string[] purposes, IEnumerable<SslApplicationProtocol> protocols, TimeSpan grace,
        TimeProvider time, ILogger logger)
    {
        _source = source;
        _asked = asked;
        _purposes = purposes;
        _protocols = [.. protocols];
        _logger = logger;
        _refusals = new RefusalNotes(time);
        _open = new CertifiedConnections(source, purposes, grace, time, logger);
    }

    /// <summary>Connections that were refused for their certificate.</summary>
    public long RefusedCount => _refusals.Count;

    /// <summary>What one handshake offers.</summary>
    public SslServerAuthenticationOptions OptionsFor(ConnectionContext connection)
    {
        TlsMaterial material = _source.Current;
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = material.Context,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            CipherSuitesPolicy = OperatingSystem.IsWindows() ? null : new CipherSuitesPolicy(_suites),
            ApplicationProtocols = _protocols,
            AllowRenegotiation = false,
            AllowTlsResume = false,
            ClientCertificateRequired = _asked != ClientCertificates.Off,
            CertificateChainPolicy = CertificateJudge.PolicyOf(material.Authorities),
            RemoteCertificateValidationCallback = (_, certificate, chain, _) => Admits(connection, material, certificate, chain),
        };
    }

    /// <summary>Goes on with a connection whose handshake is done; it ends when new files make its certificate void.</summary>
    public async Task ServeAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        using IDisposable? place = connection.Features.Get<ShownCertificate>() is { } shown ? _open.Add(connection, shown) : null;
        await next(connection).ConfigureAwait(false);
    }

    /// <summary>Ends the look at open connections.</summary>
    public void Dispose() => _open.Dispose();

    private bool Admits(ConnectionContext connection, TlsMaterial material, X509Certificate? certificate, X509Chain? chain)
    {
        if (certificate is not X509Certificate2 shown)
        {
            return _asked != ClientCertificates.Required || Refuse(connection, "It showed no certificate.");
        }

        X509Certificate2Collection sent = chain?.ChainPolicy.ExtraStore ?? [];
        if (CertificateJudge.ProblemOf(shown, sent, material, _purposes) is { } problem)
        {
            return Refuse(connection, problem);
        }

        connection.Features.Set(new ShownCertificate(shown, sent));
        return true;
    }

    private bool Refuse(ConnectionContext connection, string reason)
    {
        string address = (connection.RemoteEndPoint as IPEndPoint)?.Address.ToString() ?? "unknown";
        if (_refusals.MayLog(address, reason))
        {
            TlsLog.Refused(_logger, _source.Files.Use, address, reason);
        }

        return false;
    }
}
