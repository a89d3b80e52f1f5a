namespace RaftKv.Core.Store;

/// <summary>Bytes of commands, as they stand in the log. Explicit little-endian widths; the layout is drawn in docs/command-format.md.</summary>
public static class KvCommandCodec
{
    /// <summary>Encodes a command into a new array of exact size, after <paramref name="headroomBytes"/> left for the caller.</summary>
    public static byte[] Encode(KvCommand command, int headroomBytes = 0) => throw new NotImplementedException();

    /// <summary>Decodes; false when the bytes are no valid command. Slices refer to <paramref name="bytes"/>.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> bytes, out KvCommand? command) => throw new NotImplementedException();
}
