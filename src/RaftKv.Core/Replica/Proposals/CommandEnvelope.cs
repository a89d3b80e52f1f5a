using System.Buffers.Binary;

namespace RaftKv.Core.Replica.Proposals;

/// <summary>
/// What stands before a command in a log entry, so that the node where the client waits knows its own entries:
/// <code>
/// offset 0  u8   version (2)
///        1  u64  origin node
///        9  u64  incarnation of the origin: drawn anew at each start, so that a number is never met twice
///       17  i64  request number of the origin
///       25  i64  room for the leader's time in Unix milliseconds; 0: not told
///       33  …    KvCommand
/// </code>
/// The leader's time stands at a fixed place, so that a leader can set it in a proposal of any origin before it is an
/// entry. Nothing that is applied ever reads it.
/// </summary>
public static class CommandEnvelope
{
    /// <summary>Bytes before the command.</summary>
    public const int HeaderBytes = 33;

    private const byte Version = 2;

    /// <summary>Writes the header into the headroom.</summary>
    public static void Write(Span<byte> envelope, NodeId origin, ulong incarnation, long requestNumber)
    {
        envelope[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(envelope[1..], origin.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(envelope[9..], incarnation);
        BinaryPrimitives.WriteInt64LittleEndian(envelope[17..], requestNumber);
        BinaryPrimitives.WriteInt64LittleEndian(envelope[25..], 0);
    }

    /// <summary>
    /// Notes the leader's time, unless one is noted. Only before the envelope is an entry, or is seen by anybody else.
    /// </summary>
    /// <param name="unixMs">Unix milliseconds by the leader's clock, which may be wrong; 0 notes nothing.</param>
    public static void Stamp(Span<byte> envelope, long unixMs)
    {
        if (unixMs > 0 && BinaryPrimitives.ReadInt64LittleEndian(envelope[25..]) == 0)
        {
            BinaryPrimitives.WriteInt64LittleEndian(envelope[25..], unixMs);
        }
    }

    /// <summary>The leader's time in an entry; 0 when it is not told. For restores to a moment, never for what is applied.</summary>
    public static long StampIn(ReadOnlySpan<byte> envelope) =>
        envelope.Length >= HeaderBytes && envelope[0] == Version ? BinaryPrimitives.ReadInt64LittleEndian(envelope[25..]) : 0;

    /// <summary>Reads the header; false when the bytes are no envelope of a known version.</summary>
    public static bool TryRead(ReadOnlySpan<byte> envelope, out NodeId origin, out ulong incarnation, out long requestNumber)
    {
        origin = default;
        incarnation = 0;
        requestNumber = 0;
        if (envelope.Length < HeaderBytes || envelope[0] != Version)
        {
            return false;
        }

        origin = new NodeId(BinaryPrimitives.ReadUInt64LittleEndian(envelope[1..]));
        incarnation = BinaryPrimitives.ReadUInt64LittleEndian(envelope[9..]);
        requestNumber = BinaryPrimitives.ReadInt64LittleEndian(envelope[17..]);
        return true;
    }
}
