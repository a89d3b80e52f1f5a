using RaftKv.Core.Calls;
using RaftKv.Core.Store.Reading;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Writes;

/// <summary>How a write ended.</summary>
/// <param name="Proposed">What the node said; null when the write was refused before it was proposed.</param>
/// <param name="Error">Why it was not done, or not as it was asked; null when it was.</param>
/// <param name="Accepted">Where the outcome can be looked up, for a write that was to be accepted only; else null.</param>
/// <param name="WithoutRoom">What the store says of a write for which an alarm leaves no room, before it is in any log.</param>
internal readonly record struct WriteOutcome(
    ProposeResult? Proposed, ApiError? Error, Operation? Accepted = null, CommandResult? WithoutRoom = null)
{
    /// <summary>The store's result of a write that it has judged, also of one that had no effect; else null.</summary>
    public CommandResult? Result => Proposed?.Result ?? WithoutRoom;

    /// <summary>True when it went through the log.</summary>
    public bool IsApplied => Proposed?.Outcome == ProposalOutcome.Applied;

    /// <summary>True when it is a repeat, answered with what the first one led to.</summary>
    public bool IsReplayed => Result is { IsReplayed: true };

    public static WriteOutcome Refused(ApiError error) => new(null, error);
}
