using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RaftKv.Security.Tls;

/// <summary>
/// What a set of PEM files held when they were read: immutable, used by all connections that begin while it is the newest.
/// Never disposed by hand, since a handshake may hold an older one.
/// </summary>
internal sealed class TlsMaterial
{
    private TlsMaterial(
        TlsFiles files, X509Certificate2 leaf, X509Certificate2Collection between, X509Certificate2Collection authorities,
        RevocationList revoked)
    {
        Files = files;
        Leaf = leaf;
        Context = SslStreamCertificateContext.Create(leaf, between, offline: true);
        Authorities = authorities;
        Revoked = revoked;
    }

    /// <summary>Where it is from.</summary>
    public TlsFiles Files { get; }

    /// <summary>This side's certificate, with its key.</summary>
    public X509Certificate2 Leaf { get; }

    /// <summary>The leaf with the authorities between it and its root, ready to be sent.</summary>
    public SslStreamCertificateContext Context { get; }

    /// <summary>Roots that the other side's certificates must lead to; empty where none are asked for.</summary>
    public X509Certificate2Collection Authorities { get; }

    /// <summary>Certificates that are void before their time.</summary>
    public RevocationList Revoked { get; }

    /// <summary>What of it ends when, for warnings.</summary>
    public IReadOnlyList<CertificateFact> Facts =>
    [
        CertificateFact.Of(Files.Use, "certificate", Leaf),
        .. Authorities.Select(authority => CertificateFact.Of(Files.Use, "authority", authority)),
        .. Revoked.Lists.Select(list => new CertificateFact(Files.Use, "revocations", list.Issuer, list.From, list.Until)),
    ];

    /// <summary>
    /// Reads the bytes of the files. Throws <see cref="TlsFilesException"/> when a file is not whole, is no PEM file, or does
    /// not fit the others.
    /// </summary>
    public static TlsMaterial Load(TlsFiles files, TlsBytes bytes)
    {
        string certificate = PemFile.Text(files.CertificateFile, bytes.Certificate, "CERTIFICATE");
        string key = PemFile.Text(files.KeyFile, bytes.Key, "PRIVATE KEY");
        if (key.Contains("ENCRYPTED", StringComparison.Ordinal))
        {
            throw new TlsFilesException($"{files.KeyFile} is encrypted; a server that starts by itself needs a key without a password.");
        }

        X509Certificate2Collection chain = Certificates(files.CertificateFile, certificate);
        X509Certificate2Collection authorities = bytes.Authority is { } roots
            ? Certificates(files.AuthorityFile!, PemFile.Text(files.AuthorityFile!, roots, "CERTIFICATE")) : [];
        RevocationList revoked = bytes.Revocation is { } list
            ? RevocationList.Read(files.RevocationFile!, list, authorities) : RevocationList.None;
        chain.RemoveAt(0);
        return new TlsMaterial(files, LeafOf(files, certificate, key), chain, authorities, revoked);
    }

    private static X509Certificate2 LeafOf(TlsFiles files, string certificate, string key)
    {
        try
        {
            X509Certificate2 leaf = X509Certificate2.CreateFromPem(certificate, key);
            if (!OperatingSystem.IsWindows())
            {
                return leaf;
            }

            // Windows' TLS takes only keys that it has stored.
            using (leaf)
            {
                return X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pfx), password: null);
            }
        }
        catch (Exception unfit) when (unfit is CryptographicException or ArgumentException)
        {
            throw new TlsFilesException($"{files.KeyFile} is not the key of the first certificate of {files.CertificateFile}.");
        }
    }

    private static X509Certificate2Collection Certificates(string path, string text)
    {
        try
        {
            X509Certificate2Collection all = [];
            all.ImportFromPem(text);
            return all;
        }
        catch (CryptographicException broken)
        {
            throw new TlsFilesException($"{path} has a block that is no certificate: {broken.Message}");
        }
    }
}
