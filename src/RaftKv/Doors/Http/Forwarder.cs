using System.Collections.Frozen;
using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using RaftKv.Contract;
using RaftKv.Http;
using RaftKv.Security.Tls;

namespace RaftKv.Doors.Http;

/// <summary>
/// Passes a read on to the leader, over HTTP and once: the leader sees RaftKv-Forwarded and never passes it on. Its
/// answer goes to the client as it is, piece by piece. Reads only, so that a lost answer has done nothing. Any thread.
/// </summary>
internal sealed class Forwarder : IDisposable
{
    // Headers that are about one connection (RFC 9110, 7.6.1), and those that this hop sets itself.
    private static readonly FrozenSet<string> _ownHeaders = new[]
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding",
        "Upgrade", "Host", "Content-Length", "Expect", "Date", "Server",
        HeaderNames.Forwarded, HeaderNames.OnUnmet, HeaderNames.Timeout,
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private readonly HttpMessageInvoker _client;

    /// <param name="tls">How members are called whose address is https; null where none is.</param>
    public Forwarder(OutgoingTls? tls = null)
    {
        SocketsHttpHandler handler = Handler();
        tls?.Apply(handler);
        _client = new HttpMessageInvoker(new ResetHandler(handler));
    }

    private static SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        ConnectTimeout = TimeSpan.FromSeconds(1),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),

        // As many reads as one node passes on at a time; more wait for a free connection, within their own timeout.
        MaxConnectionsPerServer = 256,
    };

    /// <summary>
    /// Passes the request on and its answer back. Throws what <see cref="HttpMessageInvoker"/> throws when nothing came.
    /// </summary>
    public async Task SendAsync(Exchange exchange, Uri leader)
    {
        HttpContext context = exchange.Http;
        TimeSpan left = exchange.TimeLeft;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(left + TimeSpan.FromMilliseconds(100));
        using HttpRequestMessage request = BuildRequest(exchange, leader, left);
        using HttpResponseMessage answer = await _client.SendAsync(request, patience.Token);

        // From here on the leader has answered; its body may take as long as the client needs to read it.
        patience.CancelAfter(Timeout.InfiniteTimeSpan);
        context.Response.StatusCode = (int)answer.StatusCode;
        CopyHeaders(answer, context.Response.Headers);
        if (context.Request.Method != "HEAD")
        {
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    // The target goes on as it stood on the wire: a%2Fb and a%252Fb are different keys, and dots are no folders.
    private static HttpRequestMessage BuildRequest(Exchange exchange, Uri leader, TimeSpan left)
    {
        string target = exchange.Http.Features.Get<IHttpRequestFeature>()!.RawTarget;
        int path = target.StartsWith('/') ? 0 : target.IndexOf('/', target.IndexOf("://", StringComparison.Ordinal) + 3);
        var url = new Uri(
            leader.GetLeftPart(UriPartial.Authority) + target[path..],
            new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        var request = new HttpRequestMessage(new HttpMethod(exchange.Http.Request.Method), url);
        if (exchange.KeptBody is { } body)
        {
            request.Content = new ByteArrayContent(body);
        }

        IHeaderDictionary headers = exchange.Http.Request.Headers;
        HashSet<string>? named = NamedByConnection(headers.Connection);
        foreach ((string name, StringValues values) in headers)
        {
            if (_ownHeaders.Contains(name) || named?.Contains(name) == true)
            {
                continue;
            }

            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        // Whose call it is travels as a token, which the leader takes however the caller proved it here.
        if (exchange.User.Length > 0 && exchange.Context.Access.TokenOf(exchange.Access.Caller) is { } token)
        {
            request.Headers.Remove("Authorization");
            request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        }

        request.Headers.TryAddWithoutValidation(HeaderNames.Forwarded, "1");
        long ms = Math.Clamp((long)left.TotalMilliseconds, 1, (long)ApiLimits.MaxTimeout.TotalMilliseconds);
        request.Headers.TryAddWithoutValidation(HeaderNames.Timeout, string.Create(CultureInfo.InvariantCulture, $"{ms}ms"));
        return request;
    }

    private static void CopyHeaders(HttpResponseMessage answer, IHeaderDictionary headers)
    {
        HashSet<string>? named = NamedByConnection(new StringValues([.. answer.Headers.Connection]));
        foreach (KeyValuePair<string, HeaderStringValues> header in answer.Headers.NonValidated)
        {
            if (!_ownHeaders.Contains(header.Key) && named?.Contains(header.Key) != true)
            {
                headers[header.Key] = new StringValues([.. header.Value]);
            }
        }

        foreach (KeyValuePair<string, HeaderStringValues> header in answer.Content.Headers.NonValidated)
        {
            headers[header.Key] = new StringValues([.. header.Value]);
        }
    }

    private static HashSet<string>? NamedByConnection(StringValues connection)
    {
        HashSet<string>? named = null;
        foreach (string? line in connection)
        {
            foreach (string name in (line ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            {
                (named ??= new HashSet<string>(StringComparer.OrdinalIgnoreCase)).Add(name);
            }
        }

        return named;
    }
}
