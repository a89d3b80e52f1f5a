using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RaftKv.JepsenStyle.Http;

/// <summary>
/// One HTTP/1.1 connection, by hand: a library client may send a request twice behind our back when a pooled connection
/// breaks, and a counter that grew by two for one "add" would then look like the server's fault. Used by one caller at
/// a time.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    private HttpConnection(Socket socket) => _socket = socket;

    /// <summary>False once the server has closed it: the next request would be lost on the way.</summary>
    public bool IsUsable
    {
        get
        {
            try
            {
                return _start == _end && !(_socket.Poll(0, SelectMode.SelectRead) && _socket.Available == 0);
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    public static async Task<HttpConnection> OpenAsync(int port, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            return new HttpConnection(socket);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            throw new HttpFailureException($"connect to {port}: {e.Message}", wasSent: false, e);
        }
    }

    /// <summary>Sends one or more whole requests, back to back.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> requests, CancellationToken cancellationToken)
    {
        try
        {
            for (int sent = 0; sent < requests.Length;)
            {
                sent += await _socket.SendAsync(requests[sent..], cancellationToken);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            throw new HttpFailureException($"send: {e.Message}", wasSent: true, e);
        }
    }

    /// <summary>Reads the next answer in order.</summary>
    /// <param name="hasBody">False for the answer to a HEAD.</param>
    public async Task<HttpAnswer> ReceiveAsync(bool hasBody, CancellationToken cancellationToken)
    {
        HttpAnswer head = await ReceiveHeadAsync(cancellationToken);
        if (!hasBody || head.Status is 204 or 304)
        {
            return head;
        }

        try
        {
            return head with { Body = await BodyAsync(head.Headers, cancellationToken) };
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw new HttpFailureException($"receive: {e.Message}", wasSent: true, e);
        }
    }

    /// <summary>Reads status and headers of the next answer; its body stays unread.</summary>
    public async Task<HttpAnswer> ReceiveHeadAsync(CancellationToken cancellationToken)
    {
        try
        {
            string statusLine = await LineAsync(cancellationToken);
            string[] parts = statusLine.Split(' ', 3);
            if (parts.Length < 2 || !parts[0].StartsWith("HTTP/1.", StringComparison.Ordinal))
            {
                throw new HttpFailureException($"not HTTP: '{statusLine}'", wasSent: true);
            }

            int status = int.Parse(parts[1], CultureInfo.InvariantCulture);
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            for (string line = await LineAsync(cancellationToken); line.Length > 0; line = await LineAsync(cancellationToken))
            {
                int colon = line.IndexOf(':', StringComparison.Ordinal);
                headers[line[..colon].Trim()] = line[(colon + 1)..].Trim();
            }

            return new HttpAnswer(status, headers, []);
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw new HttpFailureException($"receive: {e.Message}", wasSent: true, e);
        }
    }

    /// <summary>Reads the next piece of a chunked body as it comes; null at its end.</summary>
    public async Task<byte[]?> ReceiveChunkAsync(CancellationToken cancellationToken)
    {
        try
        {
            int size = int.Parse((await LineAsync(cancellationToken)).Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            byte[] chunk = await BytesAsync(size, cancellationToken);
            await LineAsync(cancellationToken);
            return size == 0 ? null : chunk;
        }
        catch (Exception e) when (IsFailure(e))
        {
            throw new HttpFailureException($"receive: {e.Message}", wasSent: true, e);
        }
    }

    /// <summary>The bytes of a request. <paramref name="headers"/> are whole lines without their ends.</summary>
    public static byte[] Format(string method, string target, IEnumerable<string> headers, ReadOnlySpan<byte> body)
    {
        var text = new StringBuilder().Append(method).Append(' ').Append(target).Append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        foreach (string header in headers)
        {
            text.Append(header).Append("\r\n");
        }

        if (body.Length > 0 || method is "PUT" or "POST")
        {
            text.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        }

        return [.. Encoding.ASCII.GetBytes(text.Append("\r\n").ToString()), .. body];
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsFailure(Exception e) =>
        e is SocketException or OperationCanceledException or ObjectDisposedException or FormatException;

    private async Task<byte[]> BodyAsync(IReadOnlyDictionary<string, string> headers, CancellationToken cancellationToken)
    {
        if (headers.TryGetValue("Content-Length", out string? length))
        {
            return await BytesAsync(int.Parse(length, CultureInfo.InvariantCulture), cancellationToken);
        }

        if (!headers.TryGetValue("Transfer-Encoding", out string? encoding) || encoding != "chunked")
        {
            return [];
        }

        var body = new ArrayBufferWriter<byte>();
        while (await ReceiveChunkAsync(cancellationToken) is { } chunk)
        {
            body.Write(chunk);
        }

        return body.WrittenSpan.ToArray();
    }

    private async Task<string> LineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        while (true)
        {
            int newline = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            int take = newline < 0 ? _end - _start : newline + 1;
            line.Append(Encoding.Latin1.GetString(_buffer, _start, take));
            _start += take;
            if (newline >= 0)
            {
                return line.ToString().TrimEnd('\r', '\n');
            }

            await FillAsync(cancellationToken);
        }
    }

    private async Task<byte[]> BytesAsync(int count, CancellationToken cancellationToken)
    {
        byte[] result = new byte[count];
        for (int done = 0; done < count;)
        {
            if (_start == _end)
            {
                await FillAsync(cancellationToken);
            }

            int take = Math.Min(count - done, _end - _start);
            _buffer.AsSpan(_start, take).CopyTo(result.AsSpan(done));
            _start += take;
            done += take;
        }

        return result;
    }

    private async Task FillAsync(CancellationToken cancellationToken)
    {
        _start = 0;
        _end = await _socket.ReceiveAsync(_buffer, cancellationToken);
        if (_end == 0)
        {
            throw new HttpFailureException("receive: connection closed by the server", wasSent: true);
        }
    }
}
