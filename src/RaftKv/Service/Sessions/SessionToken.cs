using System.Buffers.Binary;
using RaftKv.Core;
using RaftKv.Core.Reads;

namespace RaftKv.Service.Sessions;

/// <summary>
/// What a client has seen and done. One log orders everything, so two revisions say it all: the newest one that it read,
/// and the newest one that it wrote. Apart, so that read-your-writes and monotonic reads can be had singly.
/// </summary>
/// <param name="Incarnation">How often the cluster was restored from a backup: revisions of different incarnations don't
/// compare.</param>
/// <param name="Seen">The two revisions.</param>
public readonly record struct SessionToken(ulong ClusterId, ulong Incarnation, SessionMark Seen)
{
    /// <summary>
    /// Bytes of the payload, which the signature covers:
    /// <code>
    /// offset 0  u8   version (2)
    ///        1  u64  cluster id
    ///        9  u64  restore incarnation
    ///       17  i64  read revision, 0 for none
    ///       25  i64  write revision, 0 for none
    /// </code>
    /// All little-endian. <see cref="SessionTokens"/> appends 16 bytes of signature and writes it as base64url.
    /// </summary>
    public const int PayloadBytes = 33;

    private const byte Version = 2;

    /// <summary>Writes the payload.</summary>
    public void WriteTo(Span<byte> payload)
    {
        payload[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(payload[1..], ClusterId);
        BinaryPrimitives.WriteUInt64LittleEndian(payload[9..], Incarnation);
        BinaryPrimitives.WriteInt64LittleEndian(payload[17..], Seen.Read.Value);
        BinaryPrimitives.WriteInt64LittleEndian(payload[25..], Seen.Write.Value);
    }

    /// <summary>Reads a payload of <see cref="PayloadBytes"/>; false for one of another version or with impossible revisions.</summary>
    public static bool TryRead(ReadOnlySpan<byte> payload, out SessionToken token)
    {
        token = default;
        long read = BinaryPrimitives.ReadInt64LittleEndian(payload[17..]);
        long write = BinaryPrimitives.ReadInt64LittleEndian(payload[25..]);
        if (payload[0] != Version || read < 0 || write < 0)
        {
            return false;
        }

        token = new SessionToken(
            BinaryPrimitives.ReadUInt64LittleEndian(payload[1..]),
            BinaryPrimitives.ReadUInt64LittleEndian(payload[9..]),
            new SessionMark(new Revision(read), new Revision(write)));
        return true;
    }
}
