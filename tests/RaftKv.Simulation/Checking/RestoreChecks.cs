using RaftKv.Core.Store;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// Trap 16 over the restore of a cluster under its clients: what the new one begins with is the backup's state as the plain model
/// changes it, and whatever it hands out lies beyond all that the old one handed out. What clients see in it is judged by the
/// other checkers, from that state on.
/// </summary>
internal static class RestoreChecks
{
    /// <summary>
    /// The model of what the new cluster begins with, held against the state that it does begin with. The backup is a state of the
    /// old log, and has all that was acknowledged before somebody asked for it, if it was asked for linearizably (A1).
    /// </summary>
    public static NaiveStore BeginOf(Heritage heritage)
    {
        Past past = heritage.Past;
        int saved = (int)heritage.Backup.AppliedIndex.Value;
        bool isState = saved == past.Entries.Count && past.StateHashes[saved] == heritage.Backup.StateHash;
        Demand(isState, $"what was saved is the state of {saved}, and not that of the log's end {past.Entries.Count}");

        NaiveStore model = ReplayChecker.ModelAt(past.Entries, past.Results, saved);
        model.Restore(heritage.Terms.Begin.Value, heritage.Terms.KeepsLeases, saved + 1);
        CheckBegin(model, heritage.State, heritage.Backup, heritage.NewestOfFormer);
        return model;
    }

    /// <summary>The state that a restore makes of a backup.</summary>
    /// <param name="newest">The last revision that the old cluster came to.</param>
    internal static void CheckBegin(NaiveStore model, StoreView state, StoreView backup, Revision newest)
    {
        Demand(state.Revision.Value == model.Revision, $"it begins at revision {state.Revision}");
        Demand(
            state.Revision.Value - RestoreTerms.MinGap >= backup.Revision.Value && state.Revision > newest,
            $"it begins at revision {state.Revision}, {newest} was handed out");
        Demand(state.CompactedRevision == state.Revision && !state.IsCompacting, "what was before is not compacted");
        Demand(state.Incarnation == backup.Incarnation + 1, "the incarnation is the old one");
        Demand(state.ClusterKey.IsEmpty, "what signed tokens of before is there still");
        string? problem = model.CheckWhole(state);
        Demand(problem is null, problem ?? "");
    }

    /// <summary>
    /// K2 and K3 over the restore, and that its revisions are new: all that the new cluster wrote lies beyond what the old one
    /// handed out, unless leases live on, and with them the places that they hold.
    /// </summary>
    public static void Check(Heritage heritage, SimulatedCluster present, NaiveStore replayed)
    {
        long newest = heritage.NewestOfFormer.Value;
        long begin = heritage.Terms.Begin.Value;
        foreach (NaivePlace place in replayed.Places)
        {
            bool isNew = place.Index > heritage.Base.Index.Value;
            Demand(!isNew || place.Token > Math.Max(newest, begin), $"token {place.Token} comes after {newest} had been handed out");
            bool mayLive = isNew || heritage.Terms.KeepsLeases || place.GoneRevision <= begin;
            Demand(mayLive, $"the place of token {place.Token} outlives the restore");
        }

        foreach (ClientOperation operation in present.Clients.Operations)
        {
            CheckAnswer(operation, heritage.Terms, newest);
        }
    }

    /// <summary>What a client of the new cluster was answered.</summary>
    internal static void CheckAnswer(ClientOperation operation, RestoreTerms terms, long newest)
    {
        if (operation.Outcome != OperationOutcome.Ok)
        {
            return;
        }

        long revision = operation.IsRead ? operation.ViewRevision : operation.Result!.Revision.Value;
        bool isFirst = operation.IsRead || !operation.Result!.IsReplayed;
        Demand(
            !isFirst || (revision >= terms.Begin.Value && revision > newest),
            $"operation {operation.Id} is answered as of {revision}; {newest} was handed out before, and it begins at {terms.Begin}");
        if (operation.Result is { Result: AcquireResult acquired, IsReplayed: false })
        {
            Demand(
                terms.KeepsLeases || acquired.Token.Value > newest,
                $"operation {operation.Id} gets token {acquired.Token}; {newest} was handed out before");
        }
    }

    private static void Demand(bool condition, string message)
    {
        if (!condition)
        {
            throw new SimulationViolationException("T16", $"restored midway: {message}");
        }
    }
}
