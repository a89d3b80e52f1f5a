using System.Net;
using System.Net.Http.Headers;

namespace RaftKv.Client.Http;

/// <summary>
/// Puts credentials on each request. Where they are renewed, a request that was refused with 401, and so did nothing, is sent
/// once more with new ones. Any thread.
/// </summary>
internal sealed class CredentialsHandler(RaftKvCredentials credentials, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private readonly SemaphoreSlim _renewing = new(1);
    private AuthenticationHeaderValue? _current = credentials.Fixed;

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Authorization = Volatile.Read(ref _current);
        return base.Send(request, cancellationToken);
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        AuthenticationHeaderValue? shown = Volatile.Read(ref _current)
            ?? await RenewAsync(former: null, cancellationToken).ConfigureAwait(false);
        request.Headers.Authorization = shown;
        HttpResponseMessage answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode != HttpStatusCode.Unauthorized || credentials.Fixed is not null)
        {
            return answer;
        }

        request.Headers.Authorization = await RenewAsync(shown, cancellationToken).ConfigureAwait(false);
        answer.Dispose();
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        _renewing.Dispose();
    }

    // One at a time: a thousand calls whose token is over don't ask a thousand times.
    private async ValueTask<AuthenticationHeaderValue?> RenewAsync(AuthenticationHeaderValue? former, CancellationToken cancellationToken)
    {
        await _renewing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (ReferenceEquals(_current, former))
            {
                Volatile.Write(ref _current, await credentials.RenewAsync(cancellationToken).ConfigureAwait(false));
            }

            return _current;
        }
        finally
        {
            _renewing.Release();
        }
    }
}
