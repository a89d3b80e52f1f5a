using System.Net;
using System.Threading.Channels;

namespace RaftKv.Bench.Grpc;

/// <summary>A request body that is written while the answer comes. One sender at a time, or none once it is complete.</summary>
internal sealed class StreamedBody : HttpContent
{
    private readonly Channel<byte[]> _frames = Channel.CreateUnbounded<byte[]>();

    /// <summary>Sends a frame; false when the stream is over.</summary>
    internal bool TrySend(byte[] frame) => _frames.Writer.TryWrite(frame);

    internal void Complete() => _frames.Writer.TryComplete();

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.FlushAsync();
        await foreach (byte[] frame in _frames.Reader.ReadAllAsync())
        {
            await stream.WriteAsync(frame);
            await stream.FlushAsync();
        }
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
