using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RaftKv.Security.Certificates;
using RaftKv.Security.Tls;

namespace RaftKv.Tests.Security;

/// <summary>A directory of certificates for a test, good ones and bad ones.</summary>
internal sealed class TestAuthority
{
    private static readonly string[] _hosts = ["127.0.0.1", "localhost"];

    public TestAuthority(string directory, string name = "test CA")
    {
        Files = new CertificateFiles(directory);
        Root = CertificateMaker.Authority(name, Now.AddDays(-10), days: 110);
        Files.Write(CertificateFiles.AuthorityName, Root);
    }

    public static DateTimeOffset Now => DateTimeOffset.UtcNow;

    public CertificateFiles Files { get; }

    public X509Certificate2 Root { get; }

    public string RootFile => Files.CertificateFile(CertificateFiles.AuthorityName);

    public X509Certificate2 Node(string name, int days = 90, DateTimeOffset? made = null) =>
        CertificateMaker.Node(Root, name, _hosts, made ?? Now, days);

    public X509Certificate2 User(string name, int days = 90, DateTimeOffset? made = null) =>
        CertificateMaker.User(Root, name, made ?? Now, days);

    public X509Certificate2 WriteNode(string name)
    {
        X509Certificate2 made = Node(name);
        Files.Write(name, made);
        return made;
    }

    public X509Certificate2 WriteUser(string name)
    {
        X509Certificate2 made = User(name);
        Files.Write(name, made);
        return made;
    }

    /// <summary>Signed by itself: what anybody can make who knows the name.</summary>
    public static X509Certificate2 SelfSigned(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(30));
    }

    public TlsFiles FilesOf(string name, bool hasRevocations = false) => new(
        "client", Files.CertificateFile(name), Files.KeyFile(name), RootFile, hasRevocations ? Files.RevocationFile : null);

    public TlsMaterial MaterialOf(string name, bool hasRevocations = false)
    {
        TlsFiles files = FilesOf(name, hasRevocations);
        return TlsMaterial.Load(files, TlsBytes.Read(files));
    }
}
