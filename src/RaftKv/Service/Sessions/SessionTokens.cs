using System.Buffers;
using System.Buffers.Text;
using RaftKv.Core.Reads;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Sessions;

/// <summary>
/// Session tokens as text: the payload and its signature in base64url. A token grants nothing; the signature is there so
/// that a made-up revision can't make a node wait, or trust what no node of this cluster has said. Immutable; any thread.
/// </summary>
public sealed class SessionTokens(ClusterKeys keys, ulong clusterId, ulong incarnation)
{
    /// <summary>Most tokens in one request; what an aggregating service sends when it merges those of its callers.</summary>
    public const int MaxTokens = 16;

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

    /// <summary>
    /// Adds the comma-separated tokens of one header line to what is known so far. Throws for one that is broken, forged,
    /// or of another cluster or restore.
    /// </summary>
    /// <param name="count">How many tokens the request had so far.</param>
    public SessionMark Merge(SessionMark known, ReadOnlySpan<char> line, ref int count)
    {
        foreach (Range range in line.Split(','))
        {
            ReadOnlySpan<char> text = line[range].Trim();
            if (text.IsEmpty)
            {
                continue;
            }

            if (++count > MaxTokens)
            {
                throw ApiException.Invalid(
                    $"RaftKv-Session has more than {MaxTokens} tokens. Send some of them first: the token of the answer covers them all.");
            }

            known = known.Merge(Decode(text).Seen);
        }

        return known;
    }

    private SessionToken Decode(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[EncodedBytes + 3];
        if (text.Length != TextLength
            || Base64Url.DecodeFromChars(text, bytes, out _, out int length) != OperationStatus.Done
            || length != EncodedBytes
            || !SessionToken.TryRead(bytes, out SessionToken token))
        {
            throw Mismatch("RaftKv-Session is not a list of tokens of this server. Send back what the RaftKv-Session header of an answer "
                + "said.");
        }

        // The cluster is looked at first: a token of another cluster fails the signature too, but this sentence helps.
        if (token.ClusterId != clusterId || token.Incarnation != incarnation)
        {
            throw Mismatch("The session token was made by another cluster, or before a restore. Drop it and start a new session.");
        }

        return keys.IsSessionSignature(bytes[..SessionToken.PayloadBytes], bytes[SessionToken.PayloadBytes..EncodedBytes])
            ? token
            : throw Mismatch("The session token was changed, or made by another cluster. Drop it and start a new session.");
    }

    private static ApiException Mismatch(string detail) => new(new ApiError(ErrorCode.SessionMismatch, detail));
}
