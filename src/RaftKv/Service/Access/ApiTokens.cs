using System.Buffers.Text;
using System.Security.Cryptography;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Rights;

namespace RaftKv.Service.Access;

/// <summary>
/// Tokens that are listed and revoked: an id that is no secret, and a secret of which the store has the hash. Their secret is
/// random, so that a fast hash is enough. Stateless.
/// </summary>
internal static class ApiTokens
{
    /// <summary>What the text begins with.</summary>
    public const string Prefix = "rkt.";

    private const int SecretBytes = 32;

    /// <summary>Makes a token, and the change that makes it known.</summary>
    public static (string Text, AddToken Change) Make(ReadOnlyMemory<byte> user, byte[] label, long nowMs, long expiresMs)
    {
        byte[] id = RandomNumberGenerator.GetBytes(KvLimits.TokenIdBytes);
        byte[] secret = RandomNumberGenerator.GetBytes(SecretBytes);
        string text = Prefix + Base64Url.EncodeToString(id) + "." + Base64Url.EncodeToString(secret);
        return (text, new AddToken(id, user, SHA256.HashData(secret), nowMs, expiresMs, label));
    }

    /// <summary>The token that a text is, if it is known and not over; else null.</summary>
    public static TokenInfo? Find(StoreView view, string text, long nowMs)
    {
        string[] parts = text.Split('.');
        if (parts.Length != 3 || text.Length > 128 || !Base64Url.IsValid(parts[1]) || !Base64Url.IsValid(parts[2]))
        {
            return null;
        }

        byte[] hash = SHA256.HashData(Base64Url.DecodeFromChars(parts[2]));
        return view.GetToken(Base64Url.DecodeFromChars(parts[1])) is { } known
            && CryptographicOperations.FixedTimeEquals(hash, known.SecretHash.Span)
            && (known.ExpiresMs == 0 || nowMs < known.ExpiresMs)
            ? known
            : null;
    }
}
