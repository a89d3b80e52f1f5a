using System.Net.Sockets;

namespace RaftKv.Http;

/// <summary>
/// Says of a connection that was reset as soon as it was made what is said of one that was refused. The handler below asks the new
/// socket whom it talks to, and lets the socket's own exception out.
/// </summary>
internal sealed class ResetHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException reset)
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, $"{request.RequestUri}: {reset.Message}", reset);
        }
    }
}
