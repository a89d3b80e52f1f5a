using System.Runtime.InteropServices;

namespace RaftKv.Core.Store.Tree;

/// <summary>Where a version's key and value stand, next to each other, in an array that never changes.</summary>
internal readonly record struct VersionBytes(byte[] Array, int Offset, int KeyLength, int ValueLength)
{
    /// <summary>Key and value in an array of their own.</summary>
    public static VersionBytes Copy(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        byte[] bytes = new byte[key.Length + value.Length];
        key.CopyTo(bytes);
        value.CopyTo(bytes.AsSpan(key.Length));
        return new VersionBytes(bytes, 0, key.Length, value.Length);
    }

    /// <summary>The same bytes in an array of their own.</summary>
    public VersionBytes ToOwn() => Copy(Array.AsSpan(Offset, KeyLength), Array.AsSpan(Offset + KeyLength, ValueLength));

    /// <summary>
    /// Slices of the command when at least three quarters of the array behind it are this key and value, so that the
    /// entry in the log and the version share them; else a copy. What counts is the whole array: a short slice of a
    /// large receive buffer must not hold it.
    /// </summary>
    public static VersionBytes KeepOrCopy(ReadOnlyMemory<byte> key, ReadOnlyMemory<byte> value)
    {
        long used = (long)key.Length + value.Length;
        bool isAdjacent = MemoryMarshal.TryGetArray(key, out ArraySegment<byte> keySegment)
            & MemoryMarshal.TryGetArray(value, out ArraySegment<byte> valueSegment)
            && ReferenceEquals(keySegment.Array, valueSegment.Array)
            && valueSegment.Offset == keySegment.Offset + keySegment.Count;
        return isAdjacent && used * 4 >= keySegment.Array!.LongLength * 3
            ? new VersionBytes(keySegment.Array, keySegment.Offset, key.Length, value.Length)
            : Copy(key.Span, value.Span);
    }
}
