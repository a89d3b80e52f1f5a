using System.Net;
using System.Net.Http.Headers;

namespace RaftKv.Client.Http;

/// <summary>A request body that knows whether anybody began to send it.</summary>
/// <remarks>
/// Every write carries one, an empty one too, for two reasons.
/// 1. Proof: a handler asks for the body only after it has a connection. While <see cref="IsStarted"/> is false no
/// complete request can have
///    left, so the write was surely not applied and may be repeated.
/// 2. .NET's own handler repeats a request without a body by itself when a kept-alive connection closes before the
/// answer. A DELETE that was
///    applied just before its server died would then run twice, and a conditional one would report "not applied". A request whose body was
///    started is never repeated by the handler. Test: A_delete_is_sent_once_when_a_kept_connection_dies.
/// </remarks>
internal sealed class TrackedContent : HttpContent
{
    private readonly ReadOnlyMemory<byte> _body;
    private int _isStarted;

    internal TrackedContent(ReadOnlyMemory<byte> body, string? contentType)
    {
        _body = body;
        if (contentType is not null)
        {
            Headers.ContentType = new MediaTypeHeaderValue(contentType);
        }
    }

    internal bool IsStarted => Volatile.Read(ref _isStarted) != 0;

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Volatile.Write(ref _isStarted, 1);
        return stream.WriteAsync(_body, cancellationToken).AsTask();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}
