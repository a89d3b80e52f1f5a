using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RaftKv.Cli.Tests.Support;

/// <summary>Says over TLS who the members are, and notes whose certificate was shown to it.</summary>
internal sealed class TlsServer : IDisposable
{
    private const string Members = """{"clusterId":"1","term":1,"leader":null,"joint":false,"members":[]}""";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _certificate;

    public TlsServer(string directory)
    {
        (CaFile, _certificate) = Issue(Path.Combine(directory, "ca.pem"), "CN=127.0.0.1");
        (OtherCaFile, X509Certificate2 user) = Issue(Path.Combine(directory, "other-ca.pem"), "CN=the user");
        CertificateFile = Path.Combine(directory, "user.pem");
        KeyFile = Path.Combine(directory, "user.key");
        File.WriteAllText(CertificateFile, user.ExportCertificatePem());
        File.WriteAllText(KeyFile, user.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        _listener.Start();
        _ = AcceptAsync();
    }

    public string CaFile { get; }

    public string OtherCaFile { get; }

    public string CertificateFile { get; }

    public string KeyFile { get; }

    public string? SeenUser { get; private set; }

    public string Url => $"https://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public void Dispose() => _listener.Stop();

    private static (string CaFile, X509Certificate2 Certificate) Issue(string caFile, string name)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using var caKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var caRequest = new CertificateRequest("CN=root", caKey, HashAlgorithmName.SHA256);
        caRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 ca = caRequest.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        File.WriteAllText(caFile, ca.ExportCertificatePem());
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 issued = request.Create(ca, now.AddDays(-1), now.AddDays(1), [1, 2, 3]);
        using X509Certificate2 whole = issued.CopyWithPrivateKey(key);
        return (caFile, X509CertificateLoader.LoadPkcs12(
            whole.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable));
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync();
                _ = AnswerAsync(client);
            }
        }
        catch (SocketException)
        {
            // Stopped.
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
                {
                    ServerCertificate = _certificate,
                    ClientCertificateRequired = true,
                    RemoteCertificateValidationCallback = static (_, _, _, _) => true,
                });
                SeenUser ??= tls.RemoteCertificate?.Subject;
                byte[] request = new byte[8192];
                _ = await tls.ReadAtLeastAsync(request, 1, throwOnEndOfStream: false);
                await tls.WriteAsync(Encoding.ASCII.GetBytes(
                    $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Members.Length}\r\nConnection: "
                        + $"close\r\n\r\n{Members}"));
            }
        }
        catch (Exception e) when (e is IOException or System.Security.Authentication.AuthenticationException)
        {
            // The client does not trust it.
        }
    }
}
