using Google.Protobuf;

namespace RaftKv.EtcdConformance.Clients;

/// <summary>What came of a call: a status, and a message when the status is ok.</summary>
public sealed record GrpcAnswer(int Code, string Detail, IMessage? Message)
{
    /// <summary>For messages of failed comparisons.</summary>
    public override string ToString() => Code == 0 ? JsonFormatter.Default.Format(Message!) : $"code {Code}: {Detail}";
}
