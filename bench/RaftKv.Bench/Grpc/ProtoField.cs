namespace RaftKv.Bench.Grpc;

/// <summary>Walks the fields of a protobuf message without building it.</summary>
internal static class ProtoField
{
    /// <summary>Takes the next field off; its content is empty for numbers.</summary>
    /// <exception cref="BenchException">A kind of field that etcd's messages don't have.</exception>
    internal static bool TryTake(scoped ref ReadOnlySpan<byte> message, out int number, out ReadOnlySpan<byte> content)
    {
        number = 0;
        content = default;
        if (message.IsEmpty)
        {
            return false;
        }

        ulong tag = Varint(ref message);
        number = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                Varint(ref message);
                return true;
            case 2:
                int length = (int)Varint(ref message);
                content = message[..length];
                message = message[length..];
                return true;
            default:
                throw new BenchException($"A message has a field of kind {tag & 7}.");
        }
    }

    /// <summary>The first field of that number which has content.</summary>
    internal static bool TryFind(ReadOnlySpan<byte> message, int wanted, out ReadOnlySpan<byte> content)
    {
        while (TryTake(ref message, out int number, out content))
        {
            if (number == wanted)
            {
                return true;
            }
        }

        return false;
    }

    private static ulong Varint(scoped ref ReadOnlySpan<byte> message)
    {
        ulong value = 0;
        for (int index = 0; ; index++)
        {
            value |= (ulong)(message[index] & 127) << (7 * index);
            if (message[index] < 128)
            {
                message = message[(index + 1)..];
                return value;
            }
        }
    }
}
