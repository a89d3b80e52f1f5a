using System.Buffers.Text;

namespace RaftKv.Core.Store.Once;

/// <summary>
/// An idempotency key that says when it was born: <c>born=CLUSTERTIME;REST</c>, milliseconds of cluster time. Once it is
/// older than the floor of the window and not found, its answer is provably gone, so it is refused and never run anew.
/// </summary>
internal static class BornKey
{
    private static ReadOnlySpan<byte> Prefix => "born="u8;

    /// <summary>True for a key of this form; any other one is a plain key.</summary>
    public static bool TryParse(ReadOnlySpan<byte> key, out long birthMs)
    {
        birthMs = 0;
        return key.StartsWith(Prefix)
            && Utf8Parser.TryParse(key[Prefix.Length..], out birthMs, out int length)
            && birthMs >= 0 && length > 0
            && key.Length > Prefix.Length + length + 1 && key[Prefix.Length + length] == ';';
    }
}
