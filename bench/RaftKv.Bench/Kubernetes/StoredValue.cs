using System.Diagnostics;
using System.Globalization;
using System.Text;
using Google.Protobuf;

namespace RaftKv.Bench.Kubernetes;

/// <summary>
/// What is stored of an object: a name that no other value has, when it was made, and its length; then noise up to that length.
/// </summary>
internal static class StoredValue
{
    /// <summary>The name of what was not stored as it was sent.</summary>
    internal const string Damaged = "damaged";

    private const int LeastBytes = 64;
    private const int MostBytes = 64 * 1024;

    private static readonly byte[] _noise = MakeNoise();

    internal static ByteString Of(string id, int bytes)
    {
        byte[] value = new byte[Math.Clamp(bytes, LeastBytes, MostBytes)];
        _noise.AsSpan(0, value.Length).CopyTo(value);
        Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{id}@{Stopwatch.GetTimestamp()}@{value.Length} "), value);
        return UnsafeByteOperations.UnsafeWrap(value);
    }

    /// <summary>The name, and the moment it was made at.</summary>
    internal static (string Id, long Made) Read(ByteString value)
    {
        ReadOnlySpan<byte> text = value.Span;
        int end = text.IndexOf((byte)' ');
        string[] parts = end < 0 ? [] : Encoding.ASCII.GetString(text[..end]).Split('@');
        bool isWhole = parts.Length == 3
            && parts[2] == value.Length.ToString(CultureInfo.InvariantCulture)
            && text[(end + 1)..].SequenceEqual(_noise.AsSpan(end + 1, text.Length - end - 1));
        return isWhole ? (parts[0], long.Parse(parts[1], CultureInfo.InvariantCulture)) : (Damaged, 0);
    }

    private static byte[] MakeNoise()
    {
        byte[] noise = new byte[MostBytes];
        new Random(1).NextBytes(noise);
        return noise;
    }
}
