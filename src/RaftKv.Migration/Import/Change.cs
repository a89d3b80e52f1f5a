using Google.Protobuf;

namespace RaftKv.Migration.Import;

/// <summary>A key that is to be written, or deleted.</summary>
/// <param name="Value">Null to delete it.</param>
/// <param name="Lease">The source's lease that it hangs on; 0 for none.</param>
internal readonly record struct Change(ByteString Key, ByteString? Value, long Lease)
{
    // Tags and lengths of the messages around a key and its value.
    private const int Frame = 40;

    /// <summary>About the bytes that it takes in a request.</summary>
    public int Bytes => Frame + Key.Length + (Value?.Length ?? 0);
}
