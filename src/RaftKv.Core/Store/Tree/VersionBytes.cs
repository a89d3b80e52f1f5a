using System.Runtime.InteropServices;

namespace RaftKv.Core.Store.Tree;

/// <summary>Key and value that a version is to be made of: bytes to copy, or an array to share that never changes.</summary>
internal readonly ref struct VersionBytes
{
    private VersionBytes(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, byte[]? shared, int offset)
    {
        Key = key;
        Value = value;
        Shared = shared;
        Offset = offset;
    }

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The value.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Where both stand, next to each other; null when they are to be copied.</summary>
    public byte[]? Shared { get; }

    /// <summary>Where the key stands in the shared array.</summary>
    public int Offset { get; }

    /// <summary>Length of both.</summary>
    public int Length => Key.Length + Value.Length;

    /// <summary>Key and value, to be copied.</summary>
    public static VersionBytes Copy(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => new(key, value, shared: null, offset: 0);

    /// <summary>Key and value next to each other in an array, to be shared.</summary>
    public static VersionBytes Share(byte[] array, int offset, int keyLength, int valueLength) =>
        new(array.AsSpan(offset, keyLength), array.AsSpan(offset + keyLength, valueLength), array, offset);

    /// <summary>
    /// Slices of the command when at least seven tenths of the array behind it are this key and value, so that the
    /// entry in the log and the version may share them; else to be copied. A key of 16 and a value of 128 bytes are that much
    /// of their entry. What counts is the whole array: a short slice of a large receive buffer must not hold it.
    /// </summary>
    public static VersionBytes KeepOrCopy(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value)
    {
        long used = (long)key.Length + value.Length;
        bool isAdjacent = MemoryMarshal.TryGetArray(key, out ArraySegment<byte> keySegment)
            & MemoryMarshal.TryGetArray(value, out ArraySegment<byte> valueSegment)
            && ReferenceEquals(keySegment.Array, valueSegment.Array)
            && valueSegment.Offset == keySegment.Offset + keySegment.Count;
        return isAdjacent && used * 10 >= keySegment.Array!.LongLength * 7
            ? Share(keySegment.Array, keySegment.Offset, key.Length, value.Length)
            : Copy(key.Span, value.Span);
    }

    /// <summary>Writes key and value, one after the other.</summary>
    public void CopyTo(Span<byte> target)
    {
        Key.CopyTo(target);
        Value.CopyTo(target[Key.Length..]);
    }

    /// <summary>Key and value in an array of their own.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }
}
