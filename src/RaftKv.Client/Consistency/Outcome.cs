namespace RaftKv.Client;

/// <summary>Whether a failed call had its effect.</summary>
public enum Outcome
{
    /// <summary>Surely no effect. Always so for a read.</summary>
    NotApplied = 0,

    /// <summary>The effect happened.</summary>
    Applied = 1,

    /// <summary>It may have happened, or may yet happen.</summary>
    Unknown = 2,
}
