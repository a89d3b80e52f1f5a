using System.Security.Cryptography;

namespace RaftKv.Security.Tls;

/// <summary>The bytes of a set of PEM files at one look.</summary>
internal sealed record TlsBytes(byte[] Certificate, byte[] Key, byte[]? Authority, byte[]? Revocation)
{
    /// <summary>Reads all. Throws <see cref="TlsFilesException"/>.</summary>
    public static TlsBytes Read(TlsFiles files) => new(
        PemFile.Read(files.CertificateFile),
        PemFile.Read(files.KeyFile),
        files.AuthorityFile is { } authority ? PemFile.Read(authority) : null,
        files.RevocationFile is { } revocation ? PemFile.Read(revocation) : null);

    /// <summary>Equal for equal files; so nothing needs to keep a key's text.</summary>
    public string Digest()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[]? part in (byte[]?[])[Certificate, Key, Authority, Revocation])
        {
            hash.AppendData(BitConverter.GetBytes(part?.Length ?? -1));
            hash.AppendData(part ?? []);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
