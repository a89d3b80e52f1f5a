using System.Buffers.Binary;
using RaftKv.Core.Store.Commands;

namespace RaftKv.Core.Store.Once;

/// <summary>
/// What one owner of plain keys has in the table. The owner is what the entry says, never a socket: its user, else its
/// client session, else the one that all others share. Derived from the records.
/// </summary>
internal sealed class OwnerShare(byte[] token)
{
    // First byte of a token, in records: who the owner is. A user's name has its length before it, so that no token is
    // the beginning of another.
    private const byte Everybody = 0;
    private const byte Session = 1;
    private const byte User = 2;

    /// <summary>Names the owner in records; the longest has 257 bytes.</summary>
    public byte[] Token { get; } = token;

    /// <summary>Records.</summary>
    public long Count { get; set; }

    /// <summary>Bytes of them.</summary>
    public long Bytes { get; set; }

    /// <summary>True for the owner that everybody shares who is nobody in particular.</summary>
    public bool IsShared => Token[0] == Everybody;

    /// <summary>The share of those who are neither a user nor a session.</summary>
    public static byte[] SharedToken { get; } = [Everybody];

    /// <summary>The token of a command's owner.</summary>
    public static byte[] TokenOf(KvCommand command)
    {
        if (!command.Principal.IsEmpty)
        {
            return [User, (byte)command.Principal.Length, .. command.Principal.Span];
        }

        if (command.Session is not { } session)
        {
            return SharedToken;
        }

        byte[] token = new byte[1 + sizeof(long)];
        token[0] = Session;
        BinaryPrimitives.WriteInt64BigEndian(token.AsSpan(1), session.Id.Value);
        return token;
    }

    /// <summary>Length of the token at the beginning of these bytes.</summary>
    public static int LengthIn(ReadOnlySpan<byte> bytes) => bytes[0] switch
    {
        Everybody => 1,
        Session => 1 + sizeof(long),
        User => 2 + bytes[1],
        _ => Check.Unreachable<int>(bytes[0]),
    };

    /// <summary>Most bytes that the owner may have.</summary>
    public long LimitUnder(OnceLimits limits) => IsShared ? limits.SharedBytes : limits.OwnerBytes;
}
