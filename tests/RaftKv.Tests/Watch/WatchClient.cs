using System.Net.Http.Headers;
using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.Tests.Watch;

/// <summary>One stream as a client sees it.</summary>
internal sealed class WatchClient : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly StreamReader _reader;
    private readonly bool _isLines;

    private WatchClient(HttpResponseMessage response)
    {
        Response = response;
        _reader = new StreamReader(response.Content.ReadAsStream());
        _isLines = response.Content.Headers.ContentType?.MediaType == "application/x-ndjson";
    }

    public HttpResponseMessage Response { get; }

    public static async Task<WatchClient> OpenAsync(HttpClient http, string query, string accept = "text/event-stream", string? lastId = null)
    {
        HttpResponseMessage response = await SendAsync(http, query, accept, lastId);
        Assert.True(response.IsSuccessStatusCode, await ErrorOfAsync(response));
        Assert.Equal(accept, response.Content.Headers.ContentType?.MediaType);
        return new WatchClient(response);
    }

    /// <summary>The stream of an answer.</summary>
    public static WatchClient Of(HttpResponseMessage response) => new(response);

    public static async Task<HttpResponseMessage> SendAsync(HttpClient http, string query, string accept, string? lastId = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/watch?" + query);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse(accept));
        if (lastId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastId);
        }

        return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Patience);
    }

    /// <summary>The next message; null at the end of the stream.</summary>
    public async Task<WatchMessage?> NextAsync()
    {
        using var timeout = new CancellationTokenSource(Patience);
        while (true)
        {
            var lines = new List<string>();
            while (await _reader.ReadLineAsync(timeout.Token) is { } line)
            {
                if (_isLines)
                {
                    return WatchWire.ParseLine(line);
                }

                if (line.Length == 0)
                {
                    break;
                }

                lines.Add(line);
            }

            if (lines.Count == 0)
            {
                return null;
            }

            if (WatchWire.ParseEvent(lines, out _) is { } message)
            {
                return message;
            }
        }
    }

    /// <summary>The next message that is no bookmark.</summary>
    public async Task<T> NextAsync<T>()
        where T : WatchMessage
    {
        WatchMessage? message = await NextAsync();
        while (message is BookmarkMessage && typeof(T) != typeof(BookmarkMessage))
        {
            message = await NextAsync();
        }

        return Assert.IsType<T>(message);
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        Response.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<string> ErrorOfAsync(HttpResponseMessage response) =>
        response.IsSuccessStatusCode ? "" : await response.Content.ReadAsStringAsync();
}
