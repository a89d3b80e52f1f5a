namespace RaftKv.Core.Store.Commands;

/// <summary>Which ranges a role may have rights over.</summary>
public static class AccessKeys
{
    /// <summary>True for one that is not empty, with bounds of at most <see cref="KvLimits.MaxGrantKeyBytes"/>.</summary>
    public static bool IsGrantable(KeyRange keys) =>
        keys.Start.Length <= KvLimits.MaxGrantKeyBytes && keys.End.Length <= KvLimits.MaxGrantKeyBytes
        && keys.Kind switch
        {
            KeyRangeKind.Single => keys.Start.Length > 0,
            KeyRangeKind.Between => keys.Start.Span.SequenceCompareTo(keys.End.Span) < 0,
            KeyRangeKind.From => true,
            _ => false,
        };
}
