using System.Net;
using System.Net.Sockets;

namespace RaftKv.Cli.Tests.Support;

/// <summary>Sends back what it is sent.</summary>
internal sealed class EchoServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public EchoServer()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Stop();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync();
                _ = EchoAsync(client);
            }
        }
        catch (SocketException)
        {
            // Stopped.
        }
    }

    private static async Task EchoAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                await client.GetStream().CopyToAsync(client.GetStream());
            }
        }
        catch (IOException)
        {
            // The caller is gone.
        }
    }
}
