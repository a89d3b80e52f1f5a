namespace RaftKv.Client.Http;

/// <summary>An open stream; the owner disposes it.</summary>
/// <param name="EndpointIndex">The endpoint in the pool, to be told when the stream breaks.</param>
internal sealed record StreamAnswer(HttpResponseMessage Response, ResponseMetadata Metadata, int EndpointIndex) : IDisposable
{
    public void Dispose() => Response.Dispose();
}
