namespace RaftKv.Core.Raft.Members;

/// <summary>What became of the wish to change the membership.</summary>
public enum ChangeOutcome : byte
{
    /// <summary>The change is in the leader's log, and in force there. Whether it stays is known when it is committed.</summary>
    Begun = 0,

    /// <summary>This node does not lead; ask the leader.</summary>
    NotLeader = 1,

    /// <summary>Another change, or the beginning of the term, is not committed yet, or the log has no room; ask again.</summary>
    Busy = 2,

    /// <summary>The leader would remove itself, and hands over; ask the next one.</summary>
    HandingOver = 3,

    /// <summary>It can't be made; see the problem.</summary>
    Refused = 4,
}

/// <summary>The answer to it.</summary>
/// <param name="Problem">Why it was refused.</param>
/// <param name="Entry">The change's entry, when it has begun.</param>
public readonly record struct ChangeAnswer(ChangeOutcome Outcome, ChangeProblem Problem = ChangeProblem.None, EntryId Entry = default);
