using RaftKv.Core.Reads;

namespace RaftKv.Service.Vocabulary;

/// <summary>The names of the read levels, as docs/consistency.md explains them.</summary>
public static class ReadLevels
{
    /// <summary>Every level, in the order of its number.</summary>
    public static IReadOnlyList<ReadLevel> All { get; } = Enum.GetValues<ReadLevel>();

    /// <summary>How many there are; their numbers are below it.</summary>
    public static int Count { get; } = All.Count;

    /// <summary>Their names, for a sentence.</summary>
    public static string AllNames { get; } = string.Join(", ", All.Select(NameOf));

    /// <summary>The level of a name or an alias.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ReadLevel level)
    {
        ReadLevel? found = text switch
        {
            "linearizable" or "strong" or "quorum" or "consistent" => ReadLevel.Linearizable,
            "lease" => ReadLevel.Lease,
            "sequential" => ReadLevel.Sequential,
            "causal" => ReadLevel.Causal,
            "session" => ReadLevel.Session,
            "read-your-writes" => ReadLevel.ReadYourWrites,
            "monotonic-reads" => ReadLevel.MonotonicReads,
            "bounded" => ReadLevel.Bounded,
            "consistent-prefix" => ReadLevel.ConsistentPrefix,
            "eventual" or "stale" or "one" => ReadLevel.Eventual,
            "all" => ReadLevel.All,
            _ => null,
        };
        level = found ?? default;
        return found is not null;
    }

    /// <summary>The name, as the answer says it.</summary>
    public static string NameOf(ReadLevel level) => level switch
    {
        ReadLevel.Linearizable => "linearizable",
        ReadLevel.Lease => "lease",
        ReadLevel.Sequential => "sequential",
        ReadLevel.Causal => "causal",
        ReadLevel.Session => "session",
        ReadLevel.ReadYourWrites => "read-your-writes",
        ReadLevel.MonotonicReads => "monotonic-reads",
        ReadLevel.Bounded => "bounded",
        ReadLevel.ConsistentPrefix => "consistent-prefix",
        ReadLevel.Eventual => "eventual",
        ReadLevel.All => "all",
        _ => Core.Check.Unreachable<string>(level),
    };

    /// <summary>True when an answer of this level is never stale, by the level's own definition.</summary>
    public static bool IsFresh(ReadLevel level) => level is ReadLevel.Linearizable or ReadLevel.Lease or ReadLevel.All;
}
