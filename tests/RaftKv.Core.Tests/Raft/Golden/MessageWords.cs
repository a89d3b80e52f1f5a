using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Messages;

namespace RaftKv.Core.Tests.Raft.Golden;

/// <summary>Raft's messages in words.</summary>
internal static class MessageWords
{
    public static string Of(Message message) => message switch
    {
        VoteRequest m => $"{Ballot(m.IsPreVote)} for term {m.Term}? log ends at {m.LastEntry}" +
            (m.IsTransfer ? ", by order of the leader" : ""),
        VoteResponse m => $"{Ballot(m.IsPreVote)} of term {m.Term}: {(m.IsGranted ? "yes" : "no")}",
        AppendRequest m => $"append after {m.Previous}: [{string.Join(' ', m.Entries.Select(entry => entry.Id))}], commit {m.CommitIndex}",
        AppendAccepted m => $"appended, durable and equal up to {m.MatchIndex}",
        AppendRejected m => $"rejected, nothing at {m.Previous} that fits; may agree at {m.Hint}",
        CommitNotice m => $"told of commit {m.CommitIndex}",
        Heartbeat m => $"heartbeat of term {m.Term}, commit {m.CommitIndex}, read round {m.ReadRound}",
        HeartbeatResponse m => $"heartbeat heard, read round {m.ReadRound}",
        TimeoutNow m => $"campaign now, in place of the leader of term {m.Term}",
        ReadIndexRequest => "read index?",
        ReadIndexResponse m => m.IsGranted ? $"read index {m.ReadIndex}" : "no read index here",
        _ => message.GetType().Name,
    };

    private static string Ballot(bool isPreVote) => isPreVote ? "pre-vote" : "vote";
}
