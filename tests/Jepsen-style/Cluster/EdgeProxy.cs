using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace RaftKv.JepsenStyle.Cluster;

/// <summary>
/// Stands between one node and one peer that it dials. Cut, it holds every byte and every new connection, as a network
/// that loses all packets does; healed, it closes what it held, so that a byte stream is never continued with a hole in
/// it.
/// </summary>
internal sealed class EdgeProxy : IDisposable
{
    // A bound for memory; TCP holds back the sender beyond it.
    private const int MostPieces = 1024;

    private readonly TcpListener _listener;
    private readonly int _targetPort;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Socket> _sockets = [];
    private readonly Lock _gate = new();
    private bool _isCut;
    private int _delayMs;
    private long _heldCount;
    private long _passedBytes;
    private long _delayedCount;

    public EdgeProxy(string from, string to, int port, int targetPort)
    {
        From = from;
        To = to;
        Port = port;
        _targetPort = targetPort;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>The node that dials.</summary>
    public string From { get; }

    /// <summary>The node that is dialled.</summary>
    public string To { get; }

    public int Port { get; }

    /// <summary>Reads and connections that were held since the start: the proof that a cut met traffic.</summary>
    public long HeldCount => Interlocked.Read(ref _heldCount);

    /// <summary>Bytes that went through, both ways: the proof that the nodes use this way at all.</summary>
    public long PassedBytes => Interlocked.Read(ref _passedBytes);

    /// <summary>Pieces that were made to wait since the start.</summary>
    public long DelayedCount => Interlocked.Read(ref _delayedCount);

    /// <summary>Makes the way longer by so much, both ways and in order; 0 for not at all. It gets no narrower.</summary>
    public void Slow(int delayMs) => Volatile.Write(ref _delayMs, delayMs);

    public void Cut()
    {
        lock (_gate)
        {
            _isCut = true;
        }
    }

    public void Heal()
    {
        lock (_gate)
        {
            if (_isCut)
            {
                _isCut = false;
                CloseAll();
            }
        }
    }

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
        lock (_gate)
        {
            CloseAll();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket near = await _listener.AcceptSocketAsync(_stop.Token);
                _ = ServeAsync(near);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed: the end of the run.
        }
    }

    private async Task ServeAsync(Socket near)
    {
        var far = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.NoDelay = true;
        if (!Adopt(near, far))
        {
            return;
        }

        try
        {
            await far.ConnectAsync(IPAddress.Loopback, _targetPort, _stop.Token);
            Task forth = PumpAsync(near, far);
            Task back = PumpAsync(far, near);
            await Task.WhenAny(forth, back);
            if (!IsHeld())
            {
                Close(near, far);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            if (!IsHeld())
            {
                Close(near, far);
            }
        }
    }

    /// <summary>
    /// Takes in without waiting for what goes out, so that a delay makes the way longer and not narrower.
    /// </summary>
    private async Task PumpAsync(Socket from, Socket to)
    {
        var onTheWay = Channel.CreateBounded<(long DueAt, byte[] Bytes)>(
            new BoundedChannelOptions(MostPieces) { SingleReader = true, SingleWriter = true });
        Task delivery = DeliverAsync(onTheWay, to);
        byte[] buffer = new byte[64 * 1024];
        try
        {
            while (!delivery.IsCompleted)
            {
                int count = await from.ReceiveAsync(buffer, _stop.Token);
                if (IsHeld() || count == 0)
                {
                    break;
                }

                int delay = Volatile.Read(ref _delayMs);
                Interlocked.Add(ref _delayedCount, delay > 0 ? 1 : 0);
                await onTheWay.Writer.WriteAsync((Environment.TickCount64 + delay, buffer[..count]), _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException or ChannelClosedException)
        {
            // One side is gone; ServeAsync closes the other.
        }

        onTheWay.Writer.TryComplete();
        await delivery;
    }

    private async Task DeliverAsync(Channel<(long DueAt, byte[] Bytes)> onTheWay, Socket to)
    {
        try
        {
            await foreach ((long dueAt, byte[] bytes) in onTheWay.Reader.ReadAllAsync(_stop.Token))
            {
                long wait = dueAt - Environment.TickCount64;
                if (wait > 0)
                {
                    await Task.Delay((int)wait, _stop.Token);
                }

                if (IsHeld())
                {
                    return;
                }

                for (int sent = 0; sent < bytes.Length;)
                {
                    sent += await to.SendAsync(bytes.AsMemory(sent), _stop.Token);
                }

                Interlocked.Add(ref _passedBytes, bytes.Length);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One side is gone; ServeAsync closes the other.
        }
        finally
        {
            // Nobody takes any more: who waits to hand over must not wait for ever.
            onTheWay.Writer.TryComplete();
        }
    }

    /// <summary>False when the edge is cut: the connection stays open and unanswered until it heals.</summary>
    private bool Adopt(Socket near, Socket far)
    {
        lock (_gate)
        {
            _sockets.Add(near);
            _sockets.Add(far);
            if (_isCut)
            {
                Interlocked.Increment(ref _heldCount);
            }

            return !_isCut;
        }
    }

    private bool IsHeld()
    {
        lock (_gate)
        {
            if (_isCut)
            {
                Interlocked.Increment(ref _heldCount);
            }

            return _isCut;
        }
    }

    private void Close(Socket near, Socket far)
    {
        lock (_gate)
        {
            _sockets.Remove(near);
            _sockets.Remove(far);
        }

        near.Dispose();
        far.Dispose();
    }

    private void CloseAll()
    {
        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }

        _sockets.Clear();
    }
}
