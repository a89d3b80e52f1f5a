using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using RaftKv.Security.Tls;
using RaftKv.Transport;

namespace RaftKv.Hosting;

/// <summary>
/// Sends this node some reads of its own, over its own port, before it calls itself ready: a fresh .NET process is
/// several times slower in its first requests, and users should not meet those. Reads only, and for a bounded time;
/// what fails here is no failure of the node.
/// </summary>
internal static class WarmUp
{
    private static readonly TimeSpan Budget = TimeSpan.FromMilliseconds(200);

    private static readonly byte[] Request = Encoding.ASCII.GetBytes(
        "GET /api/v1/kv/raftkv-warm-up?consistency=linearizable HTTP/1.1\r\nHost: localhost\r\n\r\n"
        + "GET /api/v1/kv/raftkv-warm-up?consistency=eventual HTTP/1.1\r\nHost: localhost\r\n\r\n");

    /// <summary>Runs until the budget is used up.</summary>
    public static async Task RunAsync(ServerUrl client, OutgoingTls tls, CancellationToken cancellationToken)
    {
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        budget.CancelAfter(Budget);
        try
        {
            string host = client.IsWildcard ? "127.0.0.1" : client.Host;
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await QuietConnect.RunAsync(socket, host, client.Port, budget.Token).ConfigureAwait(false);
            await using Stream stream = await OpenAsync(socket, client, tls, budget.Token).ConfigureAwait(false);
            var answer = new byte[16 * 1024];
            while (!budget.IsCancellationRequested)
            {
                await stream.WriteAsync(Request, budget.Token).ConfigureAwait(false);
                if (await stream.ReadAsync(answer, budget.Token).ConfigureAwait(false) == 0)
                {
                    return;
                }
            }
        }
        catch (Exception end) when (end is SocketException or IOException or AuthenticationException or OperationCanceledException)
        {
            // The budget is used up, or the node stops, or takes no calls of its own certificate.
        }
    }

    private static async Task<Stream> OpenAsync(Socket socket, ServerUrl client, OutgoingTls tls, CancellationToken cancellationToken)
    {
        var plain = new NetworkStream(socket);
        if (!client.IsTls)
        {
            return plain;
        }

        var stream = new SslStream(plain);
        SslClientAuthenticationOptions options = tls.Options();
        options.TargetHost = client.Host;
        await stream.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
        return stream;
    }
}
