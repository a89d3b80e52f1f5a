namespace RaftKv.EtcdConformance.Kubernetes;

/// <summary>A change as a watch told it; no value for a deletion.</summary>
public sealed record Change(long Revision, string Key, string? Value, string? Previous, long CreateRevision, long Version);

/// <summary>What a watch told in its order: a change, or a bookmark (no change) that all up to a revision was told.</summary>
public readonly record struct Told(Change? Change, long Bookmark)
{
    public static Told Of(Change change) => new(change, 0);

    public static Told UpTo(long revision) => new(null, revision);
}

/// <summary>One logical watch over everything, from a revision on; it may have gone on at other nodes.</summary>
public sealed record WatchRun(string Name, long From, List<Told> Told)
{
    /// <summary>All up to here was told.</summary>
    public long Last => Told.Count == 0 ? From - 1 : Told.Max(static told => Math.Max(told.Bookmark, told.Change?.Revision ?? 0));
}

/// <summary>A list of all keys below a prefix (empty: all) at a revision, however many pages it came in.</summary>
/// <param name="Sum">What it showed (<see cref="ListDigest.Sum"/>).</param>
public sealed record Listed(long Revision, string Sum, string Prefix = "");

/// <summary>A write that was acknowledged.</summary>
public sealed record Acknowledged(string Key, string? Value, long Revision);

/// <summary>What the clients of a run did and saw.</summary>
public sealed class Observed
{
    public List<WatchRun> Watches { get; } = [];

    public List<Listed> Lists { get; } = [];

    public List<Acknowledged> Writes { get; } = [];

    /// <summary>Every value that was sent, acknowledged or not; each is sent once.</summary>
    public HashSet<string> Sent { get; } = new(StringComparer.Ordinal);
}
