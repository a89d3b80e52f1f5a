using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;

namespace RaftKv.Core.Raft.Messages;

/// <summary>Bodies of Raft's messages. What stands before a body is the envelope's business.</summary>
internal static class RaftMessageCodec
{
    // Bytes of an entry before its payload: i64 term, u8 kind, u32 length. Its index follows from its place.
    private const int EntryHeaderBytes = 13;

    /// <summary>Exact length of the body.</summary>
    public static int SizeOf(RaftMessage message) => message switch
    {
        VoteRequest => 18,
        VoteResponse => 2,
        AppendRequest append => 28 + EntriesSize(append.Entries),
        AppendAccepted => 8,
        AppendRejected => 24,
        Heartbeat => 40,
        HeartbeatResponse => 58,
        CommitNotice => 24,
        SnapshotChunk chunk => 48 + MemberBytes(chunk.Membership) + chunk.Data.Length,
        SnapshotResponse => 25,
        TimeoutNow => 0,
        ReadIndexRequest => 9,
        ReadIndexResponse => 17,
        _ => Check.Unreachable<int>(message),
    };

    /// <summary>The body's bytes, in the order of docs/peer-protocol.md.</summary>
    public static void Write(ref MessageWriter writer, RaftMessage message)
    {
        switch (message)
        {
            case AppendRequest append: WriteAppend(ref writer, append); break;
            case SnapshotChunk chunk: WriteChunk(ref writer, chunk); break;
            default: WriteFixed(ref writer, message); break;
        }
    }

