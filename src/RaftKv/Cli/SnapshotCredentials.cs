using System.Net.Http.Headers;
using RaftKv.Backups;

namespace RaftKv.Cli;

/// <summary>
/// Says who calls to a node that is asked for its state, and to nobody else: what is loaded from any other address, as a
/// backup may be, is asked for without credentials, which a variable may have set without a thought of it.
/// </summary>
internal sealed class SnapshotCredentials(AuthenticationHeaderValue? who, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri?.AbsolutePath == BackupSource.SnapshotPath)
        {
            request.Headers.Authorization = who;
        }

        return base.SendAsync(request, cancellationToken);
    }
}
