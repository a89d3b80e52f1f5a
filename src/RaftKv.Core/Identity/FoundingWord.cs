namespace RaftKv.Core.Identity;

/// <summary>How far a directory is with the founding of its cluster. The values are on disk and on the wire.</summary>
public enum FoundingStage : byte
{
    /// <summary>It has promised nothing.</summary>
    Open = 0,

    /// <summary>It has promised itself to a roll, once and for ever.</summary>
    Promised = 1,

    /// <summary>Its cluster is founded.</summary>
    Founded = 2,
}

/// <summary>What a directory says of itself; all but its <see cref="Offer"/> and its <see cref="Url"/> is durable there.</summary>
/// <param name="Name">Its name in the list.</param>
/// <param name="Instance">Which directory it is.</param>
/// <param name="List">Digest of the list that it was started with, or of the number that stands for one.</param>
/// <param name="Roll">What it has promised, or was founded as; null while it is open, and for one that joined later.</param>
public sealed record FoundingWord(string Name, NodeId Instance, ulong List, FoundingStage Stage, FoundingRoll? Roll)
{
    /// <summary>Where its peers reach it now; empty where a list says it.</summary>
    public string Url { get; init; } = "";

    /// <summary>
    /// Those that it knows now, when they are as many as found: it would promise itself to them. Null for who founds by a
    /// list, who knows too few or too many, and who has promised.
    /// </summary>
    public FoundingRoll? Offer { get; init; }
}
