using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;

namespace RaftKv.Core.Raft.Messages;

/// <summary>
/// Bytes of a <see cref="Message"/> between peers; docs/peer-protocol.md draws every case. Little-endian, explicit
/// widths:
/// <code>
/// offset 0  u8   version (1)
///        1  u8   kind, see <see cref="MessageKind"/>
///        2  u64  from
///       10  u64  to
///       18  i64  term
///       26  …    body of the kind
/// </code>
/// The encoding is canonical: bytes that decode encode to the same bytes again. Length and checksum are the frame's
/// business.
/// </summary>
public static partial class MessageCodec
{
    /// <summary>The only version so far.</summary>
    public const byte Version = 1;

    /// <summary>Bytes before the body.</summary>
    public const int HeaderBytes = 26;

    // Bytes of an entry before its payload: i64 term, u8 kind, u32 length. Its index follows from its place.
    private const int EntryHeaderBytes = 13;

    // Bytes of a forwarded proposal before its envelope: i64 number, u32 length.
    private const int ProposalHeaderBytes = 12;

    /// <summary>Exact length of the encoding.</summary>
    public static int EncodedSize(Message message) => HeaderBytes + message switch
    {
        VoteRequest => 18,
        VoteResponse => 2,
        AppendRequest append => 28 + EntriesSize(append.Entries),
        AppendAccepted => 8,
        AppendRejected => 24,
        Heartbeat => 32,
        HeartbeatResponse => 42,
        SnapshotChunk chunk => 48 + MemberCount(chunk.Membership) * 8 + chunk.Data.Length,
        SnapshotResponse => 25,
        TimeoutNow => 0,
        ReadIndexRequest => 9,
        ReadIndexResponse => 17,
        ForwardRequest forward => 20 + ProposalsSize(forward.Proposals),
        ForwardRefusal refusal => 13 + refusal.RequestNumbers.Count * 8,
        LeaseRequest request => SizeOf(request),
        LeaseResponse response => SizeOf(response),
        _ => Check.Unreachable<int>(message),
    };

    /// <summary>
    /// Encodes into the start of the span, which must hold <see cref="EncodedSize"/> bytes; the count written.
    /// </summary>
    public static int Encode(Message message, Span<byte> destination)
    {
        var writer = new MessageCodecWriter(destination);
        writer.Byte(Version);
        writer.Byte((byte)KindOf(message));
        writer.UInt64(message.From.Value);
        writer.UInt64(message.To.Value);
        writer.Int64(message.Term.Value);
        switch (message)
        {
            case AppendRequest append: WriteAppend(ref writer, append); break;
            case SnapshotChunk chunk: WriteChunk(ref writer, chunk); break;
            case ForwardRequest forward: WriteForward(ref writer, forward); break;
            case ForwardRefusal refusal: WriteRefusal(ref writer, refusal); break;
            case LeaseRequest request: WriteLeaseRequest(ref writer, request); break;
            case LeaseResponse response: WriteLeaseResponse(ref writer, response); break;
            default: WriteFixed(ref writer, message); break;
        }

        return writer.Count;
    }

    /// <summary>
    /// Decodes one message that fills the span exactly; false when it is not one of a known version. Never throws on
    /// any bytes, and never allocates more than their length asks for. The message keeps nothing of the span.
    /// </summary>
    public static bool TryDecode(ReadOnlySpan<byte> source, out Message? message)
    {
        message = null;
        if (source.Length < HeaderBytes || source[0] != Version)
        {
            return false;
        }

        var reader = new MessageCodecReader(source[1..]);
        var kind = (MessageKind)reader.Byte();
        NodeId from = new(reader.UInt64());
        NodeId to = new(reader.UInt64());
        Term term = reader.Term();
        Message? decoded = ReadBody(ref reader, kind, from, to, term);
        if (!reader.IsExhausted || decoded is null)
        {
            return false;
        }

        message = decoded;
        return true;
    }

    private static MessageKind KindOf(Message message) => message switch
    {
        VoteRequest => MessageKind.VoteRequest,
        VoteResponse => MessageKind.VoteResponse,
        AppendRequest => MessageKind.AppendRequest,
        AppendAccepted => MessageKind.AppendAccepted,
        AppendRejected => MessageKind.AppendRejected,
        Heartbeat => MessageKind.Heartbeat,
        HeartbeatResponse => MessageKind.HeartbeatResponse,
        SnapshotChunk => MessageKind.SnapshotChunk,
        SnapshotResponse => MessageKind.SnapshotResponse,
        TimeoutNow => MessageKind.TimeoutNow,
        ReadIndexRequest => MessageKind.ReadIndexRequest,
        ReadIndexResponse => MessageKind.ReadIndexResponse,
        ForwardRequest => MessageKind.ForwardRequest,
        ForwardRefusal => MessageKind.ForwardRefusal,
        LeaseRequest => MessageKind.LeaseRequest,
        LeaseResponse => MessageKind.LeaseResponse,
        _ => Check.Unreachable<MessageKind>(message),
    };

