using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Runtime.InteropServices;

namespace RaftKv.Hosting.ClearHttp2;

/// <summary>
/// What a client of HTTP/2 sends, with its first request's header mended (<see cref="AuthorityMender"/>) before the web
/// server sees it. A connection whose first request was in order is passed on from then on as it is.
/// </summary>
internal sealed class MendingPipeReader : PipeReader
{
    private const int FrameHeaderBytes = 9;
    private const byte HeadersFrame = 1;
    private const byte PaddedFlag = 0x08;
    private const byte PriorityFlag = 0x20;

    private readonly PipeReader _inner;
    private ReadOnlySequence<byte> _buffer;

    // How much of what comes next belongs to the preface or a frame that was looked at, counted from the last read's
    // start.
    private long _lookedAt = PrefaceSniffer.Preface.Length;
    private bool _isDone;

    public MendingPipeReader(PipeReader inner) => _inner = inner;

    /// <inheritdoc/>
    public override async ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        _isDone
            ? await _inner.ReadAsync(cancellationToken).ConfigureAwait(false)
            : Look(await _inner.ReadAsync(cancellationToken).ConfigureAwait(false));

    /// <inheritdoc/>
    public override bool TryRead(out ReadResult result)
    {
        if (!_inner.TryRead(out result))
        {
            return false;
        }

        result = _isDone ? result : Look(result);
        return true;
    }

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    /// <inheritdoc/>
    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (!_isDone)
        {
            _lookedAt -= _buffer.Slice(0, consumed).Length;
            _buffer = default;
        }

        _inner.AdvanceTo(consumed, examined);
    }

    /// <inheritdoc/>
    public override void CancelPendingRead() => _inner.CancelPendingRead();

    /// <inheritdoc/>
    public override void Complete(Exception? exception = null) => _inner.Complete(exception);

    // The server takes no frame before it is whole, so a frame that is not whole yet can wait for the next look.
    private ReadResult Look(ReadResult read)
    {
        _buffer = read.Buffer;
        Span<byte> head = stackalloc byte[FrameHeaderBytes];
        while (_lookedAt + FrameHeaderBytes <= _buffer.Length)
        {
            _buffer.Slice(_lookedAt, FrameHeaderBytes).CopyTo(head);
            int length = (int)(BinaryPrimitives.ReadUInt32BigEndian(head) >> 8);
            if (head[3] != HeadersFrame)
            {
                _lookedAt += FrameHeaderBytes + length;
                continue;
            }

            if (_lookedAt + FrameHeaderBytes + length > _buffer.Length)
            {
                break;
            }

            _isDone = !TryMend(_buffer.Slice(_lookedAt + FrameHeaderBytes, length), flags: head[4]);
            _lookedAt += FrameHeaderBytes + length;
            if (_isDone)
            {
                _buffer = default;
                break;
            }
        }

        return read;
    }

    private static bool TryMend(in ReadOnlySequence<byte> payload, byte flags)
    {
        byte[] copy = payload.ToArray();
        int start = ((flags & PaddedFlag) != 0 ? 1 : 0) + ((flags & PriorityFlag) != 0 ? 5 : 0);
        int padding = (flags & PaddedFlag) != 0 && copy.Length > 0 ? copy[0] : 0;
        if (start + padding > copy.Length || !AuthorityMender.TryMend(copy.AsSpan()[start..^padding]))
        {
            return false;
        }

        // The bytes are this reader's until they are given on, and nobody else looks at them meanwhile.
        int at = 0;
        foreach (ReadOnlyMemory<byte> segment in payload)
        {
            copy.AsSpan(at, segment.Length).CopyTo(MemoryMarshal.AsMemory(segment).Span);
            at += segment.Length;
        }

        return true;
    }
}
