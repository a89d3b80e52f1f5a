using System.Runtime.InteropServices;

namespace RaftKv.Core.Store.Commands;

/// <summary>
/// Bytes of commands, as they stand in the log. Explicit little-endian widths; the layout is drawn in
/// docs/command-format.md.
/// </summary>
public static class KvCommandCodec
{
    /// <summary>Bytes before the key of a <see cref="PutOp"/> that stands alone in its command; the value follows the key.</summary>
    public const int PutHeaderBytes = 19;

    /// <summary>
    /// Encodes a command into a new array of exact size, after <paramref name="headroomBytes"/> left for the caller.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The command breaks a bound of <see cref="KvLimits"/> (a key that is empty or too long, a value or a command that
    /// is too large, too many or too deeply nested operations), has a negative revision, or an enum value that does not
    /// exist. Doors check before.
    /// </exception>
    public static byte[] Encode(KvCommand command, int headroomBytes = 0)
    {
        ArgumentNullException.ThrowIfNull(command);
        ArgumentOutOfRangeException.ThrowIfNegative(headroomBytes);
        byte[] bytes = new byte[headroomBytes + Count(command)];
        Write(command, bytes.AsSpan(headroomBytes));
        return bytes;
    }

    /// <summary>
    /// Encodes a put whose key and value stand already where they belong: in this array, after
    /// <paramref name="headroomBytes"/> and <see cref="PutHeaderBytes"/>, up to its end. False, and nothing is written, for
    /// every other command and every other array.
    /// </summary>
    /// <exception cref="ArgumentException">As for <see cref="Encode"/>.</exception>
    public static bool TryEncodeInPlace(KvCommand command, byte[] bytes, int headroomBytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        if (command is not MutateCommand { Op: PutOp put, Guard: null } || CommandRules.PartsOf(command) != WrapperParts.None)
        {
            return false;
        }

        int keyAt = headroomBytes + PutHeaderBytes;
        int valueAt = keyAt + put.Key.Length;
        if (!StandsAt(put.Key, bytes, keyAt) || !StandsAt(put.Value, bytes, valueAt) || bytes.Length != valueAt + put.Value.Length)
        {
            return false;
        }

        // The same writer: it copies key and value to where they are.
        Check.That(Count(command) == bytes.Length - headroomBytes, "a put has a header of its length", bytes.Length, headroomBytes);
        Write(command, bytes.AsSpan(headroomBytes));
        return true;
    }

    /// <summary>Decodes; false when the bytes are no valid command. Slices refer to <paramref name="bytes"/>.</summary>
    /// <remarks>
    /// Exactly what <see cref="Encode"/> can make is accepted: unknown flags, unused bytes and broken bounds are
    /// refused.
    /// </remarks>
    public static bool TryDecode(ReadOnlyMemory<byte> bytes, out KvCommand? command)
    {
        KvCommandReader reader = new(bytes);
        command = reader.ReadCommand();
        return command is not null;
    }

    private static int Count(KvCommand command)
    {
        KvCommandWriter counting = new(default);
        counting.WriteCommand(command);
        return counting.Length <= KvLimits.MaxCommandBytes
            ? counting.Length
            : throw new ArgumentException($"The command has {counting.Length} bytes; at most {KvLimits.MaxCommandBytes} are allowed.");
    }

    private static void Write(KvCommand command, Span<byte> target)
    {
        KvCommandWriter writer = new(target);
        writer.WriteCommand(command);
        Check.That(writer.Length == target.Length, "both passes of the encoder agree", writer.Length, target.Length);
    }

    private static bool StandsAt(ReadOnlyMemory<byte> part, byte[] bytes, int offset) =>
        MemoryMarshal.TryGetArray(part, out ArraySegment<byte> segment)
        && ReferenceEquals(segment.Array, bytes)
        && segment.Offset == offset;
}
