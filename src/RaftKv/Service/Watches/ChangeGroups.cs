using RaftKv.Core.Store.Tree;

namespace RaftKv.Service.Watches;

/// <summary>Changes in order, revision by revision.</summary>
internal static class ChangeGroups
{
    /// <summary>How many changes, from this one on, are of the same revision.</summary>
    public static int CountFrom(List<KeyValue> changes, int from)
    {
        int end = from + 1;
        while (end < changes.Count && changes[end].ModRevision == changes[from].ModRevision)
        {
            end++;
        }

        return end - from;
    }
}
