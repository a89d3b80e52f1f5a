using RaftKv.Core.Store.Reading;

namespace RaftKv.Core.Calls;

/// <summary>What became of a proposal.</summary>
public enum ProposalOutcome : byte
{
    /// <summary>Committed and applied on this node; the result is the store's answer.</summary>
    Applied = 0,

    /// <summary>No effect and never will have: no leader took it in time.</summary>
    NoLeader = 1,

    /// <summary>No effect and never will have: too much is under way.</summary>
    Overloaded = 2,

    /// <summary>No effect and never will have: the node is stopping. Given by the host only.</summary>
    ShuttingDown = 3,

    /// <summary>
    /// May have been applied, or may yet be (truncated here does not mean lost: another node may win with it).
    /// </summary>
    Unknown = 4,
}

/// <summary>The answer to <see cref="ICallTarget.Propose"/>.</summary>
/// <param name="RequestNumber">The number that was proposed.</param>
/// <param name="Entry">Where it was applied; zero unless applied.</param>
/// <param name="Result">The store's answer; null unless applied.</param>
public readonly record struct ProposalAnswer(long RequestNumber, ProposalOutcome Outcome, EntryId Entry, CommandResult? Result);

/// <summary>
/// The answer to <see cref="ICallTarget.Read"/>: from now on the published view has everything that was acknowledged
/// before the call.
/// </summary>
/// <param name="ReadIndex">The index that leadership was confirmed for; at most the applied index, but for the slack
/// that was asked for. Zero when refused.</param>
/// <param name="IsGranted">False when no leader could be confirmed in time: read nothing.</param>
public readonly record struct ReadAnswer(long ReadNumber, bool IsGranted, Term Term, LogIndex ReadIndex);

/// <summary>The answer to <see cref="ICallTarget.AskLeases"/>.</summary>
/// <param name="IsGranted">False when no leader answered in time; a renewal may have counted all the same.</param>
/// <param name="Times">In the order asked; empty when refused.</param>
public readonly record struct LeaseAnswer(long Number, bool IsGranted, IReadOnlyList<LeaseTime> Times);
