using System.Globalization;
using RaftKv.Core.Calls;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica.Messages;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;

namespace RaftKv.Simulation.Engine;

/// <summary>Short, readable forms of what stands in a trace; only used for failures and with --verbose.</summary>
internal static class TraceText
{
    /// <summary>What happened, by the two numbers that a line of its kind carries and its detail.</summary>
    public static string Describe(TraceKind kind, long a, long b, object? detail) => kind switch
    {
        TraceKind.Send or TraceKind.Drop or TraceKind.Receive or TraceKind.Persist when detail is not null => Describe(detail),
        TraceKind.Synced => $"up to batch {a}, the log on disk ends at {b}",
        TraceKind.Reported => $"batch {a}",
        TraceKind.Crash => b == 1 ? "power cut" : "killed",
        TraceKind.Restart => $"life {a}, the log ends at {b}",
        TraceKind.Partition => $"of form {a}",
        TraceKind.Heal => a < 0 ? "all links" : $"link {a}",
        TraceKind.Leader => $"leads term {a}, the log ends at {b}",
        TraceKind.Commit => $"up to {a} in term {b}",
        TraceKind.Applied => $"up to {a}, state {b:x16}",
        TraceKind.Snapshot or TraceKind.Phase when detail is not null => kind == TraceKind.Phase ? Describe(detail) : $"of {a} {detail}",
        TraceKind.Invoke when detail is not null => $"#{a} by client {b}: {Describe(detail)}",
        TraceKind.Answer => $"#{a}: {b}{(detail is null ? "" : " " + Describe(detail))}",
        TraceKind.Pause or TraceKind.Resume or TraceKind.Clog or TraceKind.Transfer => "",
        _ => $"{a} {b}{(detail is null ? "" : " " + Describe(detail))}",
    };

    private static string Describe(object detail) => detail switch
    {
        string text => text,
        KvCommand command => CommandText.Of(command),
        RangeRequest request => CommandText.Of(request),
        ProposalOutcome outcome => $"= {outcome}",
        ReadLevel level => $"is the revision read at level {level}",
        VoteRequest m => $"{Route(m)} {(m.IsPreVote ? "PreVote?" : "Vote?")} t{m.Term} last {m.LastEntry}{(m.IsTransfer ? " transfer" : "")}",
        VoteResponse m => $"{Route(m)} {(m.IsPreVote ? "PreVote" : "Vote")} t{m.Term} {(m.IsGranted ? "granted" : "refused")}",
        AppendRequest m => $"{Route(m)} Append t{m.Term} prev {m.Previous} +{m.Entries.Count}{LastOf(m.Entries)} commit {m.CommitIndex}",
        AppendAccepted m => $"{Route(m)} Appended t{m.Term} ok match {m.MatchIndex}",
        AppendRejected m => $"{Route(m)} Appended t{m.Term} rejected {m.Previous} hint {m.Hint}",
        Heartbeat m => $"{Route(m)} Heartbeat t{m.Term} commit {m.CommitIndex} round {m.ReadRound}",
        CommitNotice m => $"{Route(m)} CommitNotice t{m.Term} commit {m.CommitIndex}",
        HeartbeatResponse m => $"{Route(m)} HeartbeatOk t{m.Term} round {m.ReadRound}",
        SnapshotChunk m => $"{Route(m)} Chunk t{m.Term} snapshot {m.Snapshot} at {m.Offset}+{m.Data.Length} of {m.TotalBytes}",
        SnapshotResponse m => $"{Route(m)} ChunkOk t{m.Term} snapshot {m.Snapshot} next {m.NextOffset}{(m.IsInstalled ? " installed" : "")}",
        TimeoutNow m => $"{Route(m)} TimeoutNow t{m.Term}",
        ReadIndexRequest m => $"{Route(m)} ReadIndex? t{m.Term} #{m.RequestId}",
        ReadIndexResponse m => $"{Route(m)} ReadIndex t{m.Term} #{m.RequestId} {(m.IsGranted ? m.ReadIndex.ToString() : "refused")}",
        ForwardRequest m => $"{Route(m)} Forward t{m.Term} floor {m.Floor} {Numbers(m)}",
        ForwardRefusal m => $"{Route(m)} ForwardRefused t{m.Term} [{string.Join(',', m.RequestNumbers)}]",
        LeaseRequest m => $"{Route(m)} Leases? t{m.Term} #{m.RequestId} {m.Questions.Count}",
        LeaseResponse m => $"{Route(m)} Leases t{m.Term} #{m.RequestId} {m.Times.Count}",
        PersistBatch b => $"#{b.Number}{(b.LogStart is { } s ? $" start {s}" : "")} +{b.Entries.Count}{LastOf(b.Entries)}{Hard(b.HardState)}",
        _ => Convert.ToString(detail, CultureInfo.InvariantCulture) ?? "",
    };

    private static string Route(Message m) => $"{m.From.Value}->{m.To.Value}";

    private static string Hard(HardState? state) => state is { } h ? $" term {h.Term} vote {h.VotedFor.Value} commit {h.CommitIndex}" : "";

    private static string Numbers(ForwardRequest m)
    {
        string[] numbers = new string[m.Proposals.Count];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = m.Proposals[i].RequestNumber.ToString(CultureInfo.InvariantCulture);
        }

        return $"[{string.Join(',', numbers)}]";
    }

    private static string LastOf(IReadOnlyList<LogEntry> entries) =>
        entries.Count == 0 ? "" : $" ({entries[0].Id}..{entries[^1].Id})";
}
