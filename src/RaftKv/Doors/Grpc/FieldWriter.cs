using System.Numerics;
using RaftKv.Core;

namespace RaftKv.Doors.Grpc;

/// <summary>
/// Writes fields of a message in the order of their numbers, as protobuf does: what has its default is left out. With an empty
/// target it only counts.
/// </summary>
internal ref struct FieldWriter(Span<byte> target)
{
    private const int Varint = 0;
    private const int LengthDelimited = 2;

    private readonly Span<byte> _target = target;

    /// <summary>Bytes written or counted so far.</summary>
    public int Length { get; private set; }

    /// <summary>Length of a number on the wire.</summary>
    public static int SizeOf(ulong value) => (BitOperations.Log2(value | 1) / 7) + 1;

    /// <summary>A number; a negative one is its two's complement.</summary>
    public void Number(int field, long value) => Number(field, unchecked((ulong)value));

    /// <summary>A number.</summary>
    public void Number(int field, ulong value)
    {
        if (value != 0)
        {
            Put((uint)((field << 3) | Varint));
            Put(value);
        }
    }

    /// <summary>A truth value.</summary>
    public void Bool(int field, bool value) => Number(field, value ? 1UL : 0);

    /// <summary>Bytes.</summary>
    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return;
        }

        Head(field, value.Length);
        if (!_target.IsEmpty)
        {
            value.CopyTo(_target[Length..]);
        }

        Length += value.Length;
    }

    /// <summary>What stands before a message of this length in a field, also before one without bytes.</summary>
    public void Head(int field, int length)
    {
        Put((uint)((field << 3) | LengthDelimited));
        Put((ulong)length);
    }

    /// <summary>Counts bytes without writing them.</summary>
    public void Skip(int length)
    {
        Check.That(_target.IsEmpty, "only a count leaves bytes out", length, Length);
        Length += length;
    }

    private void Put(ulong value)
    {
        if (_target.IsEmpty)
        {
            Length += SizeOf(value);
            return;
        }

        for (; value >= 0x80; value >>= 7)
        {
            _target[Length++] = (byte)(value | 0x80);
        }

        _target[Length++] = (byte)value;
    }
}
