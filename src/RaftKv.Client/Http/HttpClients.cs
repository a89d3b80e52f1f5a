namespace RaftKv.Client.Http;

/// <summary>Makes the HTTP client that a <see cref="RaftKvClient"/> owns.</summary>
internal static class HttpClients
{
    /// <summary>Disposing the result disposes the handler only when it was made here.</summary>
    internal static HttpClient Create(RaftKvClientOptions options)
    {
        // The sender keeps the time of each attempt with the options' own clock.
        HttpMessageHandler handler = options.HttpMessageHandler ?? CreateHandler(options);
        handler = options.Credentials is { } credentials ? new CredentialsHandler(credentials, handler) : handler;
        HttpClient client = new(handler, disposeHandler: options.HttpMessageHandler is null);
        client.Timeout = Timeout.InfiniteTimeSpan;
        return client;
    }

    private static SocketsHttpHandler CreateHandler(RaftKvClientOptions options)
    {
        SocketsHttpHandler handler = PlainHandler(options);
        if (options.Tls is { } tls)
        {
            handler.SslOptions = ClientTls.Open(tls).Options();
        }

        return handler;
    }

    private static SocketsHttpHandler PlainHandler(RaftKvClientOptions options) => new()
    {
        // Redirects could move a write to a place that nobody configured; cookies mean nothing here.
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = options.ConnectTimeout,

        // KiB. A page's link holds the prefix and the last key, each up to 65,535 bytes in base64url; .NET's default of
        // 64 is too little for those.
        MaxResponseHeadersLength = 512,

        // So that a changed DNS entry is seen.
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    };
}
