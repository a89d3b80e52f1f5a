namespace RaftKv.Core.Identity;

/// <summary>Why a directory can't take part in a founding.</summary>
public enum FoundingRefusal : byte
{
    /// <summary>It can.</summary>
    None = 0,

    /// <summary>The cluster has been founded, with another directory under this name or without it.</summary>
    AlreadyFounded = 1,

    /// <summary>Another directory has promised itself to a roll that has this name for another directory.</summary>
    PromisedToAnother = 2,

    /// <summary>This directory is in what was founded, yet knows of no such promise: it was rolled back.</summary>
    ForgotPromise = 3,

    /// <summary>More directories than the expected number want to found the cluster.</summary>
    TooMany = 4,

    /// <summary>Another directory says that it has this one's name.</summary>
    NameTwice = 5,
}

/// <summary>What to do next in a founding; a closed set.</summary>
public abstract record FoundingStep
{
    private protected FoundingStep()
    {
    }

    /// <summary>Ask again; <paramref name="Missing"/> is whom the founding waits for; empty for who is not known yet.</summary>
    public sealed record Wait(string Missing) : FoundingStep;

    /// <summary>Make this promise durable, and only then say it.</summary>
    public sealed record Promise(FoundingRoll Roll) : FoundingStep;

    /// <summary>The cluster is founded: make that durable, and begin.</summary>
    public sealed record Found(FoundingRoll Roll) : FoundingStep;

    /// <summary>End. <paramref name="By"/> said what stands against it.</summary>
    public sealed record Refuse(FoundingRefusal Reason, FoundingWord By) : FoundingStep;
}
