using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using RaftKv.Security.Tls;

namespace RaftKv.Transport;

/// <summary>
/// TLS over TCP. Nothing goes without waiting: a record is encrypted and sent by the pool, so the loop's thread never is.
/// </summary>
internal sealed class TlsWire : PeerWire
{
    private readonly SslStream _stream;
    private readonly MemberProof _proof;

    private TlsWire(SslStream stream, MemberProof proof)
    {
        _stream = stream;
        _proof = proof;
    }

    /// <summary>
    /// Dials, and makes sure that the peer is who it should be. Throws <see cref="PeerRefusedException"/> when its certificate
    /// is not good, or another member's, and <see cref="AuthenticationException"/> when it speaks no TLS.
    /// </summary>
    public static async Task<PeerWire> ConnectAsync(PeerAddress peer, TlsSource source, CancellationToken cancellationToken)
    {
        SslStream stream = await OpenAsync(peer, source, cancellationToken).ConfigureAwait(false);
        return new TlsWire(stream, ProofOf(stream.RemoteCertificate));
    }

    /// <summary>The same, as a stream.</summary>
    public static async Task<SslStream> OpenAsync(PeerAddress peer, TlsSource source, CancellationToken cancellationToken)
    {
        Socket socket = await SocketWire.DialAsync(peer, cancellationToken).ConfigureAwait(false);
        TlsMaterial material = source.Current;
        string? problem = null;
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true), leaveInnerStreamOpen: false);
        try
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    // Members are told apart by their names, which need not be names of hosts.
                    TargetHost = "",
                    EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                    ApplicationProtocols = [PeerDialer.Protocol],
                    ClientCertificateContext = material.Context,
                    CertificateChainPolicy = CertificateJudge.PolicyOf(material.Authorities),
                    AllowTlsResume = false,
                    RemoteCertificateValidationCallback = (_, certificate, chain, _) =>
                    {
                        problem = ProblemOf(certificate, chain, material, peer.Name);
                        return problem is null;
                    },
                },
                cancellationToken).ConfigureAwait(false);
            return stream;
        }
        catch (AuthenticationException) when (problem is not null)
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw new PeerRefusedException(problem);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public override int TrySend(ReadOnlySpan<byte> bytes) => 0;

    /// <inheritdoc/>
    public override ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        _stream.WriteAsync(bytes, cancellationToken);

    /// <inheritdoc/>
    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        _stream.ReadAsync(buffer, cancellationToken);

    /// <inheritdoc/>
    public override void DemandProofOf(string member)
    {
        if (!_proof.Covers(member))
        {
            throw new PeerRefusedException(_proof.ProblemOf(member));
        }
    }

    /// <inheritdoc/>
    public override void Dispose() => _stream.Dispose();

    private static MemberProof ProofOf(X509Certificate? certificate) => new(
        certificate is X509Certificate2 shown ? CertificateNames.Of(shown, CertificateNameKind.Dns) : []);

    private static string? ProblemOf(X509Certificate? certificate, X509Chain? chain, TlsMaterial material, string member)
    {
        if (certificate is not X509Certificate2 shown)
        {
            return "It showed no certificate.";
        }

        // Who was dialled without a name says it later, and proves it then.
        MemberProof proof = ProofOf(shown);
        return CertificateJudge.ProblemOf(shown, chain?.ChainPolicy.ExtraStore ?? [], material, CertificateJudge.ForServers)
            ?? (member.Length == 0 || proof.Covers(member) ? null : proof.ProblemOf(member));
    }
}
