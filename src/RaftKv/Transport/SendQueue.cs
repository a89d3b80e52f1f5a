using System.Buffers;
using RaftKv.Core.Messages;
using RaftKv.Core.Replica.Messages;

namespace RaftKv.Transport;

/// <summary>
/// Frames that wait to be sent, back to back in one buffer. Not thread-safe: its owner's lock guards it.
/// </summary>
internal sealed class SendQueue
{
    private const int InitialBytes = 16 * 1024;

    // A buffer that a burst has grown beyond this goes back to the pool once it is empty.
    private const int MaxIdleBytes = 1024 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(InitialBytes);

    /// <summary>Bytes that wait.</summary>
    public int Length { get; private set; }

    /// <summary>The frames.</summary>
    public ReadOnlyMemory<byte> Frames => _buffer.AsMemory(0, Length);

    /// <summary>Appends a message as a frame.</summary>
    public void Add(Message message, int payloadBytes)
    {
        int frameBytes = PeerFrame.HeaderBytes + payloadBytes;
        Reserve(frameBytes);
        Span<byte> frame = _buffer.AsSpan(Length, frameBytes);
        MessageCodec.Encode(message, frame[PeerFrame.HeaderBytes..]);
        PeerFrame.Seal(frame);
        Length += frameBytes;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Length = 0;
        if (_buffer.Length > MaxIdleBytes)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(InitialBytes);
        }
    }

    private void Reserve(int more)
    {
        int needed = checked(Length + more);
        if (needed <= _buffer.Length)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, _buffer.Length * 2));
        Frames.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
