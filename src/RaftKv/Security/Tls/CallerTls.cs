using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace RaftKv.Security.Tls;

/// <summary>The calling side of TLS for a command that asks once: files are read once, and nothing is watched.</summary>
internal static class CallerTls
{
    /// <summary>A handler that trusts these roots. Throws <see cref="TlsFilesException"/>.</summary>
    /// <param name="authorityFile">Roots; null for those of the operating system.</param>
    /// <param name="certificateFile">The caller's certificate; null for none.</param>
    /// <param name="keyFile">Its key.</param>
    public static SocketsHttpHandler Handler(string? authorityFile, string? certificateFile, string? keyFile)
    {
        var handler = new SocketsHttpHandler();
        handler.SslOptions.EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
        if (authorityFile is not null)
        {
            X509Certificate2Collection roots = [];
            roots.ImportFromPem(PemFile.Text(authorityFile, PemFile.Read(authorityFile), "CERTIFICATE"));
            handler.SslOptions.CertificateChainPolicy = CertificateJudge.PolicyOf(roots);
        }

        if (certificateFile is not null && keyFile is not null)
        {
            var files = new TlsFiles("caller", certificateFile, keyFile);
            TlsMaterial own = TlsMaterial.Load(files, TlsBytes.Read(files));
            handler.SslOptions.ClientCertificateContext = own.Context;
        }

        return handler;
    }
}
