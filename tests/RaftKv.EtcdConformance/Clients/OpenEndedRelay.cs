using System.Net;
using System.Net.Sockets;

namespace RaftKv.EtcdConformance.Clients;

/// <summary>
/// Passes the bytes of one connection on to a server and back, but not the server's end of it. .NET's client, whose own
/// half of a stream is still open when the connection ends, drops an answer that came whole but was not read yet.
/// </summary>
public sealed class OpenEndedRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _running;

    public OpenEndedRelay(Uri server)
    {
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _running = RunAsync(server);
    }

    /// <summary>Where the client connects to.</summary>
    public Uri Address { get; }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _running;
        _listener.Dispose();
        _closing.Dispose();
    }

    private async Task RunAsync(Uri server)
    {
        try
        {
            using TcpClient near = await _listener.AcceptTcpClientAsync(_closing.Token);
            using var far = new TcpClient();
            await far.ConnectAsync(server.Host, server.Port, _closing.Token);
            await Task.WhenAll(PassAsync(near, far), PassAsync(far, near));
            await Task.Delay(Timeout.InfiniteTimeSpan, _closing.Token);
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private async Task PassAsync(TcpClient from, TcpClient to)
    {
        try
        {
            await from.GetStream().CopyToAsync(to.GetStream(), _closing.Token);
        }
        catch (IOException)
        {
            // One side is gone; what it sent before has been passed on.
        }
    }
}
