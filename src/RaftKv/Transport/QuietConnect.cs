using System.Net;
using System.Net.Sockets;

namespace RaftKv.Transport;

/// <summary>
/// Connects a socket as <see cref="Socket.ConnectAsync(string, int, CancellationToken)"/> does. That one writes the stack with
/// files and lines into the exception of each attempt that fails, and reads the symbols for it: megabytes and milliseconds for
/// what a peer that is down makes the usual case.
/// </summary>
internal static class QuietConnect
{
    /// <summary>Returns when connected; else throws <see cref="SocketException"/> or <see cref="OperationCanceledException"/>.</summary>
    public static async Task RunAsync(Socket socket, string host, int port, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var attempt = new SocketAsyncEventArgs();
        attempt.RemoteEndPoint = IPAddress.TryParse(host, out IPAddress? address)
            ? new IPEndPoint(address, port)
            : new DnsEndPoint(host, port);
        attempt.Completed += (_, _) => ended.TrySetResult();
        if (socket.ConnectAsync(attempt))
        {
            await using (cancellationToken.UnsafeRegister(static given => Socket.CancelConnectAsync((SocketAsyncEventArgs)given!), attempt))
            {
                await ended.Task.ConfigureAwait(false);
            }
        }

        if (attempt.SocketError != SocketError.Success)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new SocketException((int)attempt.SocketError);
        }
    }
}
