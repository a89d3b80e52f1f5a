using System.Net;
using System.Net.Http.Json;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace RaftKv.Bench;

/// <summary>What is asked around a measurement and is no part of it: trust in certificates, and logins.</summary>
internal static class BenchHttp
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Trust in that root alone. Each connection needs one of its own.</summary>
    internal static X509ChainPolicy TrustOf(string caFile)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.ImportFromPemFile(caFile);
        return policy;
    }

    /// <summary>A client whose connections begin where it is told.</summary>
    /// <param name="from">An address of this machine for the next connection; null for the usual one.</param>
    internal static HttpClient Client(BenchOptions options, Func<IPAddress>? from = null)
    {
        var handler = new SocketsHttpHandler();
        if (options.CaFile is { } file)
        {
            handler.SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = TrustOf(file) };
        }

        if (from is not null)
        {
            handler.ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    socket.Bind(new IPEndPoint(from(), 0));
                    await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            };
        }

        return new HttpClient(handler) { Timeout = Patience };
    }

    /// <summary>Logs in through the JSON gateway, which both servers have.</summary>
    internal static async Task<HttpResponseMessage> LoginAsync(HttpClient http, Uri endpoint, string name, string password)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(endpoint, "/v3/auth/authenticate"))
        {
            Content = JsonContent.Create(new Dictionary<string, string> { ["name"] = name, ["password"] = password }),
        };

        // The next login begins a connection of its own.
        request.Headers.ConnectionClose = true;
        return await http.SendAsync(request);
    }

    /// <summary>The token of a login.</summary>
    /// <exception cref="BenchException">The server gives none.</exception>
    internal static async Task<string> TokenAsync(BenchOptions options, (string Name, string Password) user)
    {
        using HttpClient http = Client(options);
        using HttpResponseMessage answer = await LoginAsync(http, options.Endpoints[0], user.Name, user.Password);
        string text = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
        {
            throw new BenchException($"{options.Endpoints[0]} lets nobody in: {text}");
        }

        using var body = JsonDocument.Parse(text);
        return body.RootElement.GetProperty("token").GetString() ?? throw new BenchException("A login without a token.");
    }
}
