using RaftKv.Client.Errors;

namespace RaftKv.Client.Http;

/// <summary>A complete answer that the caller can use.</summary>
/// <param name="Status">The HTTP status.</param>
internal sealed record Answer(int Status, byte[] Body, ResponseMetadata Metadata)
{
    /// <summary>
    /// The query of the <c>Link: rel="next"</c> target, with its <c>?</c>; null when there is no next page.
    /// </summary>
    internal string? NextLink { get; init; }

    /// <summary>The Location header as sent.</summary>
    internal string? Location { get; init; }

    /// <summary>The mod revision in the ETag.</summary>
    internal long? ETagRevision { get; init; }

    /// <summary>Set when the answer is an error that the request had expected.</summary>
    internal Failure? Problem { get; init; }
}
