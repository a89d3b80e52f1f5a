using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RaftKv.Http;

namespace RaftKv.Dashboard.Api;

/// <summary>
/// Talks to nodes through their public API, as any client does; knows nothing of the server that it runs in. A node
/// that does not answer is an answer too. Any thread.
/// </summary>
public sealed class NodeClient
{
    /// <summary>A page can't show more than such an answer.</summary>
    private const int MaxAnswerBytes = 16 * 1024 * 1024;

    private readonly HttpClient _http;
    private readonly TimeProvider _time;
    private readonly string? _authorization;

    /// <param name="self">The node that the page belongs to.</param>
    /// <param name="configure">Sets the connections up, for TLS; null for the runtime's own ways.</param>
    public NodeClient(Uri self, Action<SocketsHttpHandler>? configure, TimeProvider time)
        : this(self, Handler(configure), time)
    {
    }

    internal NodeClient(Uri self, HttpMessageHandler handler, TimeProvider time)
    {
        Self = self;
        _time = time;
        _http = new HttpClient(new ResetHandler(handler))
        {
            Timeout = System.Threading.Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = MaxAnswerBytes,
        };
    }

    private NodeClient(NodeClient ground, string authorization)
    {
        Self = ground.Self;
        _time = ground._time;
        _http = ground._http;
        _authorization = authorization;
    }

    /// <summary>A node said that the caller is not known, or lacks a right. On the thread of the call.</summary>
    public event Action<ApiAnswer>? Refused;

    /// <summary>The node that the page belongs to.</summary>
    public Uri Self { get; }

    /// <summary>The same over the same connections, in the name of a visitor.</summary>
    /// <param name="authorization">What stands in the header Authorization.</param>
    public NodeClient As(string authorization) => new(this, authorization);

    /// <summary>The request as a line for a shell; who has signed in gets a place for his token in it.</summary>
    public string CurlOf(Uri node, ApiRequest request) => CurlText.Of(node, request, needsToken: _authorization is not null);

    /// <summary>Sends a request to a node and waits for the answer, at most this long.</summary>
    public async Task<ApiAnswer> SendAsync(Uri node, ApiRequest request, TimeSpan patience, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        long began = _time.GetTimestamp();
        try
        {
            using HttpRequestMessage message = MessageOf(node, request);
            using HttpResponseMessage response = await _http.SendAsync(message, limit.Token).ConfigureAwait(false);
            byte[] body = await response.Content.ReadAsByteArrayAsync(limit.Token).ConfigureAwait(false);
            return Noted(new ApiAnswer((int)response.StatusCode, body, _time.GetElapsedTime(began)) { Headers = HeadersOf(response) });
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Silent(began, $"No answer within {patience.TotalSeconds:0.#} s.");
        }
        catch (HttpRequestException failure)
        {
            return Silent(began, failure.HttpRequestError switch
            {
                HttpRequestError.ConnectionError => "The node does not answer.",
                HttpRequestError.ConfigurationLimitExceeded => "The answer is larger than a page can show.",
                _ => "The connection broke.",
            });
        }
    }

    /// <summary>The same, of this node, within five seconds.</summary>
    public Task<ApiAnswer> SendAsync(ApiRequest request, CancellationToken cancellationToken = default) =>
        SendAsync(Self, request, TimeSpan.FromSeconds(6), cancellationToken);

    /// <summary>
    /// A body that is there, or null. It is this node's own state unless the target says otherwise: a page is served
    /// without a majority too, and what it shows of a write is written through this node.
    /// </summary>
    public async Task<T?> GetAsync<T>(
        string target, JsonTypeInfo<T> type, CancellationToken cancellationToken = default, Uri? node = null, TimeSpan? patience = null)
        where T : class
    {
        ApiAnswer answer = await SendAsync(
            node ?? Self, OwnState(target), patience ?? TimeSpan.FromSeconds(6), cancellationToken).ConfigureAwait(false);
        return answer.IsOk ? answer.Read(type) : null;
    }

    /// <summary>A read of what a node has now.</summary>
    public static ApiRequest OwnState(string target) =>
        new ApiRequest("GET", target).With(HeaderNames.Consistency, ReadLevelNames.Eventual);

    /// <summary>
    /// The messages of a watch, until it ends or the caller goes. Throws <see cref="HttpRequestException"/> with a
    /// sentence when it is refused or breaks.
    /// </summary>
    public async IAsyncEnumerable<(string Type, ChangeMessage Body)> WatchAsync(
        string target, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using HttpRequestMessage message = MessageOf(Self, new ApiRequest("GET", target));
        message.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("text/event-stream"));
        using HttpResponseMessage response = await _http
            .SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            byte[] body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
            throw new HttpRequestException(Noted(new ApiAnswer((int)response.StatusCode, body, TimeSpan.Zero)).Complaint);
        }

        await using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        SseParser<ChangeMessage?> messages = SseParser.Create(
            stream, static (_, data) => JsonSerializer.Deserialize(data, PageJson.Default.ChangeMessage));
        await foreach (SseItem<ChangeMessage?> item in messages.EnumerateAsync(cancellationToken).ConfigureAwait(false))
        {
            if (item.Data is { } body)
            {
                yield return (item.EventType, body);
            }
        }
    }

    /// <summary>Closes the connections, of all that were made by <see cref="As"/> too.</summary>
    internal void Close() => _http.Dispose();

    private ApiAnswer Noted(ApiAnswer answer)
    {
        if (answer.Status is 401 or 403)
        {
            Refused?.Invoke(answer);
        }

        return answer;
    }

    private ApiAnswer Silent(long began, string why) =>
        new(0, ReadOnlyMemory<byte>.Empty, _time.GetElapsedTime(began)) { Failure = why };

    private static SocketsHttpHandler Handler(Action<SocketsHttpHandler>? configure)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectTimeout = TimeSpan.FromSeconds(2),
            MaxConnectionsPerServer = 64,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            UseCookies = false,
            UseProxy = false,
        };
        configure?.Invoke(handler);
        return handler;
    }

    private HttpRequestMessage MessageOf(Uri node, ApiRequest request)
    {
        var message = new HttpRequestMessage(new HttpMethod(request.Method), new Uri(node, request.Target));
        if (_authorization is not null)
        {
            message.Headers.TryAddWithoutValidation("Authorization", _authorization);
        }

        foreach ((string name, string value) in request.Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        if (request.Body is { } body)
        {
            message.Content = new ReadOnlyMemoryContent(body);
            message.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(request.ContentType);
        }

        return message;
    }

    private static Dictionary<string, string> HeadersOf(HttpResponseMessage response)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (KeyValuePair<string, HeaderStringValues> header in response.Headers.NonValidated)
        {
            headers.TryAdd(header.Key, header.Value.ToString());
        }

        return headers;
    }
}
