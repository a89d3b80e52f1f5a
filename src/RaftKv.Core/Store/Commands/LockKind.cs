namespace RaftKv.Core.Store.Commands;

/// <summary>What is held. The values are in the log.</summary>
public enum LockKind : byte
{
    /// <summary>A lock: one exclusive holder, or several shared ones.</summary>
    Lock = 0,

    /// <summary>A semaphore: as many holders as its limit.</summary>
    Semaphore = 1,

    /// <summary>An election: its leader is the only holder.</summary>
    Election = 2,
}

/// <summary>How it is held. The values are in the log.</summary>
public enum LockMode : byte
{
    /// <summary>By one alone.</summary>
    Exclusive = 0,

    /// <summary>Together with others that share.</summary>
    Shared = 1,

    /// <summary>One of the places of a semaphore.</summary>
    Counted = 2,
}
