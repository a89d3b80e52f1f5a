namespace RaftKv.Doors.Grpc;

/// <summary>
/// Reads the fields of a message that has nothing unusual about it, and copies nothing. It takes less than protobuf does: field
/// numbers up to 15, each once, of varints what is below 2^63, lengths in up to four bytes. Whatever it does not take is left to
/// protobuf's own parser, so that all that it has to get right is what it takes. Never throws.
/// </summary>
internal ref struct PlainFields(ReadOnlySpan<byte> message)
{
    private const int MaxVarintBytes = 9;
    private const int MaxLengthBytes = 4;

    private readonly ReadOnlySpan<byte> _message = message;
    private int _position;
    private uint _seen;

    /// <summary>True once all was read.</summary>
    public readonly bool IsAtEnd => _position == _message.Length;

    /// <summary>Reads a tag: number and wire type in one byte. False for a longer one, and for a field that came before.</summary>
    public bool TryReadTag(out byte tag)
    {
        tag = _message[_position++];
        uint bit = 1u << (tag >> 3);
        bool isNew = tag < 0x80 && (_seen & bit) == 0;
        _seen |= bit;
        return isNew;
    }

    /// <summary>Reads a number.</summary>
    public bool TryReadNumber(out long value)
    {
        bool isRead = TryReadVarint(MaxVarintBytes, out ulong bits);
        value = (long)bits;
        return isRead;
    }

    /// <summary>Reads a truth value: everything but 0 is true.</summary>
    public bool TryReadBool(out bool value)
    {
        bool isRead = TryReadVarint(MaxVarintBytes, out ulong bits);
        value = bits != 0;
        return isRead;
    }

    /// <summary>Reads bytes; they are a part of the message.</summary>
    public bool TryReadBytes(out ReadOnlySpan<byte> value)
    {
        if (!TryReadVarint(MaxLengthBytes, out ulong length) || length > (ulong)(_message.Length - _position))
        {
            value = default;
            return false;
        }

        value = _message.Slice(_position, (int)length);
        _position += (int)length;
        return true;
    }

    private bool TryReadVarint(int maxBytes, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < maxBytes * 7 && _position < _message.Length; shift += 7)
        {
            byte next = _message[_position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return true;
            }
        }

        return false;
    }
}
