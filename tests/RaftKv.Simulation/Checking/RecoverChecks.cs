using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Disk;
using RaftKv.Simulation.Engine;
using RaftKv.Simulation.Running;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// What <c>raftkv recover</c> says of itself (docs/operations/backup.md): lost is what was acknowledged and had not reached the
/// survivor, and nothing else. What the new cluster makes of the state is asked by <see cref="RestoreChecks"/>.
/// </summary>
internal static class RecoverChecks
{
    /// <summary>The survivor has all that it applied and all that it had synced of what was acknowledged; no other one has more.</summary>
    public static void CheckChosen(SimulatedCluster former, Survivor chosen, IReadOnlyList<Survivor> survivors)
    {
        List<EntryId> acknowledged = [.. former.Clients.Operations
            .Where(static operation => operation is { IsRead: false, Outcome: OperationOutcome.Ok })
            .Select(static operation => operation.Entry)];
        foreach (Survivor survivor in survivors)
        {
            CheckKept(survivor.Past, survivor.Node.Durable, former.Observer.MostAppliedBy(survivor.Node), acknowledged);
            Demand(
                survivor.Last.Index.Value == survivor.Past.Entries.Count && survivor.Past.Has(survivor.Last),
                $"node {survivor.Node.Position + 1} would go on after {survivor.Last}, its log ends at {survivor.Past.Entries.Count}");
            CheckFurthest(chosen.Past, survivor.Past, acknowledged);
        }

        CheckMembers(chosen.State.Info.Membership, former.Observer.Members.Of(chosen.Node));
    }

    /// <summary>
    /// What had reached the survivor's disk is in the log that it goes on from. It may have applied an entry a moment before it had
    /// synced it, since a majority had: then a loss of power takes it, and nobody is left to send it again.
    /// </summary>
    /// <param name="durable">What it had synced, by its host's account.</param>
    /// <param name="mostApplied">The highest index that it had applied in any of its lives.</param>
    /// <param name="acknowledged">Places of what clients were told is done.</param>
    internal static void CheckKept(Past past, DurableState durable, long mostApplied, IEnumerable<EntryId> acknowledged)
    {
        long kept = Math.Min(mostApplied, durable.LastIndex.Value);
        Demand(kept <= past.OfFormer, $"the survivor had applied and synced {kept}, and would go on from {past.OfFormer}");
        foreach (EntryId entry in acknowledged)
        {
            Demand(!durable.Holds(entry) || past.Has(entry), $"entry {entry} was acknowledged and had reached the survivor, and is lost");
        }
    }

    /// <summary>Of several the one is taken beside which no other has anything that was acknowledged.</summary>
    internal static void CheckFurthest(Past chosen, Past other, IEnumerable<EntryId> acknowledged)
    {
        foreach (EntryId entry in acknowledged)
        {
            Demand(
                !other.Has(entry) || chosen.Has(entry),
                $"entry {entry} was acknowledged, and another survivor than the one taken has it");
        }
    }

    /// <summary>Who belonged to the cluster, up to the log's end: none of their directories is ever taken in.</summary>
    internal static void CheckMembers(Membership told, Membership inLog) =>
        Demand(told.IsSameAs(inLog) && told.Generation == inLog.Generation, "the survivor names other members than its log");

    private static void Demand(bool condition, string message)
    {
        if (!condition)
        {
            throw new SimulationViolationException("T16", $"recovered: {message}");
        }
    }
}
