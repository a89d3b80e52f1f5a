using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RaftKv.Tests.Client;

/// <summary>
/// A scripted HTTP/1.1 server on a raw socket: it sees targets as they are on the wire, and can break off where it
/// likes.
/// </summary>
internal sealed class StubNode : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<StubRequest> _requests = new();
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly Func<StubRequest, StubReply> _script;
    private readonly ConcurrentQueue<string> _closed = new();
    private int _opened;

    private StubNode(string name, Func<StubRequest, StubReply> script)
    {
        Name = name;
        _script = script;
        _listener.Start();
        _ = AcceptAsync();
    }

    internal string Name { get; }

    /// <summary>Client sessions that were opened here.</summary>
    internal int Opened => Volatile.Read(ref _opened);

    /// <summary>Client sessions that were closed here, in order.</summary>
    internal IReadOnlyList<string> Closed => [.. _closed];

    /// <summary>Closing a session is not answered before this.</summary>
    internal Task ClosesAfter { get; set; } = Task.CompletedTask;

    /// <summary>False leaves the opening of sessions to the script.</summary>
    internal bool OpensSessions { get; init; } = true;

    /// <summary>What an opened session is told to keep.</summary>
    internal int MaxAnswers { get; init; } = 64;

    internal Uri Endpoint => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    internal IReadOnlyList<StubRequest> Requests => [.. _requests];

    /// <summary>Answers each request by its number, from 0; the last reply repeats.</summary>
    internal static StubNode Playing(string name, params StubReply[] replies)
    {
        int next = -1;
        return new(name, _ => replies[Math.Min(Interlocked.Increment(ref next), replies.Length - 1)]);
    }

    internal static StubNode Playing(params StubReply[] replies) => Playing("n1", replies);

    internal static StubNode Computing(
        Func<StubRequest, StubReply> script, string name = "n1", bool opensSessions = true, int maxAnswers = 64) =>
        new(name, script) { OpensSessions = opensSessions, MaxAnswers = maxAnswers };

    public void Dispose()
    {
        _listener.Stop();
        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync();
                _sockets.Add(socket);
                _ = ServeAsync(socket);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            using NetworkStream stream = new(socket, ownsSocket: true);
            while (await StubRequest.ReadAsync(stream) is { } request)
            {
                if (request.Target == "/api/v1/client-sessions" && OpensSessions)
                {
                    // No test's own request: the client opens its session before its first write.
                    string id = Interlocked.Increment(ref _opened).ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
                    await stream.WriteAsync(new StubReply(201, $$"""{"id":"{{id}}","maxAnswers":{{MaxAnswers}}}""").ToBytes(Name));
                    continue;
                }

                if (request.Method == "DELETE" && request.Target.StartsWith("/api/v1/client-sessions/", StringComparison.Ordinal))
                {
                    _closed.Enqueue(request.Target[(request.Target.LastIndexOf('/') + 1)..]);
                    await ClosesAfter;
                    await stream.WriteAsync(StubReply.Ok("""{"revision":1}""").ToBytes(Name));
                    continue;
                }

                _requests.Enqueue(request);
                StubReply reply = _script(request);
                if (reply.Gate is { } gate)
                {
                    await gate;
                }

                byte[] bytes = reply.ToBytes(Name);
                await stream.WriteAsync(bytes.AsMemory(0, bytes.Length - reply.CutBytes(bytes.Length)));
                if (reply.Break != StubBreak.None)
                {
                    // Linger 0 makes the close a reset rather than an orderly end.
                    socket.LingerState = new LingerOption(reply.IsReset, 0);
                    return;
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The client went away.
        }
    }
}

/// <summary>A request as it came.</summary>
internal sealed record StubRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    internal string BodyText => Encoding.UTF8.GetString(Body);

    internal string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>Null at the end of the connection.</summary>
    internal static async Task<StubRequest?> ReadAsync(Stream stream)
    {
        List<byte> head = [];
        byte[] one = new byte[1];
        while (head.Count < 4 || !Encoding.Latin1.GetString([.. head.TakeLast(4)]).Equals("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0)
            {
                return null;
            }

            head.Add(one[0]);
        }

        string[] lines = Encoding.Latin1.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        string[] start = lines[0].Split(' ');
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines.Skip(1))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        byte[] body = new byte[int.Parse(headers.GetValueOrDefault("Content-Length", "0"))];
        await stream.ReadExactlyAsync(body);
        return new StubRequest(start[0], start[1], headers, body);
    }
}

/// <summary>Where a reply breaks off.</summary>
internal enum StubBreak
{
    None = 0,
    BeforeAnswer = 1,
    InsideBody = 2,
}

/// <summary>A scripted answer.</summary>
internal sealed record StubReply(int Status, string Body)
{
    internal IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    internal string ContentType { get; init; } = "application/json";

    internal StubBreak Break { get; init; }

    internal bool IsReset { get; init; } = true;

    /// <summary>Held back until this is done.</summary>
    internal Task? Gate { get; init; }

    internal static StubReply Ok(string body, params (string, string)[] headers) => new(200, body) { Headers = headers };

    internal static StubReply Entry(string key, string value, long modRevision, long version = 1) =>
        Ok($$"""{"key":"{{key}}","value":"{{value}}","encoding":"utf-8","createRevision":2,"modRevision":{{modRevision}},"version":{{version}},"lease":null}""",
            ("RaftKv-Revision", $"{modRevision}"), ("ETag", $"\"{modRevision}\""));

    internal static StubReply Problem(int status, string code, string? applied, bool? retryable = null, params (string, string)[] headers)
    {
        string appliedJson = applied is null ? "" : $",\"applied\":\"{applied}\"";
        string retryableJson = retryable is null ? "" : $",\"retryable\":{(retryable.Value ? "true" : "false")}";
        return new(status, $$"""{"title":"t","detail":"d","status":{{status}},"code":"{{code}}"{{appliedJson}}{{retryableJson}},"node":"n1","traceId":"00-ab"}""")
        {
            ContentType = "application/problem+json",
            Headers = headers,
        };
    }

    internal byte[] ToBytes(string name)
    {
        byte[] body = Encoding.UTF8.GetBytes(Body);
        StringBuilder head = new($"HTTP/1.1 {Status} X\r\nContent-Type: {ContentType}\r\nContent-Length: {body.Length}\r\n");
        if (!Headers.Any(static header => header.Name == "RaftKv-Served-By"))
        {
            head.Append($"RaftKv-Served-By: {name}\r\n");
        }

        foreach ((string header, string value) in Headers)
        {
            head.Append($"{header}: {value}\r\n");
        }

        return [.. Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), .. body];
    }

    internal int CutBytes(int length) => Break switch
    {
        StubBreak.None => 0,
        StubBreak.BeforeAnswer => length,
        _ => Math.Min(length, 3),
    };
}

/// <summary>An address that refuses connections for as long as this lives: bound, but not listening.</summary>
internal sealed class RefusingEndpoint : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    internal RefusingEndpoint() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    internal Uri Endpoint => new($"http://127.0.0.1:{((IPEndPoint)_socket.LocalEndPoint!).Port}/");

    public void Dispose() => _socket.Dispose();
}