    private static int EntriesSize(IReadOnlyList<LogEntry> entries)
    {
        int size = 0;
        for (int i = 0; i < entries.Count; i++)
        {
            size = checked(size + EntryHeaderBytes + entries[i].Payload.Length);
        }

        return size;
    }

    private static int ProposalsSize(IReadOnlyList<ForwardedProposal> proposals)
    {
        int size = 0;
        for (int i = 0; i < proposals.Count; i++)
        {
            size = checked(size + ProposalHeaderBytes + proposals[i].Envelope.Length);
        }

        return size;
    }

    private static int MemberCount(Membership membership) =>
        membership.Voters.Count + membership.OutgoingVoters.Count + membership.Learners.Count;

    private static void WriteFixed(ref MessageCodecWriter writer, Message message)
    {
        switch (message)
        {
            case VoteRequest m:
                writer.EntryId(m.LastEntry);
                writer.Bool(m.IsPreVote);
                writer.Bool(m.IsTransfer);
                break;
            case VoteResponse m:
                writer.Bool(m.IsPreVote);
                writer.Bool(m.IsGranted);
                break;
            case AppendAccepted m:
                writer.Int64(m.MatchIndex.Value);
                break;
            case AppendRejected m:
                writer.Int64(m.Previous.Value);
                writer.EntryId(m.Hint);
                break;
            case Heartbeat m:
                writer.Int64(m.CommitIndex.Value);
                writer.Int64(m.ReadRound);
                writer.Int64(m.SentAt.Microseconds);
                writer.Int64(m.AllAppliedIndex.Value);
                break;
            case HeartbeatResponse m:
                writer.Int64(m.ReadRound);
                writer.Int64(m.SentAt.Microseconds);
                writer.Int64(m.AppliedIndex.Value);
                writer.UInt64(m.StateHash);
                writer.Int64(m.Facts.StoreBytes);
                writer.Bool(m.Facts.IsDiskLow);
                writer.Byte((byte)m.Supported.Value);
                break;
            case SnapshotResponse m:
                writer.EntryId(m.Snapshot);
                writer.Int64(m.NextOffset);
                writer.Bool(m.IsInstalled);
                break;
            case TimeoutNow:
                break;
            case ReadIndexRequest m:
                writer.Int64(m.RequestId);
                writer.Bool(m.IsLease);
                break;
            case ReadIndexResponse m:
                writer.Int64(m.RequestId);
                writer.Int64(m.ReadIndex.Value);
                writer.Bool(m.IsGranted);
                break;
            default:
                Check.Unreachable<int>(message);
                break;
        }
    }

    private static void WriteAppend(ref MessageCodecWriter writer, AppendRequest append)
    {
        writer.EntryId(append.Previous);
        writer.Int64(append.CommitIndex.Value);
        writer.Count32(append.Entries.Count);
        long index = append.Previous.Index.Value;
        for (int i = 0; i < append.Entries.Count; i++)
        {
            LogEntry entry = append.Entries[i];
            index++;
            Check.That(entry.Index.Value == index, "entries follow the previous entry without a gap", entry.Index.Value, index);
            writer.Int64(entry.Term.Value);
            writer.Byte((byte)entry.Kind);
            writer.Bytes(entry.Payload.Span);
        }
    }

    private static void WriteChunk(ref MessageCodecWriter writer, SnapshotChunk chunk)
    {
        writer.EntryId(chunk.Snapshot);
        writer.Int64(chunk.TotalBytes);
        writer.Int64(chunk.Offset);
        writer.Nodes(chunk.Membership.Voters);
        writer.Nodes(chunk.Membership.OutgoingVoters);
        writer.Nodes(chunk.Membership.Learners);
        writer.Bytes(chunk.Data.Span);
    }

    private static void WriteForward(ref MessageCodecWriter writer, ForwardRequest forward)
    {
        writer.UInt64(forward.Incarnation);
        writer.Int64(forward.Floor);
        writer.Count32(forward.Proposals.Count);
        for (int i = 0; i < forward.Proposals.Count; i++)
        {
            writer.Int64(forward.Proposals[i].RequestNumber);
            writer.Bytes(forward.Proposals[i].Envelope.Span);
        }
    }

    private static void WriteRefusal(ref MessageCodecWriter writer, ForwardRefusal refusal)
    {
        writer.UInt64(refusal.Incarnation);
        writer.Bool(refusal.IsOverloaded);
        writer.Count32(refusal.RequestNumbers.Count);
        for (int i = 0; i < refusal.RequestNumbers.Count; i++)
        {
            writer.Int64(refusal.RequestNumbers[i]);
        }
    }

