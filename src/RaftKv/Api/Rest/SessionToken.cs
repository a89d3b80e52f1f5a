using System.Buffers.Binary;
using System.Buffers.Text;
using RaftKv.Api.ErrorMapping;
using RaftKv.Core;

namespace RaftKv.Api.Rest;

/// <summary>
/// What a client has seen, as it comes with every answer. One log orders everything, so a revision says it all. Opaque
/// to clients, base64url of 25 bytes:
/// <code>
/// offset 0  u8   version (1)
///        1  u64  cluster id
///        9  u64  restore incarnation (0 until restores exist)
///       17  i64  revision
/// </code>
/// This version does not sign tokens: they grant nothing, and this version's levels need none, so a forged one can only
/// be refused.
/// </summary>
public readonly record struct SessionToken(ulong ClusterId, ulong Incarnation, Revision Revision)
{
    /// <summary>Bytes before base64url.</summary>
    public const int EncodedBytes = 25;

    private const byte Version = 1;
    private const int MaxTokens = 16;

    /// <summary>The text form.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[EncodedBytes];
        bytes[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[1..], ClusterId);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[9..], Incarnation);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[17..], Revision.Value);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Parses one token; false when it is no token of this version.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SessionToken token)
    {
        token = default;
        Span<byte> bytes = stackalloc byte[EncodedBytes + 3];
        if (text.Length > 40
            || Base64Url.DecodeFromChars(text, bytes, out _, out int length) != System.Buffers.OperationStatus.Done
            || length != EncodedBytes
            || bytes[0] != Version)
        {
            return false;
        }

        long revision = BinaryPrimitives.ReadInt64LittleEndian(bytes[17..]);
        token = new SessionToken(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[1..]), BinaryPrimitives.ReadUInt64LittleEndian(bytes[9..]), new Revision(revision));
        return revision >= 0;
    }

    /// <summary>
    /// Checks a header's comma-separated tokens. Throws for one that is broken, or of another cluster or restore.
    /// </summary>
    public static void Validate(ReadOnlySpan<char> header, ulong clusterId)
    {
        int count = 0;
        foreach (Range range in header.Split(','))
        {
            ReadOnlySpan<char> text = header[range].Trim();
            if (text.IsEmpty)
            {
                continue;
            }

            if (++count > MaxTokens || !TryParse(text, out SessionToken token))
            {
                throw ApiException.Invalid(
                    "RaftKv-Session is not a list of tokens of this server. Send back what the RaftKv-Session header of an answer said.");
            }

            if (token.ClusterId != clusterId || token.Incarnation != 0)
            {
                throw new ApiException(new ApiError(
                    ErrorCode.SessionMismatch,
                    "The session token was made by another cluster, or before a restore. Drop it and start a new session."));
            }
        }
    }
}
