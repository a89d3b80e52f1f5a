using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace RaftKv.Bench.Grpc;

/// <summary>
/// One HTTP/2 connection on a raw socket, in the clear or under TLS, that calls one gRPC method in many streams. Knows
/// just enough of HTTP/2: the head of each call but the first is seven bytes (eight with a token) that point into the
/// header table, as those of grpc-go are; an answer with a message is good, one without is an error. One loop.
/// </summary>
internal sealed class GrpcConnection : IDisposable
{
    private const int FrameHeadBytes = 9;
    private const int PrefixBytes = 5;
    private const int DefaultWindowBytes = 65_535;
    private const int WindowStepBytes = 64 * 1024 * 1024;
    private const byte EndStream = 1;
    private const byte EndHeaders = 4;
    private const byte Acknowledged = 1;

    // :method POST, :scheme http or https, and the entries of the table that the first head adds, oldest first.
    private readonly byte[] _laterHead;
    private readonly Uri _endpoint;
    private readonly string _method;
    private readonly IGrpcAnswers _answers;
    private readonly string? _token;
    private readonly X509ChainPolicy? _trust;
    private Socket? _socket;
    private SslStream? _tls;
    private byte[] _in = new byte[256 * 1024];
    private int _inCount;
    private byte[] _out = new byte[64 * 1024];
    private int _outCount;
    private int _nextStream = 1;
    private long _sendWindow = DefaultWindowBytes;
    private long _unreportedBytes;

    /// <param name="token">What each call says of who calls; null for nothing.</param>
    /// <param name="trust">How the server's certificate is judged, of this connection alone; null for no TLS.</param>
    internal GrpcConnection(Uri endpoint, string method, IGrpcAnswers answers, string? token = null, X509ChainPolicy? trust = null)
    {
        _endpoint = endpoint;
        _method = method;
        _answers = answers;
        _token = token;
        _trust = trust;
        _laterHead = token is null ? [0x83, Scheme, 0xC2, 0xC1, 0xC0, 0xBF, 0xBE] : [0x83, Scheme, 0xC3, 0xC2, 0xC1, 0xC0, 0xBF, 0xBE];
    }

    // The two schemes' places in the table that every connection begins with.
    private byte Scheme => (byte)(_trust is null ? 0x86 : 0x87);

