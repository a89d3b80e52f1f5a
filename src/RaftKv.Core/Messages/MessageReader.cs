using System.Buffers.Binary;

namespace RaftKv.Core.Messages;

/// <summary>
/// Takes fields of a message one after the other. The first field that is missing or out of its range makes it bad for
/// good: everything read from then on is zero, and the caller asks once, at the end.
/// </summary>
/// <param name="payloads">Where payloads of entries go; null for an array each.</param>
internal ref struct MessageReader(ReadOnlySpan<byte> source, PayloadStore? payloads = null)
{
    private ReadOnlySpan<byte> _rest = source;

    /// <summary>True once a field was missing or out of range.</summary>
    public bool IsBad { get; private set; }

    /// <summary>True when everything was read and nothing was bad.</summary>
    public readonly bool IsExhausted => !IsBad && _rest.IsEmpty;

    /// <summary>Reads a u8.</summary>
    public byte Byte()
    {
        ReadOnlySpan<byte> field = Take(1);
        return field.IsEmpty ? (byte)0 : field[0];
    }

    /// <summary>Reads a u8 that is 0 or 1.</summary>
    public bool Bool()
    {
        byte value = Byte();
        IsBad |= value > 1;
        return value == 1;
    }

    /// <summary>Reads a u64.</summary>
    public ulong UInt64()
    {
        ReadOnlySpan<byte> field = Take(sizeof(ulong));
        return field.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64LittleEndian(field);
    }

    /// <summary>Reads an i64.</summary>
    public long Int64() => (long)UInt64();

    /// <summary>Reads an i64 that is not negative.</summary>
    public long Natural()
    {
        long value = Int64();
        IsBad |= value < 0;
        return IsBad ? 0 : value;
    }

    /// <summary>Reads a term.</summary>
    public Term Term() => new(Natural());

    /// <summary>Reads a log index.</summary>
    public LogIndex Index() => new(Natural());

    /// <summary>Reads term and index.</summary>
    public EntryId EntryId()
    {
        Term term = Term();
        return new EntryId(term, Index());
    }

    /// <summary>
    /// Reads a count of items that take at least so many bytes each; more than the rest can hold is bad, so nothing
    /// large is allocated.
    /// </summary>
    public int Count32(int minItemBytes)
    {
        ReadOnlySpan<byte> field = Take(sizeof(uint));
        uint count = field.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(field);
        if (count > (uint)(_rest.Length / minItemBytes))
        {
            IsBad = true;
            return 0;
        }

        return (int)count;
    }

    /// <summary>Reads length and bytes into an array of their own; null when bad.</summary>
    public byte[]? Bytes()
    {
        ReadOnlySpan<byte> field = TakeCounted();
        return IsBad ? null : field.ToArray();
    }

    /// <summary>Reads length and bytes of an entry's payload; null when bad.</summary>
    public ReadOnlyMemory<byte>? Payload()
    {
        ReadOnlySpan<byte> field = TakeCounted();
        return IsBad ? null : payloads?.Copy(field) ?? field.ToArray();
    }

    /// <summary>Reads count and ids, which must ascend; null when bad.</summary>
    public NodeId[]? Nodes()
    {
        var nodes = new NodeId[Count32(sizeof(ulong))];
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i] = new NodeId(UInt64());
            IsBad |= i > 0 && nodes[i].CompareTo(nodes[i - 1]) <= 0;
        }

        return IsBad ? null : nodes;
    }

    /// <summary>Reads a list of nodes whose order means something; empty when it is bad.</summary>
    public NodeId[] NodesInAnyOrder()
    {
        var nodes = new NodeId[Count32(sizeof(ulong))];
        for (int i = 0; i < nodes.Length; i++)
        {
            nodes[i] = new NodeId(UInt64());
        }

        return IsBad ? [] : nodes;
    }

    private ReadOnlySpan<byte> TakeCounted() => Take(Count32(minItemBytes: 1));

    private ReadOnlySpan<byte> Take(int count)
    {
        if (IsBad || _rest.Length < count)
        {
            IsBad = true;
            return default;
        }

        ReadOnlySpan<byte> field = _rest[..count];
        _rest = _rest[count..];
        return field;
    }
}
