using System.Buffers.Binary;

namespace RaftKv.Core.Store.Commands;

/// <remarks>The bytes: counted always, written when there is a target.</remarks>
internal ref partial struct KvCommandWriter
{
    private void WriteByte(byte value)
    {
        if (!_target.IsEmpty)
        {
            _target[Length] = value;
        }

        Length++;
    }

    private void WriteUInt16(ushort value)
    {
        if (!_target.IsEmpty)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(_target[Length..], value);
        }

        Length += sizeof(ushort);
    }

    private void WriteInt32(int value)
    {
        if (!_target.IsEmpty)
        {
            BinaryPrimitives.WriteInt32LittleEndian(_target[Length..], value);
        }

        Length += sizeof(int);
    }

    private void WriteInt64(long value)
    {
        if (!_target.IsEmpty)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_target[Length..], value);
        }

        Length += sizeof(long);
    }

    private void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        if (!_target.IsEmpty)
        {
            bytes.CopyTo(_target[Length..]);
        }

        Length = checked(Length + bytes.Length);
    }
}
