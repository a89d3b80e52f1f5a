using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RaftKv.Http;

namespace RaftKv.Cli.Connection;

/// <summary>How this program speaks HTTP: with whose roots, which certificate and which token.</summary>
internal static class Handlers
{
    /// <summary>For the whole run; the caller disposes it.</summary>
    /// <exception cref="CtlException">A file is missing, or is no PEM.</exception>
    public static HttpMessageHandler Make(TlsFiles tls, string? token)
    {
        // As the client library's own, which one that is handed in takes the place of.
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            MaxResponseHeadersLength = 512,
        };
        try
        {
            Trust(handler.SslOptions, tls);
        }
        catch (Exception wrong) when (wrong is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw CtlException.Usage($"The certificates can't be read: {wrong.Message}");
        }

        var told = new ResetHandler(handler);
        return string.IsNullOrEmpty(token) ? told : new BearerHandler(told, token);
    }

    private static void Trust(SslClientAuthenticationOptions options, TlsFiles tls)
    {
        if (tls.CaFile is { } ca)
        {
            var policy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            policy.CustomTrustStore.ImportFromPemFile(ca);
            options.CertificateChainPolicy = policy;
        }

        if (tls.CertificateFile is { } certificate)
        {
            options.ClientCertificates = [X509Certificate2.CreateFromPemFile(certificate, tls.KeyFile)];
        }
    }

    /// <summary>Sends the user's token with every request.</summary>
    private sealed class BearerHandler(HttpMessageHandler inner, string token) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return base.SendAsync(request, cancellationToken);
        }
    }
}

/// <summary>PEM files of TLS.</summary>
/// <param name="CaFile">Roots that servers' certificates must lead to; null for those of the operating system.</param>
/// <param name="CertificateFile">The user's own certificate; null for none.</param>
/// <param name="KeyFile">Its key; null when it is in the same file.</param>
internal sealed record TlsFiles(string? CaFile, string? CertificateFile, string? KeyFile)
{
    public bool IsEmpty => CaFile is null && CertificateFile is null;
}
