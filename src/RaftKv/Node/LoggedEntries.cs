using RaftKv.Core;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica.Proposals;

namespace RaftKv.Node;

/// <summary>Entries of our engine's log for those before the seam. Pure functions.</summary>
internal static class LoggedEntries
{
    /// <summary>An entry as they see it.</summary>
    public static LoggedEntry Of(LogEntry entry)
    {
        LoggedEntry seen = new(entry.Index, entry.Term, KindOf(entry.Kind), entry.Payload.Length);
        return entry.Kind switch
        {
            EntryKind.Membership when MembershipCodec.Decode(entry.Payload.Span) is { } members => seen with
            {
                Members = new LoggedMembers(members.Voters.Count, members.OutgoingVoters.Count, members.Learners.Count),
            },
            EntryKind.Command when CommandEnvelope.TryRead(entry.Payload.Span, out NodeId origin, out _, out _) => seen with
            {
                Origin = origin,
                StampMs = CommandEnvelope.StampIn(entry.Payload.Span),
                Command = entry.Payload[CommandEnvelope.HeaderBytes..],
            },
            _ => seen,
        };
    }

    private static LoggedKind KindOf(EntryKind kind) => kind switch
    {
        EntryKind.Noop => LoggedKind.Noop,
        EntryKind.Command => LoggedKind.Command,
        EntryKind.Membership => LoggedKind.Members,
        _ => Check.Unreachable<LoggedKind>(kind),
    };
}
