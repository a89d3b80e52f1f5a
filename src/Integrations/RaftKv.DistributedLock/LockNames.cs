using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace RaftKv.DistributedLock;

/// <summary>Makes a name that the cluster takes of any text.</summary>
/// <remarks>
/// At the cluster a name has 1 to 1,024 bytes, none of them zero. Room is left for a prefix and for the two names of a
/// reader-writer lock. What does not fit is replaced by a hash of it, so that different texts stay different locks.
/// </remarks>
internal static class LockNames
{
    internal const int MaxNameBytes = 800;
    internal const int MaxPrefixBytes = 200;
    private const string HashMark = "sha256:";

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    internal static string Safe(string name)
    {
        ArgumentNullException.ThrowIfNull(name);

        // A single dot, or two, would be normalised away in the path of a request.
        return name is not ("" or "." or "..") && IsText(name, MaxNameBytes)
            ? name
            : HashMark + Base64Url.EncodeToString(SHA256.HashData(MemoryMarshal.AsBytes(name.AsSpan())));
    }

    /// <summary>The name itself.</summary>
    /// <exception cref="FormatException">The cluster would not take it.</exception>
    internal static string Exact(string name) => Safe(name) == name
        ? name
        : throw new FormatException(
            $"A name has 1 to {MaxNameBytes} bytes of UTF-8, none of them zero, "
            + "and is not '.' or '..'. GetSafeName makes one of any text.");

    internal static bool IsPrefix(string? prefix) => prefix is not null && IsText(prefix, MaxPrefixBytes);

    private static bool IsText(string text, int maxBytes)
    {
        if (text.Length > maxBytes || text.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }

        try
        {
            return StrictUtf8.GetByteCount(text) <= maxBytes;
        }
        catch (EncoderFallbackException)
        {
            // Half of a surrogate pair: its replacement would be another name's too.
            return false;
        }
    }
}