    // Arguments are evaluated in the order written, which is the order of the fields on the wire unless a local says
    // otherwise.
    private static Message? ReadBody(ref MessageCodecReader reader, MessageKind kind, NodeId from, NodeId to, Term term)
    {
        switch (kind)
        {
            case MessageKind.VoteRequest:
                return new VoteRequest(from, to, term, reader.EntryId(), reader.Bool(), reader.Bool());
            case MessageKind.VoteResponse:
                return new VoteResponse(from, to, term, reader.Bool(), reader.Bool());
            case MessageKind.AppendRequest:
                return ReadAppend(ref reader, from, to, term);
            case MessageKind.AppendAccepted:
                return new AppendAccepted(from, to, term, reader.Index());
            case MessageKind.AppendRejected:
                return new AppendRejected(from, to, term, reader.Index(), reader.EntryId());
            case MessageKind.Heartbeat:
                return new Heartbeat(from, to, term, reader.Index(), reader.AtLeast(Heartbeat.NoAnswerWanted))
                {
                    SentAt = new MonotonicTime(reader.Int64()),
                    AllAppliedIndex = reader.Index(),
                };
            case MessageKind.HeartbeatResponse:
                return new HeartbeatResponse(from, to, term, reader.Natural())
                {
                    SentAt = new MonotonicTime(reader.Int64()),
                    AppliedIndex = reader.Index(),
                    StateHash = reader.UInt64(),
                    Facts = new MemberFacts(reader.Natural(), reader.Bool()),
                    Supported = new ClusterVersion(reader.Byte()),
                };
            case MessageKind.SnapshotChunk:
                return ReadChunk(ref reader, from, to, term);
            case MessageKind.SnapshotResponse:
                return new SnapshotResponse(from, to, term, reader.EntryId(), reader.Natural(), reader.Bool());
            case MessageKind.TimeoutNow:
                return new TimeoutNow(from, to, term);
            case MessageKind.ReadIndexRequest:
                return new ReadIndexRequest(from, to, term, reader.Int64()) { IsLease = reader.Bool() };
            case MessageKind.ReadIndexResponse:
                return new ReadIndexResponse(from, to, term, reader.Int64(), reader.Index(), reader.Bool());
            case MessageKind.ForwardRequest:
                return ReadForward(ref reader, from, to, term);
            case MessageKind.ForwardRefusal:
                return ReadRefusal(ref reader, from, to, term);
            case MessageKind.LeaseRequest:
                return ReadLeaseRequest(ref reader, from, to, term);
            case MessageKind.LeaseResponse:
                return ReadLeaseResponse(ref reader, from, to, term);
            default:
                return null;
        }
    }

    private static AppendRequest? ReadAppend(ref MessageCodecReader reader, NodeId from, NodeId to, Term term)
    {
        EntryId previous = reader.EntryId();
        LogIndex commitIndex = reader.Index();
        int count = reader.Count32(EntryHeaderBytes);
        if (reader.IsBad || previous.Index.Value > long.MaxValue - count)
        {
            return null;
        }

        var entries = new LogEntry[count];
        for (int i = 0; i < count; i++)
        {
            Term entryTerm = reader.Term();
            var kind = (EntryKind)reader.Byte();
            byte[]? payload = reader.Bytes();
            if (payload is null || kind > EntryKind.Membership)
            {
                return null;
            }

            entries[i] = new LogEntry(new EntryId(entryTerm, new LogIndex(previous.Index.Value + 1 + i)), kind, payload);
        }

        return new AppendRequest(from, to, term, previous, entries, commitIndex);
    }

    private static SnapshotChunk? ReadChunk(ref MessageCodecReader reader, NodeId from, NodeId to, Term term)
    {
        EntryId snapshot = reader.EntryId();
        long totalBytes = reader.Natural();
        long offset = reader.Natural();
        NodeId[]? voters = reader.Nodes();
        NodeId[]? outgoing = reader.Nodes();
        NodeId[]? learners = reader.Nodes();
        byte[]? data = reader.Bytes();
        if (voters is null || voters.Length == 0 || outgoing is null || learners is null || data is null)
        {
            return null;
        }

        return new SnapshotChunk(from, to, term, snapshot, new Membership(voters, outgoing, learners), totalBytes, offset, data);
    }

    private static ForwardRequest? ReadForward(ref MessageCodecReader reader, NodeId from, NodeId to, Term term)
    {
        ulong incarnation = reader.UInt64();
        long floor = reader.Int64();
        int count = reader.Count32(ProposalHeaderBytes);
        var proposals = new ForwardedProposal[count];
        for (int i = 0; i < count; i++)
        {
            long number = reader.Int64();
            byte[]? envelope = reader.Bytes();
            if (envelope is null)
            {
                return null;
            }

            proposals[i] = new ForwardedProposal(number, envelope);
        }

        return new ForwardRequest(from, to, term, incarnation, floor, proposals);
    }

    private static ForwardRefusal ReadRefusal(ref MessageCodecReader reader, NodeId from, NodeId to, Term term)
    {
        ulong incarnation = reader.UInt64();
        bool isOverloaded = reader.Bool();
        var numbers = new long[reader.Count32(sizeof(long))];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = reader.Int64();
        }

        return new ForwardRefusal(from, to, term, incarnation, numbers, isOverloaded);
    }
}
