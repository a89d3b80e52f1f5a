using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace RaftKv.Security.Tls;

/// <summary>
/// The calling side of TLS towards clients' ports: of other members, to pass a read on, and of this node itself. Trusted are the
/// roots of <c>--tls-ca</c>, those of the operating system, and this node's own certificate. Any thread.
/// </summary>
internal sealed class OutgoingTls(TlsSource? source)
{
    /// <summary>Sets a handler up; new files count for connections that begin after them.</summary>
    public void Apply(SocketsHttpHandler handler) => handler.SslOptions = Options();

    /// <summary>What one side of a handshake asks for; its host is still to be set.</summary>
    public SslClientAuthenticationOptions Options()
    {
        var options = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Trusts(certificate, chain, errors),
        };
        if (source is not null)
        {
            options.LocalCertificateSelectionCallback = (_, _, _, _, _) => source.Current.Leaf;
        }

        return options;
    }

    private bool Trusts(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        if (source is null || certificate is not X509Certificate2 shown)
        {
            return false;
        }

        TlsMaterial material = source.Current;

        // Whoever shows this node's own certificate has its key: it is this node, by whatever address it was found.
        return material.Leaf.RawDataMemory.Span.SequenceEqual(shown.RawDataMemory.Span)
            || (errors == SslPolicyErrors.RemoteCertificateChainErrors
                && CertificateJudge.ProblemOf(shown, chain?.ChainPolicy.ExtraStore ?? [], material, CertificateJudge.ForServers) is null);
    }
}
