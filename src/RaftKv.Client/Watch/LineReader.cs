namespace RaftKv.Client.Watch;

/// <summary>Cuts a stream of bytes into lines. One reader, one caller.</summary>
internal sealed class LineReader(Stream stream)
{
    /// <summary>
    /// A revision holds at most a request's worth of changes, in base64 and with the values before; more than this in
    /// one line is no watch.
    /// </summary>
    private const int MaxLineBytes = 64 << 20;

    private byte[] _buffer = new byte[16 << 10];
    private int _start;
    private int _end;

    /// <summary>The next line without its end, valid until the next call; null at the end of the stream.</summary>
    /// <remarks>A last line without an end is dropped: it was cut.</remarks>
    /// <exception cref="InvalidDataException">A line has no end within reason.</exception>
    internal async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(CancellationToken cancellationToken)
    {
        int searched = _start;
        while (true)
        {
            int newline = _buffer.AsSpan(searched, _end - searched).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                ReadOnlyMemory<byte> line = _buffer.AsMemory(_start, searched + newline - _start);
                _start = searched + newline + 1;
                return line.Span is [.., (byte)'\r'] ? line[..^1] : line;
            }

            int held = _end - _start;
            MakeRoom();
            searched = _start + held;
            int read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return null;
            }

            _end += read;
        }
    }

    private void MakeRoom()
    {
        int held = _end - _start;
        if (held >= MaxLineBytes)
        {
            throw new InvalidDataException($"A line of a watch has more than {MaxLineBytes} bytes.");
        }

        byte[] target = held > _buffer.Length / 2 ? new byte[_buffer.Length * 2] : _buffer;
        Buffer.BlockCopy(_buffer, _start, target, 0, held);
        (_buffer, _start, _end) = (target, 0, held);
    }
}
