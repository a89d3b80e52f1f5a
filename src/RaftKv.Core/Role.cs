namespace RaftKv.Core;

/// <summary>The part a node plays in its term.</summary>
public enum Role : byte
{
    /// <summary>Follows a leader, or waits for one.</summary>
    Follower = 0,

    /// <summary>Asks whether it could win, without raising the term (thesis 9.6).</summary>
    PreCandidate = 1,

    /// <summary>Asks for votes.</summary>
    Candidate = 2,

    /// <summary>Leads the term.</summary>
    Leader = 3,
}
