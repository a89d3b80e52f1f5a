using RaftKv.Contract;
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
        for (level = default; (int)level < Count; level++)
        {
            if (text.SequenceEqual(NameOf(level)))
            {
                return true;
            }
        }

        foreach ((string alias, string name) in ReadLevelNames.Aliases)
        {
            if (text.SequenceEqual(alias))
            {
                return TryParse(name, out level);
            }
        }

        level = default;
        return false;
    }

    /// <summary>The name, as the answer says it.</summary>
    public static string NameOf(ReadLevel level) => level switch
    {
        ReadLevel.Linearizable => ReadLevelNames.Linearizable,
        ReadLevel.Lease => ReadLevelNames.Lease,
        ReadLevel.Sequential => ReadLevelNames.Sequential,
        ReadLevel.Causal => ReadLevelNames.Causal,
        ReadLevel.Session => ReadLevelNames.Session,
        ReadLevel.ReadYourWrites => ReadLevelNames.ReadYourWrites,
        ReadLevel.MonotonicReads => ReadLevelNames.MonotonicReads,
        ReadLevel.Bounded => ReadLevelNames.Bounded,
        ReadLevel.ConsistentPrefix => ReadLevelNames.ConsistentPrefix,
        ReadLevel.Eventual => ReadLevelNames.Eventual,
        ReadLevel.All => ReadLevelNames.All,
        _ => Core.Check.Unreachable<string>(level),
    };

    /// <summary>True when an answer of this level is never stale, by the level's own definition.</summary>
    public static bool IsFresh(ReadLevel level) => level is ReadLevel.Linearizable or ReadLevel.Lease or ReadLevel.All;
}
