using RaftKv.Dashboard.Api;

namespace RaftKv.Dashboard.Keys;

/// <summary>A line of the tree: a key, or a folder of those that share a beginning up to a slash.</summary>
/// <param name="Name">The key, or the folder's prefix with its slash.</param>
/// <param name="Label">What of it stands on the line.</param>
/// <param name="Pair">The key's revisions; null for a folder.</param>
public sealed record KeyEntry(KeyName Name, string Label, KeyVersion? Pair)
{
    public bool IsFolder => Pair is null;
}

/// <summary>How large a part of the store is.</summary>
/// <param name="Count">Its keys.</param>
/// <param name="Bytes">What they take now, all kept versions with their overhead, as quotas count; null at an older revision.</param>
public readonly record struct PrefixSize(long Count, long? Bytes)
{
    /// <summary>12 keys, 3.4 KiB.</summary>
    public string Words =>
        $"{Cluster.Shown.Number(Count)} {(Count == 1 ? "key" : "keys")}{(Bytes is { } bytes ? ", " + Cluster.Shown.Bytes(bytes) : "")}";
}

/// <summary>What is directly below a prefix.</summary>
/// <param name="Entries">Folders and keys in the order of their bytes.</param>
/// <param name="IsCut">There are more than a page shows.</param>
/// <param name="Revision">The view that they were read from.</param>
/// <param name="Problem">Why there is no listing; empty when there is one.</param>
public sealed record KeyListing(IReadOnlyList<KeyEntry> Entries, bool IsCut, long Revision, string Problem = "");
