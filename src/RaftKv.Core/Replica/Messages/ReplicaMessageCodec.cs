using RaftKv.Core.Messages;

namespace RaftKv.Core.Replica.Messages;

/// <summary>Bodies of the replica's messages. What stands before a body is the envelope's business.</summary>
internal static class ReplicaMessageCodec
{
    // Bytes of a forwarded proposal before its envelope: i64 number, u32 length.
    private const int ProposalHeaderBytes = 12;

    // u64 lease, u8 is renewal.
    private const int LeaseQuestionBytes = 9;

    // i64 lease, u8 lives, i64 ttl, i64 remaining.
    private const int LeaseTimeBytes = 25;

    /// <summary>Exact length of the body.</summary>
    public static int SizeOf(ReplicaMessage message) => message switch
    {
        ForwardRequest forward => 20 + ProposalsSize(forward.Proposals),
        ForwardRefusal refusal => 13 + refusal.RequestNumbers.Count * sizeof(long),
        LeaseRequest request => 12 + request.Questions.Count * LeaseQuestionBytes,
        LeaseResponse response => 12 + response.Times.Count * LeaseTimeBytes,
        StateDiffers => 3 * sizeof(ulong),
        _ => Check.Unreachable<int>(message),
    };

    /// <summary>Which case it is.</summary>
    public static ReplicaMessageKind KindOf(ReplicaMessage message) => message switch
    {
        ForwardRequest => ReplicaMessageKind.ForwardRequest,
        ForwardRefusal => ReplicaMessageKind.ForwardRefusal,
        LeaseRequest => ReplicaMessageKind.LeaseRequest,
        LeaseResponse => ReplicaMessageKind.LeaseResponse,
        StateDiffers => ReplicaMessageKind.StateDiffers,
        _ => Check.Unreachable<ReplicaMessageKind>(message),
    };

    /// <summary>The body's bytes, in the order of docs/peer-protocol.md.</summary>
    public static void Write(ref MessageWriter writer, ReplicaMessage message)
    {
        switch (message)
        {
            case ForwardRequest forward: WriteForward(ref writer, forward); break;
            case ForwardRefusal refusal: WriteRefusal(ref writer, refusal); break;
            case LeaseRequest request: WriteLeaseRequest(ref writer, request); break;
            case LeaseResponse response: WriteLeaseResponse(ref writer, response); break;
            case StateDiffers word: WriteDiffers(ref writer, word); break;
            default: Check.Unreachable<int>(message); break;
        }
    }

    /// <summary>The message of a body; null when its kind is not known or a length does not fit.</summary>
    public static ReplicaMessage? Read(ref MessageReader reader, ReplicaMessageKind kind, NodeId from, NodeId to, Term term) => kind switch
    {
        ReplicaMessageKind.ForwardRequest => ReadForward(ref reader, from, to, term),
        ReplicaMessageKind.ForwardRefusal => ReadRefusal(ref reader, from, to, term),
        ReplicaMessageKind.LeaseRequest => ReadLeaseRequest(ref reader, from, to, term),
        ReplicaMessageKind.LeaseResponse => ReadLeaseResponse(ref reader, from, to, term),
        ReplicaMessageKind.StateDiffers => new StateDiffers(from, to, term, reader.Index(), reader.UInt64(), reader.UInt64()),
        _ => null,
    };

    private static int ProposalsSize(IReadOnlyList<ForwardedProposal> proposals)
    {
        int size = 0;
        for (int i = 0; i < proposals.Count; i++)
        {
            size = checked(size + ProposalHeaderBytes + proposals[i].Envelope.Length);
        }

        return size;
    }

    private static void WriteForward(ref MessageWriter writer, ForwardRequest forward)
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

    private static void WriteRefusal(ref MessageWriter writer, ForwardRefusal refusal)
    {
        writer.UInt64(refusal.Incarnation);
        writer.Bool(refusal.IsOverloaded);
        writer.Count32(refusal.RequestNumbers.Count);
        for (int i = 0; i < refusal.RequestNumbers.Count; i++)
        {
            writer.Int64(refusal.RequestNumbers[i]);
        }
    }

    private static void WriteLeaseRequest(ref MessageWriter writer, LeaseRequest request)
    {
        writer.Int64(request.RequestId);
        writer.Count32(request.Questions.Count);
        for (int i = 0; i < request.Questions.Count; i++)
        {
            writer.Int64(request.Questions[i].Lease.Value);
            writer.Bool(request.Questions[i].IsRenewal);
        }
    }

    private static void WriteLeaseResponse(ref MessageWriter writer, LeaseResponse response)
    {
        writer.Int64(response.RequestId);
        writer.Count32(response.Times.Count);
        for (int i = 0; i < response.Times.Count; i++)
        {
            LeaseTime time = response.Times[i];
            writer.Int64(time.Lease.Value);
            writer.Bool(time.Lives);
            writer.Int64(time.TtlMs);
            writer.Int64(time.RemainingMs);
        }
    }

    private static void WriteDiffers(ref MessageWriter writer, StateDiffers word)
    {
        writer.Int64(word.Index.Value);
        writer.UInt64(word.LeaderHash);
        writer.UInt64(word.NodeHash);
    }

    private static LeaseRequest? ReadLeaseRequest(ref MessageReader reader, NodeId from, NodeId to, Term term)
    {
        long requestId = reader.Int64();
        int count = reader.Count32(LeaseQuestionBytes);
        if (reader.IsBad || count > LeaseRequest.MaxQuestions)
        {
            return null;
        }

        var questions = new LeaseQuestion[count];
        for (int i = 0; i < count; i++)
        {
            questions[i] = new LeaseQuestion(new LeaseId(reader.Int64()), reader.Bool());
        }

        return new LeaseRequest(from, to, term, requestId, questions);
    }

    private static LeaseResponse? ReadLeaseResponse(ref MessageReader reader, NodeId from, NodeId to, Term term)
    {
        long requestId = reader.Int64();
        int count = reader.Count32(LeaseTimeBytes);
        if (reader.IsBad || count > LeaseRequest.MaxQuestions)
        {
            return null;
        }

        var times = new LeaseTime[count];
        for (int i = 0; i < count; i++)
        {
            times[i] = new LeaseTime(new LeaseId(reader.Int64()), reader.Bool(), reader.Natural(), reader.Natural());
        }

        return new LeaseResponse(from, to, term, requestId, times);
    }

    private static ForwardRequest? ReadForward(ref MessageReader reader, NodeId from, NodeId to, Term term)
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

    private static ForwardRefusal ReadRefusal(ref MessageReader reader, NodeId from, NodeId to, Term term)
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
