using System.Net.Sockets;

namespace RaftKv.Transport;

/// <summary>
/// A connection to a peer as bytes, in the clear or under TLS.
/// </summary>
internal abstract class PeerWire : IDisposable
{
    /// <summary>
    /// Sends as much as goes without waiting; the count sent, 0 when the connection is full. Throws when it is broken.
    /// </summary>
    public abstract int TrySend(ReadOnlySpan<byte> bytes);

    /// <summary>Sends everything.</summary>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Receives something; 0 when the other side has closed.</summary>
    public abstract ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>
    /// Throws <see cref="PeerRefusedException"/> when who is there may not speak for that member; for a connection that was
    /// dialled without a name.
    /// </summary>
    public virtual void DemandProofOf(string member)
    {
    }

    /// <summary>Closes. Any thread; calls under way fail.</summary>
    public abstract void Dispose();
}

/// <summary>Plain TCP.</summary>
internal sealed class SocketWire : PeerWire
{
    // Numbers of Linux: IPPROTO_TCP and TCP_USER_TIMEOUT.
    private const int LinuxTcpLevel = 6;
    private const int LinuxTcpUserTimeout = 18;

    // Unacknowledged for so long means dead. Above any pause that a healthy network has, below what a client waits.
    private const int DeadAfterMs = 5000;

    private readonly Socket _socket;

    private SocketWire(Socket socket) => _socket = socket;

    /// <summary>Dials.</summary>
    public static async Task<PeerWire> ConnectAsync(PeerAddress peer, CancellationToken cancellationToken)
    {
        Socket socket = await DialAsync(peer, cancellationToken).ConfigureAwait(false);
        socket.Blocking = false;
        return new SocketWire(socket);
    }

    /// <summary>A connected socket that notices when the peer is gone.</summary>
    public static async Task<Socket> DialAsync(PeerAddress peer, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 2);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 1);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            if (OperatingSystem.IsLinux())
            {
                socket.SetRawSocketOption(LinuxTcpLevel, LinuxTcpUserTimeout, BitConverter.GetBytes(DeadAfterMs));
            }

            await QuietConnect.RunAsync(socket, peer.Host, peer.Port, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override int TrySend(ReadOnlySpan<byte> bytes)
    {
        int sent = _socket.Send(bytes, SocketFlags.None, out SocketError error);
        return error switch
        {
            SocketError.Success => sent,
            SocketError.WouldBlock or SocketError.IOPending => 0,
            _ => throw new SocketException((int)error),
        };
    }

    /// <inheritdoc/>
    public override async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            int sent = await _socket.SendAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            bytes = bytes[sent..];
        }
    }

    /// <inheritdoc/>
    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer, CancellationToken cancellationToken) =>
        _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken);

    /// <inheritdoc/>
    public override void Dispose() => _socket.Dispose();
}
