using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RaftKv.Client.Http;

/// <summary>The PEM files of <see cref="RaftKvTlsOptions"/>, read anew when they have changed. Any thread.</summary>
internal sealed class ClientTls
{
    private const string Begin = "-----BEGIN ";
    private const string End = "-----END ";

    // Whoever writes files may be in the middle of it: those that were changed just now wait for the next connection. By the
    // system's clock, which files are stamped with.
    private static readonly TimeSpan _settled = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly RaftKvTlsOptions _options;
    private string _digest;
    private X509Certificate2Collection? _roots;
    private X509Certificate2? _own;

    private ClientTls(RaftKvTlsOptions options)
    {
        _options = options;
        (_digest, byte[]?[] files) = Read();
        (_roots, _own) = Load(files);
    }

    /// <summary>Reads the files. Throws <see cref="ArgumentException"/> with a sentence when they can't be used.</summary>
    public static ClientTls Open(RaftKvTlsOptions options)
    {
        try
        {
            return new ClientTls(options);
        }
        catch (Exception unusable) when (IsUnusable(unusable))
        {
            throw new ArgumentException($"Tls: the files can't be used: {unusable.Message}", nameof(options), unusable);
        }
    }

    /// <summary>What a handshake asks for; the handler adds the host.</summary>
    public SslClientAuthenticationOptions Options() => new()
    {
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        RemoteCertificateValidationCallback = (_, certificate, chain, errors) => Trusts(certificate, chain, errors),
        LocalCertificateSelectionCallback = _options.CertificateFile is null ? null : (_, _, _, _, _) => Newest().Own!,
    };

    private static bool IsUnusable(Exception failure) =>
        failure is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException or FormatException;

    private bool Trusts(X509Certificate? certificate, X509Chain? sent, SslPolicyErrors errors)
    {
        if (_options.CaFile is null)
        {
            return errors == SslPolicyErrors.None;
        }

        if (certificate is not X509Certificate2 shown || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.CustomTrustStore.AddRange(Newest().Roots!);
        chain.ChainPolicy.ExtraStore.AddRange(sent?.ChainPolicy.ExtraStore ?? []);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.1"));
        return chain.Build(shown);
    }

    private (X509Certificate2Collection? Roots, X509Certificate2? Own) Newest()
    {
        lock (_gate)
        {
            try
            {
                (string digest, byte[]?[] files) = Read();
                if (digest != _digest && HasSettled())
                {
                    (_roots, _own) = Load(files);
                    _digest = digest;
                }
            }
            catch (Exception unusable) when (IsUnusable(unusable))
            {
                // The former ones go on; the next connection looks again.
            }

            return (_roots, _own);
        }
    }

    private (string Digest, byte[]?[] Files) Read()
    {
        byte[]?[] files = [.. Paths().Select(static path => path is null ? null : File.ReadAllBytes(path))];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[]? file in files)
        {
            hash.AppendData(BitConverter.GetBytes(file?.Length ?? -1));
            hash.AppendData(file ?? []);
        }

        return (Convert.ToHexString(hash.GetHashAndReset()), files);
    }

    private bool HasSettled() => Paths().OfType<string>()
        .All(static path => TimeProvider.System.GetUtcNow() - File.GetLastWriteTimeUtc(path) >= _settled);

    private IEnumerable<string?> Paths() => [_options.CaFile, _options.CertificateFile, _options.KeyFile];

    private static (X509Certificate2Collection? Roots, X509Certificate2? Own) Load(byte[]?[] files)
    {
        X509Certificate2Collection? roots = null;
        if (files[0] is { } authority)
        {
            roots = [];
            roots.ImportFromPem(Whole(authority));
        }

        X509Certificate2? own = files[1] is { } certificate && files[2] is { } key
            ? X509Certificate2.CreateFromPem(Whole(certificate), Whole(key)) : null;
        if (own is not null && OperatingSystem.IsWindows())
        {
            // Windows' TLS takes only keys that it has stored.
            own = X509CertificateLoader.LoadPkcs12(own.Export(X509ContentType.Pfx), password: null);
        }

        return roots is { Count: 0 } ? throw new FormatException("The file of roots has no certificate.") : (roots, own);
    }

    private static string Whole(byte[] pem)
    {
        string text = Encoding.ASCII.GetString(pem);
        return Count(text, Begin) == Count(text, End) ? text : throw new FormatException("A block has no end.");
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}