    /// <summary>Which case it is.</summary>
    public static RaftMessageKind KindOf(RaftMessage message) => message switch
    {
        VoteRequest => RaftMessageKind.VoteRequest,
        VoteResponse => RaftMessageKind.VoteResponse,
        AppendRequest => RaftMessageKind.AppendRequest,
        AppendAccepted => RaftMessageKind.AppendAccepted,
        AppendRejected => RaftMessageKind.AppendRejected,
        Heartbeat => RaftMessageKind.Heartbeat,
        HeartbeatResponse => RaftMessageKind.HeartbeatResponse,
        CommitNotice => RaftMessageKind.CommitNotice,
        SnapshotChunk => RaftMessageKind.SnapshotChunk,
        SnapshotResponse => RaftMessageKind.SnapshotResponse,
        TimeoutNow => RaftMessageKind.TimeoutNow,
        ReadIndexRequest => RaftMessageKind.ReadIndexRequest,
        ReadIndexResponse => RaftMessageKind.ReadIndexResponse,
        _ => Check.Unreachable<RaftMessageKind>(message),
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

    private static int MemberBytes(Membership membership) =>
        ((membership.Voters.Count + membership.OutgoingVoters.Count + membership.Learners.Count) * sizeof(ulong))
        + sizeof(uint) + MembershipCodec.EncodeDetails(membership).Length;

    private static void WriteFixed(ref MessageWriter writer, RaftMessage message)
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
                writer.Int64(m.Generation);
                break;
            case CommitNotice m:
                writer.Int64(m.CommitIndex.Value);
                writer.Int64(m.AllAppliedIndex.Value);
                writer.Int64(m.Generation);
                break;
            case HeartbeatResponse m:
                writer.Int64(m.ReadRound);
                writer.Int64(m.SentAt.Microseconds);
                writer.Int64(m.AppliedIndex.Value);
                writer.UInt64(m.StateHash);
                writer.Int64(m.Facts.StoreBytes);
                writer.Bool(m.Facts.IsDiskLow);
                writer.Int64(m.Facts.DelayTicks);
                writer.Byte((byte)m.Supported.Value);
                writer.Int64(m.PatienceTicks);
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
                writer.Bool(m.AllowsLeaderLease);
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

    private static void WriteAppend(ref MessageWriter writer, AppendRequest append)
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

    private static void WriteChunk(ref MessageWriter writer, SnapshotChunk chunk)
    {
        writer.EntryId(chunk.Snapshot);
        writer.Int64(chunk.TotalBytes);
        writer.Int64(chunk.Offset);
        writer.Nodes(chunk.Membership.Voters);
        writer.Nodes(chunk.Membership.OutgoingVoters);
        writer.Nodes(chunk.Membership.Learners);
        writer.Bytes(MembershipCodec.EncodeDetails(chunk.Membership));
        writer.Bytes(chunk.Data.Span);
    }

    /// <summary>The message of a body; null when its kind is not known or a length does not fit.</summary>
    /// <remarks>
    /// Arguments are evaluated in the order written, which is the order of the fields on the wire unless a local says
    /// otherwise.
    /// </remarks>
    public static RaftMessage? Read(ref MessageReader reader, RaftMessageKind kind, NodeId from, NodeId to, Term term)
    {
        switch (kind)
        {
            case RaftMessageKind.VoteRequest:
                return new VoteRequest(from, to, term, reader.EntryId(), reader.Bool(), reader.Bool());
            case RaftMessageKind.VoteResponse:
                return new VoteResponse(from, to, term, reader.Bool(), reader.Bool());
            case RaftMessageKind.AppendRequest:
                return ReadAppend(ref reader, from, to, term);
            case RaftMessageKind.AppendAccepted:
                return new AppendAccepted(from, to, term, reader.Index());
            case RaftMessageKind.AppendRejected:
                return new AppendRejected(from, to, term, reader.Index(), reader.EntryId());
            case RaftMessageKind.Heartbeat:
                return new Heartbeat(from, to, term, reader.Index(), reader.Natural())
                {
                    SentAt = new MonotonicTime(reader.Int64()),
                    AllAppliedIndex = reader.Index(),
                    Generation = reader.Natural(),
                };
            case RaftMessageKind.HeartbeatResponse:
                return new HeartbeatResponse(from, to, term, reader.Natural())
                {
                    SentAt = new MonotonicTime(reader.Int64()),
                    AppliedIndex = reader.Index(),
                    StateHash = reader.UInt64(),
                    Facts = new MemberFacts(reader.Natural(), reader.Bool()) { DelayTicks = reader.Natural() },
                    Supported = new ClusterVersion(reader.Byte()),
                    PatienceTicks = reader.Natural(),
                };
            case RaftMessageKind.CommitNotice:
                return new CommitNotice(from, to, term, reader.Index(), reader.Index()) { Generation = reader.Natural() };
            case RaftMessageKind.SnapshotChunk:
                return ReadChunk(ref reader, from, to, term);
            case RaftMessageKind.SnapshotResponse:
                return new SnapshotResponse(from, to, term, reader.EntryId(), reader.Natural(), reader.Bool());
            case RaftMessageKind.TimeoutNow:
                return new TimeoutNow(from, to, term);
            case RaftMessageKind.ReadIndexRequest:
                return new ReadIndexRequest(from, to, term, reader.Int64()) { AllowsLeaderLease = reader.Bool() };
            case RaftMessageKind.ReadIndexResponse:
                return new ReadIndexResponse(from, to, term, reader.Int64(), reader.Index(), reader.Bool());
            default:
                return null;
        }
    }

    private static AppendRequest? ReadAppend(ref MessageReader reader, NodeId from, NodeId to, Term term)
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
            if (reader.Payload() is not { } payload || kind > EntryKind.Membership
                || (kind == EntryKind.Membership && MembershipCodec.Decode(payload.Span) is null))
            {
                return null;
            }

            entries[i] = new LogEntry(new EntryId(entryTerm, new LogIndex(previous.Index.Value + 1 + i)), kind, payload);
        }

        return new AppendRequest(from, to, term, previous, entries, commitIndex);
    }

    private static SnapshotChunk? ReadChunk(ref MessageReader reader, NodeId from, NodeId to, Term term)
    {
        EntryId snapshot = reader.EntryId();
        long totalBytes = reader.Natural();
        long offset = reader.Natural();
        NodeId[]? voters = reader.Nodes();
        NodeId[]? outgoing = reader.Nodes();
        NodeId[]? learners = reader.Nodes();
        byte[]? details = reader.Bytes();
        byte[]? data = reader.Bytes();
        if (voters is null || voters.Length == 0 || outgoing is null || learners is null || details is null || data is null)
        {
            return null;
        }

        return MembershipCodec.Make(voters, outgoing, learners, details) is { } membership
            ? new SnapshotChunk(from, to, term, snapshot, membership, totalBytes, offset, data)
            : null;
    }
}
