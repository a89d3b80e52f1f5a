using System.Buffers;
using System.Buffers.Text;
using RaftKv.Core.Reads;

namespace RaftKv.Service.Sessions;

/// <summary>What a text is that somebody shows as a session token.</summary>
public enum SealVerdict : byte
{
    /// <summary>A token of this cluster and restore.</summary>
    Genuine,

    /// <summary>No token at all.</summary>
    NoToken,

    /// <summary>A token of another cluster, or of before a restore.</summary>
    OfOther,

    /// <summary>Its signature is not this cluster's.</summary>
    Forged,
}

/// <summary>
/// Makes session tokens and tells the genuine ones: the payload and its signature in base64url. Immutable; any thread.
/// </summary>
public sealed class SessionSeal(ClusterKeys keys, ulong clusterId, ulong incarnation)
{
    private const int EncodedBytes = SessionToken.PayloadBytes + ClusterKeys.MacBytes;

    // 49 bytes without padding.
    private const int TextLength = 66;

    /// <summary>The signed text of a token.</summary>
    public string Encode(SessionMark seen)
    {
        Span<byte> bytes = stackalloc byte[EncodedBytes];
        new SessionToken(clusterId, incarnation, seen).WriteTo(bytes);
        keys.SignSession(bytes[..SessionToken.PayloadBytes], bytes[SessionToken.PayloadBytes..]);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads a text; what it says counts when it is genuine, and for nothing else.</summary>
    public SealVerdict Open(ReadOnlySpan<char> text, out SessionToken token)
    {
        token = default;
        Span<byte> bytes = stackalloc byte[EncodedBytes + 3];
        if (text.Length != TextLength
            || Base64Url.DecodeFromChars(text, bytes, out _, out int length) != OperationStatus.Done
            || length != EncodedBytes
            || !SessionToken.TryRead(bytes, out token))
        {
            return SealVerdict.NoToken;
        }

        // The cluster is looked at first: a token of another cluster fails the signature too, but this answer helps.
        if (token.ClusterId != clusterId || token.Incarnation != incarnation)
        {
            return SealVerdict.OfOther;
        }

        return keys.IsSessionSignature(bytes[..SessionToken.PayloadBytes], bytes[SessionToken.PayloadBytes..EncodedBytes])
            ? SealVerdict.Genuine
            : SealVerdict.Forged;
    }
}
