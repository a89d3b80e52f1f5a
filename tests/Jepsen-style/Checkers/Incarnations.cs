using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>The restores of a run in order, and which of the clusters one after the other a revision is of.</summary>
internal sealed class Incarnations(IEnumerable<Restoration> restorations)
{
    /// <summary>In the order in which they happened.</summary>
    public IReadOnlyList<Restoration> All { get; } = [.. restorations.OrderBy(restoration => restoration.LostNs)];

    /// <summary>How many restores came before this revision was handed out.</summary>
    public int Of(long revision) => All.Count(restoration => restoration.BeginRevision <= revision);

    /// <summary>
    /// The restore with which what was made at this revision went, when it is not of the state after so many restores; null when
    /// it is.
    /// </summary>
    public Restoration? LostWith(long revision, int incarnation) =>
        All.Take(incarnation).Skip(Of(revision)).FirstOrDefault(restoration => revision > restoration.BackupRevision);

    /// <summary>Restores before which this ended, and after which that began.</summary>
    public IEnumerable<Restoration> Between(ClientAction earlier, ClientAction later) =>
        All.Where(restoration => earlier.EndNs < restoration.LostNs && later.StartNs >= restoration.LostNs);

    /// <summary>True when it may have been either cluster's.</summary>
    public bool IsAmidLoss(ClientAction action) =>
        All.Any(restoration => action.StartNs < restoration.LostNs && action.EndNs >= restoration.LostNs);
}
