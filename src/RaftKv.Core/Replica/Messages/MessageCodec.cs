using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Messages;

namespace RaftKv.Core.Replica.Messages;

/// <summary>
/// Bytes of a <see cref="Message"/> between peers; docs/peer-protocol.md draws every case. Little-endian, explicit
/// widths:
/// <code>
/// offset 0  u8   version (1)
///        1  u8   kind: below 64 a <see cref="RaftMessageKind"/>, from 64 on a <see cref="ReplicaMessageKind"/>
///        2  u64  from
///       10  u64  to
///       18  i64  term
///       26  …    body of the kind
/// </code>
/// The encoding is canonical: bytes that decode encode to the same bytes again. Length and checksum are the frame's
/// business.
/// </summary>
public static class MessageCodec
{
    /// <summary>The only version so far.</summary>
    public const byte Version = 1;

    /// <summary>Bytes before the body.</summary>
    public const int HeaderBytes = 26;

    private const byte FirstReplicaKind = 64;

    /// <summary>Exact length of the encoding.</summary>
    public static int EncodedSize(Message message) => HeaderBytes + message switch
    {
        RaftMessage raft => RaftMessageCodec.SizeOf(raft),
        ReplicaMessage replica => ReplicaMessageCodec.SizeOf(replica),
        _ => Check.Unreachable<int>(message),
    };

    /// <summary>
    /// Encodes into the start of the span, which must hold <see cref="EncodedSize"/> bytes; the count written.
    /// </summary>
    public static int Encode(Message message, Span<byte> destination)
    {
        var writer = new MessageWriter(destination);
        writer.Byte(Version);
        writer.Byte(KindOf(message));
        writer.UInt64(message.From.Value);
        writer.UInt64(message.To.Value);
        writer.Int64(message.Term.Value);
        switch (message)
        {
            case RaftMessage raft: RaftMessageCodec.Write(ref writer, raft); break;
            case ReplicaMessage replica: ReplicaMessageCodec.Write(ref writer, replica); break;
            default: Check.Unreachable<int>(message); break;
        }

        return writer.Count;
    }

    /// <summary>
    /// Decodes one message that fills the span exactly; false when it is not one of a known version. Never throws on
    /// any bytes, and never allocates more than their length asks for. The message keeps nothing of the span.
    /// </summary>
    /// <param name="payloads">Where payloads of entries go, of one thread at a time; null for an array each.</param>
    public static bool TryDecode(ReadOnlySpan<byte> source, out Message? message, PayloadStore? payloads = null)
    {
        message = null;
        if (source.Length < HeaderBytes || source[0] != Version)
        {
            return false;
        }

        var reader = new MessageReader(source[1..], payloads);
        byte kind = reader.Byte();
        NodeId from = new(reader.UInt64());
        NodeId to = new(reader.UInt64());
        Term term = reader.Term();
        Message? decoded = kind < FirstReplicaKind
            ? RaftMessageCodec.Read(ref reader, (RaftMessageKind)kind, from, to, term)
            : ReplicaMessageCodec.Read(ref reader, (ReplicaMessageKind)kind, from, to, term);
        if (!reader.IsExhausted || decoded is null)
        {
            return false;
        }

        message = decoded;
        return true;
    }

    private static byte KindOf(Message message) => message switch
    {
        RaftMessage raft => (byte)RaftMessageCodec.KindOf(raft),
        ReplicaMessage replica => (byte)ReplicaMessageCodec.KindOf(replica),
        _ => Check.Unreachable<byte>(message),
    };
}
