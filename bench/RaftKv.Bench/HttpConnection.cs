using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RaftKv.Bench;

/// <summary>
/// One kept-alive HTTP/1.1 connection on a raw socket. Knows just enough of HTTP to find where an answer ends. One
/// loop.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Uri _endpoint;
    private byte[] _buffer = new byte[16 * 1024];
    private Socket? _socket;
    private int _end;
    private int _headEnd;
    private int _bodyStart;
    private int _bodyEnd;

    internal HttpConnection(Uri endpoint) => _endpoint = endpoint;

    internal bool IsOpen => _socket is not null;

    /// <summary>The last answer's body, until the next exchange.</summary>
    internal ReadOnlySpan<byte> Body => _buffer.AsSpan(_bodyStart, _bodyEnd - _bodyStart);

    /// <summary>The last answer's status line and headers.</summary>
    internal string Head => Encoding.Latin1.GetString(_buffer, 0, _headEnd);

    public void Dispose() => Close();

    internal void Close()
    {
        _socket?.Dispose();
        _socket = null;
        _end = 0;
    }

    /// <summary>Sends a request and reads its answer; gives the status.</summary>
    /// <exception cref="SocketException">Refused, reset, or ended before the answer was complete; the connection is
    /// closed then.</exception>
    internal async ValueTask<int> ExchangeAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        try
        {
            Socket socket = _socket ?? await ConnectAsync(cancellationToken);
            for (ReadOnlyMemory<byte> rest = request; rest.Length > 0;)
            {
                rest = rest[await socket.SendAsync(rest, SocketFlags.None, cancellationToken)..];
            }

            _end = 0;
            while (true)
            {
                if (_end == _buffer.Length)
                {
                    Array.Resize(ref _buffer, _buffer.Length * 2);
                }

                int received = await socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, cancellationToken);
                if (received == 0)
                {
                    throw new SocketException((int)SocketError.ConnectionReset);
                }

                _end += received;
                if (TryParse(out int status, out bool closes))
                {
                    if (closes)
                    {
                        _socket?.Dispose();
                        _socket = null;
                    }

                    return status;
                }
            }
        }
        catch
        {
            Close();
            throw;
        }
    }

    private async ValueTask<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            EndPoint address = IPAddress.TryParse(_endpoint.Host, out IPAddress? ip)
                ? new IPEndPoint(ip, _endpoint.Port)
                : new DnsEndPoint(_endpoint.Host, _endpoint.Port);
            await socket.ConnectAsync(address, cancellationToken);
            return _socket = socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>True when the buffer holds the whole answer.</summary>
    private bool TryParse(out int status, out bool closes)
    {
        status = 0;
        closes = false;
        ReadOnlySpan<byte> data = _buffer.AsSpan(0, _end);
        int head = data.IndexOf("\r\n\r\n"u8);
        if (head < 0)
        {
            return false;
        }

        // "HTTP/1.1 200 OK"
        if (!Utf8Parser.TryParse(data[9..12], out status, out _))
        {
            throw new BenchException("The server does not speak HTTP/1.1.");
        }

        long length = 0;
        bool isChunked = false;
        ReadOnlySpan<byte> lines = data[..(head + 2)];
        while (true)
        {
            lines = lines[(lines.IndexOf("\r\n"u8) + 2)..];
            if (lines.IsEmpty)
            {
                break;
            }

            byte first = (byte)(lines[0] | 0x20);
            if (first == 'c')
            {
                ParseLengthOrClose(lines, ref length, ref closes);
            }
            else if (first == 't' && StartsWith(lines, "transfer-encoding: chunked"u8))
            {
                isChunked = true;
            }
        }

        _headEnd = head;
        _bodyStart = head + 4;
        _bodyEnd = _bodyStart;
        if (status is 204 or 304)
        {
            return true;
        }

        if (isChunked)
        {
            return TryJoinChunks(data);
        }

        _bodyEnd = _bodyStart + checked((int)length);
        return _end >= _bodyEnd;
    }

    private static void ParseLengthOrClose(ReadOnlySpan<byte> line, ref long length, ref bool closes)
    {
        if (StartsWith(line, "content-length:"u8))
        {
            ReadOnlySpan<byte> number = line[15..].TrimStart((byte)' ');
            if (!Utf8Parser.TryParse(number, out length, out _))
            {
                throw new BenchException("The server sent a Content-Length that is no number.");
            }
        }
        else if (StartsWith(line, "connection: close"u8))
        {
            closes = true;
        }
    }

    /// <summary>
    /// Finds the last chunk. The body is joined in place only when it is complete, so an incomplete one is parsed anew
    /// with more bytes.
    /// </summary>
    private bool TryJoinChunks(ReadOnlySpan<byte> data)
    {
        int position = _bodyStart;
        Span<(int Start, int Length)> chunks = stackalloc (int, int)[64];
        int count = 0;
        while (true)
        {
            int line = data[position..].IndexOf("\r\n"u8);
            if (line < 0)
            {
                return false;
            }

            if (!Utf8Parser.TryParse(data.Slice(position, line), out int length, out _, 'x'))
            {
                throw new BenchException("The server sent a chunk without a length.");
            }

            int start = position + line + 2;
            position = start + length + 2;
            if (position > data.Length)
            {
                return false;
            }

            if (length == 0)
            {
                break;
            }

            chunks[count++] = count <= chunks.Length ? (start, length) : throw new BenchException("An answer came in more than 64 chunks.");
        }

        foreach ((int start, int length) in chunks[..count])
        {
            _buffer.AsSpan(start, length).CopyTo(_buffer.AsSpan(_bodyEnd));
            _bodyEnd += length;
        }

        return true;
    }

    private static bool StartsWith(ReadOnlySpan<byte> line, ReadOnlySpan<byte> lowerCase) =>
        line.Length >= lowerCase.Length && Ascii.EqualsIgnoreCase(line[..lowerCase.Length], lowerCase);
}
