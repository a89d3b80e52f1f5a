using System.Net;
using System.Threading.Channels;

namespace RaftKv.EtcdConformance.Clients;

/// <summary>A request body that is written while the answer comes.</summary>
public sealed class StreamedContent : HttpContent
{
    private readonly Channel<byte[]> _frames = Channel.CreateUnbounded<byte[]>();

    public ValueTask SendAsync(byte[] frame) => _frames.Writer.WriteAsync(frame);

    /// <summary>Sends a frame; false when the stream is over.</summary>
    public bool TrySend(byte[] frame) => _frames.Writer.TryWrite(frame);

    public void Complete() => _frames.Writer.TryComplete();

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.FlushAsync();
        await foreach (byte[] frame in _frames.Reader.ReadAllAsync())
        {
            await stream.WriteAsync(frame);
            await stream.FlushAsync();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
