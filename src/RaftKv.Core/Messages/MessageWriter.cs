using System.Buffers.Binary;

namespace RaftKv.Core.Messages;

/// <summary>
/// Puts fields of a message one after the other. The span is long enough by construction; a shorter one throws.
/// </summary>
internal ref struct MessageWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;

    /// <summary>Bytes written so far.</summary>
    public int Count { get; private set; }

    /// <summary>Writes a u8.</summary>
    public void Byte(byte value)
    {
        _destination[Count] = value;
        Count++;
    }

    /// <summary>Writes a u8, 0 or 1.</summary>
    public void Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    /// <summary>Writes a u64.</summary>
    public void UInt64(ulong value)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(_destination[Count..], value);
        Count += sizeof(ulong);
    }

    /// <summary>Writes an i64.</summary>
    public void Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_destination[Count..], value);
        Count += sizeof(long);
    }

    /// <summary>Writes a count or length as u32.</summary>
    public void Count32(int value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_destination[Count..], (uint)value);
        Count += sizeof(uint);
    }

    /// <summary>Writes term and index.</summary>
    public void EntryId(EntryId value)
    {
        Int64(value.Term.Value);
        Int64(value.Index.Value);
    }

    /// <summary>Writes length and bytes.</summary>
    public void Bytes(ReadOnlySpan<byte> value)
    {
        Count32(value.Length);
        value.CopyTo(_destination[Count..]);
        Count += value.Length;
    }

    /// <summary>Writes count and ids.</summary>
    public void Nodes(IReadOnlyList<NodeId> nodes)
    {
        Count32(nodes.Count);
        for (int i = 0; i < nodes.Count; i++)
        {
            UInt64(nodes[i].Value);
        }
    }
}
