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

/// <summary>What is directly below a prefix.</summary>
/// <param name="Entries">Folders and keys in the order of their bytes.</param>
/// <param name="IsCut">There are more than a page shows.</param>
/// <param name="Revision">The view that they were read from.</param>
/// <param name="Problem">Why there is no listing; empty when there is one.</param>
public sealed record KeyListing(IReadOnlyList<KeyEntry> Entries, bool IsCut, long Revision, string Problem = "");
