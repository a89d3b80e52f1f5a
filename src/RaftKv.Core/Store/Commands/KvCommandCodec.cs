namespace RaftKv.Core.Store.Commands;

/// <summary>
/// Bytes of commands, as they stand in the log. Explicit little-endian widths; the layout is drawn in
/// docs/command-format.md.
/// </summary>
public static class KvCommandCodec
{
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
        KvCommandWriter counting = new(default);
        counting.WriteCommand(command);
        if (counting.Length > KvLimits.MaxCommandBytes)
        {
            throw new ArgumentException($"The command has {counting.Length} bytes; at most {KvLimits.MaxCommandBytes} are allowed.");
        }

        byte[] bytes = new byte[headroomBytes + counting.Length];
        KvCommandWriter writer = new(bytes.AsSpan(headroomBytes));
        writer.WriteCommand(command);
        Check.That(writer.Length == counting.Length, "both passes of the encoder agree", writer.Length, counting.Length);
        return bytes;
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
}
