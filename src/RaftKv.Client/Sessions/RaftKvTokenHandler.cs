namespace RaftKv.Client;

/// <summary>Passes the flow's causal context to other services, and takes in what their answers bring back.</summary>
/// <remarks>
/// For HTTP clients that talk to services of yours; <see cref="RaftKvClient"/> itself needs none. Without an open
/// <see cref="RaftKvCausality"/> context requests go through unchanged. A header that the caller set is left alone.
/// <code>
/// services.AddTransient&lt;RaftKvTokenHandler&gt;();
/// services.AddHttpClient("orders").AddHttpMessageHandler&lt;RaftKvTokenHandler&gt;();
/// </code>
/// </remarks>
public sealed class RaftKvTokenHandler : DelegatingHandler
{
    /// <summary>A handler whose inner one is set by an HTTP client factory.</summary>
    public RaftKvTokenHandler()
    {
    }

    /// <summary>A handler in front of this one.</summary>
    public RaftKvTokenHandler(HttpMessageHandler inner)
        : base(inner)
    {
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        AddToken(request);
        HttpResponseMessage response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        TakeToken(response);
        return response;
    }

    /// <inheritdoc/>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        AddToken(request);
        HttpResponseMessage response = base.Send(request, cancellationToken);
        TakeToken(response);
        return response;
    }

    private static void AddToken(HttpRequestMessage request)
    {
        if (RaftKvCausality.Token is { } token && !request.Headers.Contains(RaftKvCausality.HeaderName))
        {
            request.Headers.TryAddWithoutValidation(RaftKvCausality.HeaderName, token);
        }
    }

    private static void TakeToken(HttpResponseMessage response)
    {
        if (response.Headers.NonValidated.TryGetValues(RaftKvCausality.HeaderName, out var values))
        {
            foreach (string value in values)
            {
                RaftKvCausality.Accept(value);
            }
        }
    }
}
