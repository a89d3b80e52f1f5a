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

    private readonly SessionSeal _seal = new(keys, clusterId, incarnation);

    /// <summary>The signed text of a token.</summary>
    public string Encode(SessionMark seen) => _seal.Encode(seen);

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

    private SessionToken Decode(ReadOnlySpan<char> text) => _seal.Open(text, out SessionToken token) switch
    {
        SealVerdict.Genuine => token,
        SealVerdict.NoToken => throw Mismatch("RaftKv-Session is not a list of tokens of this server. Send back what the"
            + " RaftKv-Session header of an answer said."),
        SealVerdict.OfOther =>
            throw Mismatch("The session token was made by another cluster, or before a restore. Drop it and start a new session."),
        SealVerdict.Forged => throw Mismatch("The session token was changed, or made by another cluster. Drop it and start a new session."),
        SealVerdict other => Core.Check.Unreachable<SessionToken>(other),
    };

    private static ApiException Mismatch(string detail) => new(new ApiError(ErrorCode.SessionMismatch, detail));
}
