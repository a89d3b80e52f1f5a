using RaftKv.Core;

namespace RaftKv.Node;

/// <summary>What an entry of the log is, as doors and service see it.</summary>
public enum LoggedKind : byte
{
    /// <summary>A leader's first entry.</summary>
    Noop = 0,

    /// <summary>A change of the store.</summary>
    Command = 1,

    /// <summary>A new membership.</summary>
    Members = 2,
}

/// <summary>How many take part, by a membership in the log.</summary>
/// <param name="Outgoing">Voters of the membership being left; 0 outside a joint change.</param>
public sealed record LoggedMembers(int Voters, int Outgoing, int Learners);

/// <summary>An applied entry of a node's log, without what only its engine understands. Immutable.</summary>
/// <param name="Bytes">Of the whole payload.</param>
public sealed record LoggedEntry(LogIndex Index, Term Term, LoggedKind Kind, int Bytes)
{
    /// <summary>The node that a client sent a command to; none for what is no command, or can't be read.</summary>
    public NodeId Origin { get; init; }

    /// <summary>When the leader took it, in Unix milliseconds by its clock; 0 when it did not say.</summary>
    public long StampMs { get; init; }

    /// <summary>The command's bytes; empty for what is none, or can't be read.</summary>
    public ReadOnlyMemory<byte> Command { get; init; }

    /// <summary>Of a membership; null for what is none, or can't be read.</summary>
    public LoggedMembers? Members { get; init; }
}
