using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace RaftKv.Lab;

/// <summary>
/// The way from one node to another: stands between a node and a peer that it dials. Messages to the peer travel on it;
/// those of the peer travel on the link that leads the other way. Safe from any thread.
/// </summary>
public sealed class Link : IDisposable
{
    // A bound for memory; TCP holds back the sender beyond it.
    private const int MostPieces = 1024;
    private const int PieceBytes = 64 * 1024;

    private readonly TcpListener _listener;
    private readonly int _targetPort;
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<Socket> _sockets = [];
    private readonly Lock _gate = new();
    private TaskCompletionSource? _opening;
    private LinkState _state;
    private TimeSpan _delay;

    /// <summary>Begins to listen on this machine.</summary>
    /// <param name="from">Name of the node that dials.</param>
    /// <param name="to">Name of the node that is dialled.</param>
    /// <param name="port">Where the first is to dial; 0 takes a free one.</param>
    /// <param name="targetPort">Where the second listens for its peers.</param>
    /// <exception cref="SocketException">The port is in use.</exception>
    public Link(string from, string to, int port, int targetPort)
    {
        From = from;
        To = to;
        _targetPort = targetPort;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = AcceptAsync();
    }

    /// <summary>The node that dials.</summary>
    public string From { get; }

    /// <summary>The node that is dialled.</summary>
    public string To { get; }

    /// <summary>Where the first dials.</summary>
    public int Port { get; }

    /// <summary>What it does.</summary>
    public LinkState State
    {
        get
        {
            lock (_gate)
            {
                return _state;
            }
        }
    }

    /// <summary>How much longer the way takes, each way and in order; it gets no narrower.</summary>
    public TimeSpan Delay
    {
        get
        {
            lock (_gate)
            {
                return _delay;
            }
        }

        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, TimeSpan.Zero);
            lock (_gate)
            {
                _delay = value;
            }
        }
    }

    /// <summary>Keeps what comes from now on.</summary>
    public void Hold()
    {
        lock (_gate)
        {
            if (_state == LinkState.Cut)
            {
                return;
            }

            _state = LinkState.Held;
            _opening ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Closes what is open, and every new connection.</summary>
    public void Cut()
    {
        lock (_gate)
        {
            _state = LinkState.Cut;
            CloseAll();
            Release();
        }
    }

    /// <summary>Passes on what was kept, and what comes; without delay.</summary>
    public void Heal()
    {
        lock (_gate)
        {
            _state = LinkState.Open;
            _delay = TimeSpan.Zero;
            Release();
        }
    }

    /// <summary>Closes everything and stops to listen.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        lock (_gate)
        {
            CloseAll();
            Release();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket near = await _listener.AcceptSocketAsync(_stop.Token).ConfigureAwait(false);
                _ = ServeAsync(near);
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket near)
    {
        var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        try
        {
            if (Adopt(near, far))
            {
                await WhenOpenAsync().ConfigureAwait(false);
                await far.ConnectAsync(IPAddress.Loopback, _targetPort, _stop.Token).ConfigureAwait(false);
                await Task.WhenAny(PumpAsync(near, far), PumpAsync(far, near)).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // One side is gone; so is the other, below.
        }

        Close(near);
        Close(far);
    }

    /// <summary>Takes in without waiting for what goes out, so that a delay makes the way longer and not narrower.</summary>
    private async Task PumpAsync(Socket from, Socket to)
    {
        var onTheWay = Channel.CreateBounded<(long SentAt, TimeSpan Delay, byte[] Bytes)>(
            new BoundedChannelOptions(MostPieces) { SingleReader = true, SingleWriter = true });
        Task delivery = DeliverAsync(onTheWay, to);
        byte[] buffer = new byte[PieceBytes];
        try
        {
            while (!delivery.IsCompleted)
            {
                int count = await from.ReceiveAsync(buffer, _stop.Token).ConfigureAwait(false);
                if (count == 0)
                {
                    break;
                }

                await onTheWay.Writer.WriteAsync((TimeProvider.System.GetTimestamp(), Delay, buffer[..count]), _stop.Token)
                    .ConfigureAwait(false);
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // One side is gone.
        }

        onTheWay.Writer.TryComplete();
        await delivery.ConfigureAwait(false);
    }

    private async Task DeliverAsync(Channel<(long SentAt, TimeSpan Delay, byte[] Bytes)> onTheWay, Socket to)
    {
        try
        {
            await foreach ((long sentAt, TimeSpan delay, byte[] bytes) in onTheWay.Reader.ReadAllAsync(_stop.Token).ConfigureAwait(false))
            {
                TimeSpan left = delay - TimeProvider.System.GetElapsedTime(sentAt);
                if (left > TimeSpan.Zero)
                {
                    // Whole milliseconds are waited, and no less than what is left.
                    var wait = TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
                    await Task.Delay(wait, TimeProvider.System, _stop.Token).ConfigureAwait(false);
                }

                await WhenOpenAsync().ConfigureAwait(false);
                for (int sent = 0; sent < bytes.Length;)
                {
                    sent += await to.SendAsync(bytes.AsMemory(sent), _stop.Token).ConfigureAwait(false);
                }
            }
        }
        catch (Exception e) when (IsEnd(e))
        {
            // One side is gone.
        }
        finally
        {
            // Nobody takes any more: who waits to hand over must not wait for ever.
            onTheWay.Writer.TryComplete();
        }
    }

    private Task WhenOpenAsync()
    {
        lock (_gate)
        {
            return _opening?.Task ?? Task.CompletedTask;
        }
    }

    /// <summary>False when the link is cut: the connection is closed at once.</summary>
    private bool Adopt(Socket near, Socket far)
    {
        lock (_gate)
        {
            if (_state == LinkState.Cut || _stop.IsCancellationRequested)
            {
                return false;
            }

            _sockets.Add(near);
            _sockets.Add(far);
            return true;
        }
    }

    private void Close(Socket socket)
    {
        lock (_gate)
        {
            _sockets.Remove(socket);
        }

        socket.Dispose();
    }

    // With the gate held.
    private void CloseAll()
    {
        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }

        _sockets.Clear();
    }

    // With the gate held.
    private void Release()
    {
        _opening?.TrySetResult();
        _opening = null;
    }

    private static bool IsEnd(Exception e) =>
        e is OperationCanceledException or SocketException or ObjectDisposedException or ChannelClosedException;
}
