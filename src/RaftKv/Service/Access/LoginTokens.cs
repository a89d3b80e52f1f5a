using System.Buffers.Binary;
using System.Buffers.Text;
using System.Text;
using RaftKv.Service.Sessions;

namespace RaftKv.Service.Access;

/// <summary>
/// Tokens of logins: signed with a key that every node has from the log, so that any node takes what another one gave. They
/// say who, by which password (its revision) and since when; a new password, or none of the user any more, makes them void.
/// Stateless.
/// </summary>
/// <remarks><code>u8 1   i64 credential revision   i64 issued, Unix ms   user's name   16 bytes of MAC; in base64url</code></remarks>
internal static class LoginTokens
{
    /// <summary>What the text begins with.</summary>
    public const string Prefix = "rkl.";

    private const byte Version = 1;
    private const int HeadBytes = 1 + (2 * sizeof(long));

    /// <summary>Makes a token.</summary>
    public static string Make(ClusterKeys keys, string user, long credentialRevision, long issuedMs)
    {
        byte[] name = Encoding.UTF8.GetBytes(user);
        byte[] bytes = new byte[HeadBytes + name.Length + ClusterKeys.MacBytes];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), credentialRevision);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1 + sizeof(long)), issuedMs);
        name.CopyTo(bytes, HeadBytes);
        keys.SignLogin(bytes.AsSpan(0, HeadBytes + name.Length), bytes.AsSpan(HeadBytes + name.Length));
        return Prefix + Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads a token that this cluster has signed; null for any other text.</summary>
    public static LoginToken? Read(ClusterKeys keys, string text)
    {
        if (!text.StartsWith(Prefix, StringComparison.Ordinal) || text.Length > 1024)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[1024];
        if (Base64Url.DecodeFromChars(text.AsSpan(Prefix.Length), bytes, out _, out int length) != System.Buffers.OperationStatus.Done
            || length <= HeadBytes + ClusterKeys.MacBytes)
        {
            return null;
        }

        ReadOnlySpan<byte> payload = bytes[..(length - ClusterKeys.MacBytes)];
        return payload[0] == Version && keys.IsLoginSignature(payload, bytes[(length - ClusterKeys.MacBytes)..length])
            ? new LoginToken(
                Encoding.UTF8.GetString(payload[HeadBytes..]), BinaryPrimitives.ReadInt64BigEndian(payload[1..]),
                BinaryPrimitives.ReadInt64BigEndian(payload[(1 + sizeof(long))..]))
            : null;
    }
}

/// <summary>What a token says, once its signature is known to be ours.</summary>
internal sealed record LoginToken(string User, long CredentialRevision, long IssuedMs);
