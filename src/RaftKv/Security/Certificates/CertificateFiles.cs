using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RaftKv.Security.Tls;

namespace RaftKv.Security.Certificates;

/// <summary>
/// A directory of certificates: <c>ca.crt</c>, <c>ca.key</c>, <c>ca.crl</c>, and <c>NAME.crt</c> with <c>NAME.key</c> for each node
/// and user. Keys are readable by their owner only. Each file is replaced as a whole, so that who watches it sees the old or the new.
/// </summary>
internal sealed class CertificateFiles(string directory)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Public = Private | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Name of the authority's files.</summary>
    public const string AuthorityName = "ca";

    /// <summary>The directory; a full path.</summary>
    public string Directory { get; } = Path.GetFullPath(directory);

    /// <summary>The authority's revocations.</summary>
    public string RevocationFile => Path.Combine(Directory, AuthorityName + ".crl");

    /// <summary>Where that name's certificate is.</summary>
    public string CertificateFile(string name) => Path.Combine(Directory, name + ".crt");

    /// <summary>Where that name's key is.</summary>
    public string KeyFile(string name) => Path.Combine(Directory, name + ".key");

    /// <summary>True when there is an authority.</summary>
    public bool HasAuthority => File.Exists(KeyFile(AuthorityName));

    /// <summary>The authority, with its key. Throws <see cref="TlsFilesException"/>.</summary>
    public X509Certificate2 ReadAuthority()
    {
        var files = new TlsFiles("authority", CertificateFile(AuthorityName), KeyFile(AuthorityName));
        if (!HasAuthority)
        {
            throw new TlsFilesException($"{files.KeyFile} is not there; make an authority first: raftkv cert ca --dir {Directory}");
        }

        return TlsMaterial.Load(files, TlsBytes.Read(files)).Leaf;
    }

    /// <summary>Writes a certificate and its key.</summary>
    public void Write(string name, X509Certificate2 certificate)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()
            ?? throw new InvalidOperationException("A certificate that is made here has its key.");
        WriteFile(KeyFile(name), key.ExportPkcs8PrivateKeyPem() + "\n", Private);
        WriteFile(CertificateFile(name), certificate.ExportCertificatePem() + "\n", Public);
    }

    /// <summary>Writes the authority's revocations.</summary>
    public void WriteRevocations(string pem) => WriteFile(RevocationFile, pem, Public);

    private void WriteFile(string path, string text, UnixFileMode mode)
    {
        System.IO.Directory.CreateDirectory(Directory);
        string beside = path + ".new";
        File.Delete(beside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = mode;
        }

        using (var file = new FileStream(beside, options))
        {
            file.Write(Encoding.ASCII.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: true);
    }
}
