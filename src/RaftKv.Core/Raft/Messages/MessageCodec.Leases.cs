namespace RaftKv.Core.Raft.Messages;

public static partial class MessageCodec
{
    // u64 lease, u8 is renewal.
    private const int LeaseQuestionBytes = 9;

    // i64 lease, u8 lives, i64 ttl, i64 remaining.
    private const int LeaseTimeBytes = 25;

    private static int SizeOf(LeaseRequest request) => sizeof(long) + sizeof(uint) + (request.Questions.Count * LeaseQuestionBytes);

    private static int SizeOf(LeaseResponse response) => sizeof(long) + sizeof(uint) + (response.Times.Count * LeaseTimeBytes);

    private static void WriteLeaseRequest(ref MessageCodecWriter writer, LeaseRequest request)
    {
        writer.Int64(request.RequestId);
        writer.Count32(request.Questions.Count);
        for (int i = 0; i < request.Questions.Count; i++)
        {
            writer.Int64(request.Questions[i].Lease.Value);
            writer.Bool(request.Questions[i].IsRenewal);
        }
    }

    private static void WriteLeaseResponse(ref MessageCodecWriter writer, LeaseResponse response)
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

    private static LeaseRequest? ReadLeaseRequest(ref MessageCodecReader reader, NodeId from, NodeId to, Term term)
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

    private static LeaseResponse? ReadLeaseResponse(ref MessageCodecReader reader, NodeId from, NodeId to, Term term)
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
}
