namespace RaftKv.JepsenStyle.Http;

/// <summary>
/// Requests to one node over one kept connection, each with a time limit. Used by one caller at a time.
/// </summary>
internal sealed class NodeSession(string name, int port, TimeSpan timeout) : IDisposable
{
    private HttpConnection? _connection;

    /// <summary>How long an answer is waited for.</summary>
    public TimeSpan Timeout { get; set; } = timeout;

    /// <summary>The node's name.</summary>
    public string Name { get; } = name;

    public Task<HttpAnswer> GetAsync(string target, params string[] headers) => SendAsync("GET", target, headers, default);

    /// <summary>
    /// Sends a request and gives its answer; throws <see cref="HttpFailureException"/> when none came in time.
    /// </summary>
    public async Task<HttpAnswer> SendAsync(string method, string target, IEnumerable<string> headers, ReadOnlyMemory<byte> body)
    {
        using var cancel = new CancellationTokenSource(Timeout);
        if (_connection is { IsUsable: false })
        {
            Drop();
        }

        _connection ??= await HttpConnection.OpenAsync(port, cancel.Token);
        try
        {
            await _connection.SendAsync(HttpConnection.Format(method, target, headers, body.Span), cancel.Token);
            HttpAnswer answer = await _connection.ReceiveAsync(hasBody: method != "HEAD", cancel.Token);
            if (string.Equals(answer.Header("Connection"), "close", StringComparison.OrdinalIgnoreCase))
            {
                Drop();
            }

            return answer;
        }
        catch (HttpFailureException)
        {
            Drop();
            throw;
        }
    }

    public void Dispose() => Drop();

    private void Drop()
    {
        _connection?.Dispose();
        _connection = null;
    }
}