    /// <summary>Connects and says how much may come at once.</summary>
    internal async Task ConnectAsync(CancellationToken cancellationToken)
    {
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await _socket.ConnectAsync(_endpoint.Host, _endpoint.Port, cancellationToken);
        if (_trust is not null)
        {
            _tls = new SslStream(new NetworkStream(_socket, ownsSocket: false));
            await _tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = _endpoint.Host,
                    ApplicationProtocols = [SslApplicationProtocol.Http2],
                    CertificateChainPolicy = _trust,
                },
                cancellationToken);
        }

        Put("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8);
        Span<byte> settings = stackalloc byte[6];
        BinaryPrimitives.WriteUInt16BigEndian(settings, 4);
        BinaryPrimitives.WriteInt32BigEndian(settings[2..], int.MaxValue);
        PutFrame(FrameType.Settings, flags: 0, stream: 0, settings);
        PutWindow(stream: 0, int.MaxValue - DefaultWindowBytes);
    }

    /// <summary>
    /// Begins a call with its first message; it goes out with the next flush. 0 while the server's window has no room.
    /// </summary>
    internal int TryOpen(ReadOnlySpan<byte> message, bool isLast)
    {
        if (_sendWindow < PrefixBytes + message.Length)
        {
            return 0;
        }

        int stream = _nextStream;
        _nextStream += 2;
        PutFrame(FrameType.Headers, EndHeaders, stream, stream == 1 ? FirstHead() : _laterHead);
        PutMessage(stream, message, isLast);
        return stream;
    }

    /// <summary>A further message of a call.</summary>
    internal void PutMessage(int stream, ReadOnlySpan<byte> message, bool isLast)
    {
        Span<byte> head = stackalloc byte[FrameHeadBytes + PrefixBytes];
        WriteFrameHead(head, PrefixBytes + message.Length, FrameType.Data, isLast ? EndStream : (byte)0, stream);
        BinaryPrimitives.WriteInt32BigEndian(head[(FrameHeadBytes + 1)..], message.Length);
        Put(head);
        Put(message);
        _sendWindow -= PrefixBytes + message.Length;
    }

    internal async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_tls is not null && _outCount > 0)
        {
            await SealAsync(_tls, cancellationToken).ConfigureAwait(false);
            _outCount = 0;
        }

        for (int sent = 0; sent < _outCount;)
        {
            Memory<byte> rest = _out.AsMemory(sent, _outCount - sent);
            sent += await _socket!.SendAsync(rest, SocketFlags.None, cancellationToken).ConfigureAwait(false);
        }

        _outCount = 0;
    }

    /// <summary>Blocks until bytes are there, or for so long; false when none came.</summary>
    internal bool WaitForBytes(TimeSpan longest) => _socket!.Poll(longest, SelectMode.SelectRead);

    /// <summary>Waits for bytes and tells of all whole frames in them.</summary>
    /// <exception cref="SocketException">The connection has ended.</exception>
    internal async ValueTask ReceiveAsync(CancellationToken cancellationToken)
    {
        if (_inCount == _in.Length)
        {
            Array.Resize(ref _in, _in.Length * 2);
        }

        int read = _tls is null
            ? await _socket!.ReceiveAsync(_in.AsMemory(_inCount), SocketFlags.None, cancellationToken).ConfigureAwait(false)
            : await UnsealAsync(_tls, cancellationToken).ConfigureAwait(false);
        if (read == 0)
        {
            throw new SocketException((int)SocketError.ConnectionReset);
        }

        _inCount += read;
        TakeFrames();
    }

    public void Dispose()
    {
        _tls?.Dispose();
        _socket?.Dispose();
    }

    private async ValueTask SealAsync(SslStream tls, CancellationToken cancellationToken)
    {
        try
        {
            await tls.WriteAsync(_out.AsMemory(0, _outCount), cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            throw new SocketException((int)SocketError.ConnectionReset);
        }
    }

    private async ValueTask<int> UnsealAsync(SslStream tls, CancellationToken cancellationToken)
    {
        try
        {
            return await tls.ReadAsync(_in.AsMemory(_inCount), cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private void TakeFrames()
    {
        int at = 0;
        while (_inCount - at >= FrameHeadBytes)
        {
            ReadOnlySpan<byte> head = _in.AsSpan(at, FrameHeadBytes);
            int length = (head[0] << 16) | (head[1] << 8) | head[2];
            if (_inCount - at < FrameHeadBytes + length)
            {
                break;
            }

            int stream = BinaryPrimitives.ReadInt32BigEndian(head[5..]);
            Take((FrameType)head[3], head[4], stream, _in.AsSpan(at + FrameHeadBytes, length));
            at += FrameHeadBytes + length;
        }

        _in.AsSpan(at, _inCount - at).CopyTo(_in);
        _inCount -= at;
    }

    private void Take(FrameType type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case FrameType.Data:
                Replenish(stream, payload.Length);
                _answers.OnData(stream, payload);
                break;
            case FrameType.Settings when (flags & Acknowledged) == 0:
                PutFrame(FrameType.Settings, Acknowledged, stream: 0, []);
                break;
            case FrameType.Ping when (flags & Acknowledged) == 0:
                PutFrame(FrameType.Ping, Acknowledged, stream: 0, payload);
                break;
            case FrameType.Window when stream == 0:
                _sendWindow += BinaryPrimitives.ReadInt32BigEndian(payload);
                break;
            case FrameType.Goaway:
                throw new BenchException($"{_endpoint} ends the connection: {Encoding.UTF8.GetString(payload[8..])}");
        }

        if (type == FrameType.Reset || (type is FrameType.Data or FrameType.Headers && (flags & EndStream) != 0))
        {
            _answers.OnEnd(stream);
        }
    }

    private void Replenish(int stream, int bytes)
    {
        _unreportedBytes += bytes;
        if (_unreportedBytes < WindowStepBytes)
        {
            return;
        }

        // A connection with a long stream has one stream.
        PutWindow(0, (int)_unreportedBytes);
        PutWindow(stream, (int)_unreportedBytes);
        _unreportedBytes = 0;
    }

    private void PutWindow(int stream, int bytes)
    {
        Span<byte> window = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(window, bytes);
        PutFrame(FrameType.Window, flags: 0, stream, window);
    }

    private byte[] FirstHead()
    {
        List<byte> head = [0x83, Scheme];
        Literal(head, [0x44], _method);
        Literal(head, [0x41], _endpoint.Authority);
        Literal(head, [0x5F], "application/grpc");
        head.Add(0x40);
        Literal(head, [], "te");
        Literal(head, [], "trailers");
        Literal(head, [0x7A], "raftkv-bench");
        if (_token is not null)
        {
            head.Add(0x40);
            Literal(head, [], "token");
            Literal(head, [], _token);
        }

        return [.. head];
    }

    private static void Literal(List<byte> head, ReadOnlySpan<byte> before, string text)
    {
        head.AddRange(before);
        head.Add(text.Length < 127 ? (byte)text.Length : throw new BenchException("A header is longer than one byte tells."));
        head.AddRange(Encoding.ASCII.GetBytes(text));
    }

    private void PutFrame(FrameType type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[FrameHeadBytes];
        WriteFrameHead(head, payload.Length, type, flags, stream);
        Put(head);
        Put(payload);
    }

    private static void WriteFrameHead(Span<byte> into, int length, FrameType type, byte flags, int stream)
    {
        into[0] = (byte)(length >> 16);
        into[1] = (byte)(length >> 8);
        into[2] = (byte)length;
        into[3] = (byte)type;
        into[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(into[5..], stream);
    }

    private void Put(ReadOnlySpan<byte> bytes)
    {
        if (_outCount + bytes.Length > _out.Length)
        {
            Array.Resize(ref _out, Math.Max(_out.Length * 2, _outCount + bytes.Length));
        }

        bytes.CopyTo(_out.AsSpan(_outCount));
        _outCount += bytes.Length;
    }

    private enum FrameType : byte
    {
        Data = 0,
        Headers = 1,
        Reset = 3,
        Settings = 4,
        Ping = 6,
        Goaway = 7,
        Window = 8,
    }
}
