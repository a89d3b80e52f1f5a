namespace RaftKv.Backups;

/// <summary>
/// The fields of a small protobuf message, read by hand: the last one of a number counts, and unknown ones are passed over.
/// Throws <see cref="FormatException"/>.
/// </summary>
internal sealed class ProtoFields
{
    private readonly Dictionary<int, long> _numbers = [];
    private readonly Dictionary<int, ReadOnlyMemory<byte>> _bytes = [];

    public ProtoFields(ReadOnlyMemory<byte> message)
    {
        int at = 0;
        while (at < message.Length)
        {
            ulong tag = Varint(message.Span, ref at);
            int field = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    _numbers[field] = (long)Varint(message.Span, ref at);
                    break;
                case 1:
                    Skip(message, ref at, 8);
                    break;
                case 2:
                    _bytes[field] = Skip(message, ref at, Varint(message.Span, ref at));
                    break;
                case 5:
                    Skip(message, ref at, 4);
                    break;
                default:
                    throw new FormatException("a message in it is not readable");
            }
        }
    }

    /// <summary>A number; 0 when it is not there.</summary>
    public long Number(int field) => _numbers.GetValueOrDefault(field);

    /// <summary>Bytes; none when they are not there.</summary>
    public ReadOnlyMemory<byte> Bytes(int field) => _bytes.GetValueOrDefault(field);

    private static ReadOnlyMemory<byte> Skip(ReadOnlyMemory<byte> message, ref int at, ulong count)
    {
        if (count > (ulong)(message.Length - at))
        {
            throw new FormatException("a message in it ends too early");
        }

        ReadOnlyMemory<byte> bytes = message.Slice(at, (int)count);
        at += (int)count;
        return bytes;
    }

    private static ulong Varint(ReadOnlySpan<byte> message, ref int at)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64 && at < message.Length; shift += 7)
        {
            byte next = message[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new FormatException("a message in it ends too early");
    }
}
