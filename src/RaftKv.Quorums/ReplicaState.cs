namespace RaftKv.Quorums;

/// <summary>What one node has of each key: one value, or siblings.</summary>
internal sealed class ReplicaState(int keys, Resolution resolution)
{
    private readonly List<Version>[] _values = [.. Enumerable.Range(0, keys).Select(static _ => new List<Version>())];

    /// <summary>What is here of a key; empty when nothing is.</summary>
    public IReadOnlyList<Version> this[int key] => _values[key];

    /// <summary>Takes a value in; true when that dropped one which it did not know.</summary>
    public bool Take(int key, Version version)
    {
        List<Version> here = _values[key];
        List<Version> merged = Merge(here, version, resolution, out bool hasDropped);
        _values[key] = merged;
        return hasDropped;
    }

    /// <summary>What several replicas answered, as a reader sees it.</summary>
    public static List<Version> Merge(IEnumerable<Version> versions, Resolution resolution)
    {
        List<Version> merged = [];
        foreach (Version version in versions)
        {
            merged = Merge(merged, version, resolution, out _);
        }

        return merged;
    }

    private static List<Version> Merge(IReadOnlyList<Version> here, Version version, Resolution resolution, out bool hasDropped)
    {
        hasDropped = false;
        switch (resolution)
        {
            case Resolution.LastWriterWins:
                Version? present = here.Count > 0 ? here[0] : null;
                bool isConcurrent = present is not null && !present.Knows(version) && !version.Knows(present);
                hasDropped = isConcurrent;
                return present is null || version.IsLaterThan(present) ? [version] : [present];
            case Resolution.GrowOnlyCounter:
                return [here.Aggregate(version, Version.Join)];
            default:
                return here.Any(other => other.Knows(version)) ? [.. here] : [.. here.Where(other => !version.Knows(other)), version];
        }
    }
}
