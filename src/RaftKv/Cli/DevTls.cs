using System.Security.Cryptography.X509Certificates;
using RaftKv.Hosting;
using RaftKv.Security.Certificates;
using RaftKv.Security.Tls;

namespace RaftKv.Cli;

/// <summary>Certificates for the nodes of <c>dev --tls</c>, kept with their data.</summary>
internal sealed class DevTls(string directory)
{
    private const string UserName = "dev";
    private const int AuthorityDays = 3650;
    private const int LeafDays = 365;

    private readonly CertificateFiles _files = new(directory);

    /// <summary>What a node is started with.</summary>
    public string[] Flags(string node) =>
    [
        "--tls-cert", _files.CertificateFile(node), "--tls-key", _files.KeyFile(node), "--tls-ca", Authority,
        "--tls-client-auth", "request",
        "--peer-tls-cert", _files.CertificateFile(node), "--peer-tls-key", _files.KeyFile(node), "--peer-tls-ca", Authority,
    ];

    private string Authority => _files.CertificateFile(CertificateFiles.AuthorityName);

    /// <summary>Makes the authority unless it is there, and fresh certificates. Throws <see cref="StartRefusedException"/>.</summary>
    public void Prepare(IEnumerable<string> nodes)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        try
        {
            if (!_files.HasAuthority)
            {
                using X509Certificate2 made = CertificateMaker.Authority("RaftKv dev CA", now, AuthorityDays);
                _files.Write(CertificateFiles.AuthorityName, made);
            }

            using X509Certificate2 authority = _files.ReadAuthority();
            foreach (string node in nodes)
            {
                using X509Certificate2 certificate = CertificateMaker.Node(
                    authority, node, ["127.0.0.1", "localhost", "::1"], now, LeafDays);
                _files.Write(node, certificate);
            }

            using X509Certificate2 user = CertificateMaker.User(authority, UserName, now, LeafDays);
            _files.Write(UserName, user);
        }
        catch (Exception failure) when (failure is TlsFilesException or IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException(failure.Message);
        }
    }

    /// <summary>Calls the nodes.</summary>
    public SocketsHttpHandler Handler() => CallerTls.Handler(Authority, certificateFile: null, keyFile: null);

    /// <summary>Says how clients call the cluster.</summary>
    public void Print(ServerUrl client)
    {
        string user = $"--cert {Quote(_files.CertificateFile(UserName))} --key {Quote(_files.KeyFile(UserName))}";
        Console.WriteLine($"TLS on both ports; certificates in {_files.Directory}. Call it with its root, or as a user as well:");
        Console.WriteLine($"  curl --cacert {Quote(Authority)} {client}/readyz");
        Console.WriteLine($"  curl --cacert {Quote(Authority)} {user} -X PUT -d world {client}/api/v1/kv/hello");
        Console.WriteLine($"  etcdctl --endpoints={client} --cacert {Quote(Authority)} {user} get hello");
        Console.WriteLine();
    }

    private static string Quote(string path) => path.Contains(' ') ? $"\"{path}\"" : path;
}
