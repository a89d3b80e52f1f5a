using System.Text;

namespace RaftKv.JepsenStyle.Http;

/// <summary>One message of a stream of Server-Sent Events.</summary>
internal sealed record StreamEvent(string? Id, string Event, string Data);

/// <summary>An open stream of Server-Sent Events from one node. Used by one caller at a time.</summary>
internal sealed class EventStream : IDisposable
{
    private readonly HttpConnection _connection;
    private readonly Queue<string> _lines = new();
    private string _rest = "";

    private EventStream(HttpConnection connection, HttpAnswer head)
    {
        _connection = connection;
        Head = head;
    }

    /// <summary>Status and headers of the answer.</summary>
    public HttpAnswer Head { get; }

    /// <summary>Asks for a stream; throws <see cref="HttpFailureException"/> when no answer begins.</summary>
    public static async Task<EventStream> OpenAsync(int port, string target, IEnumerable<string> headers, CancellationToken cancellationToken)
    {
        HttpConnection connection = await HttpConnection.OpenAsync(port, cancellationToken);
        try
        {
            byte[] request = HttpConnection.Format("GET", target, [.. headers, "Accept: text/event-stream"], []);
            await connection.SendAsync(request, cancellationToken);
            return new EventStream(connection, await connection.ReceiveHeadAsync(cancellationToken));
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The next message; null when the server ended the stream.</summary>
    public async Task<StreamEvent?> NextAsync(CancellationToken cancellationToken)
    {
        string? id = null;
        string name = "message";
        var data = new StringBuilder();
        while (true)
        {
            while (_lines.TryDequeue(out string? line))
            {
                if (line.Length == 0 && data.Length > 0)
                {
                    return new StreamEvent(id, name, data.ToString());
                }

                (string field, string value) = Field(line);
                switch (field)
                {
                    case "id":
                        id = value;
                        break;
                    case "event":
                        name = value;
                        break;
                    case "data":
                        data.Append(data.Length == 0 ? "" : "\n").Append(value);
                        break;
                }
            }

            if (await _connection.ReceiveChunkAsync(cancellationToken) is not { } chunk)
            {
                return null;
            }

            string[] parts = (_rest + Encoding.UTF8.GetString(chunk)).Split('\n');
            _rest = parts[^1];
            foreach (string line in parts[..^1])
            {
                _lines.Enqueue(line.TrimEnd('\r'));
            }
        }
    }

    public void Dispose() => _connection.Dispose();

    private static (string Field, string Value) Field(string line)
    {
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? (line, "") : (line[..colon], line[(colon + 1)..].TrimStart(' '));
    }
}
