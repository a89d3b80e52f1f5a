using Amazon.Runtime;
using RaftKv.Http;

namespace RaftKv.Backups.Targets;

/// <summary>
/// Takes what comes back from an object store off the thread that watches sockets. Danger: 1. A node's sockets complete inline
/// (Program.cs), so whoever waits for an answer goes on, on the thread that watches them. 2. Amazon's library reads the body of
/// an answer without await, and its bytes are not there yet. 3. The thread waits for bytes that only itself would notice: the
/// call never ends, and neither do those of other sockets of that thread, peers among them. See ObjectStoreBackupTests, whose
/// store sends head and body apart.
/// </summary>
internal sealed class OffSocketThread() : DelegatingHandler(new ResetHandler(new SocketsHttpHandler
{
    AllowAutoRedirect = false,
    UseCookies = false,
    ConnectTimeout = TimeSpan.FromSeconds(10),
}))
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage answer = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        await Task.Yield();
        return answer;
    }

    /// <summary>Clients of the library that use it; each limits its own calls.</summary>
    public sealed class Factory : HttpClientFactory
    {
        /// <inheritdoc/>
        public override HttpClient CreateHttpClient(IClientConfig clientConfig) =>
            new(new OffSocketThread()) { Timeout = Timeout.InfiniteTimeSpan };
    }
}
