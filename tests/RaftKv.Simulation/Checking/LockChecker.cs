using System.Text;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Checking;

/// <summary>What a client was told about one place in a queue, as of a revision. The index is 0 when it is not known.</summary>
internal sealed record LockClaim(
    LockKind Kind, string Name, LockMode Mode, long Token, long Lease, long Revision, long Index, bool IsHolder);

/// <summary>A write that took effect under a fence, at an index of the log.</summary>
internal sealed record FencedWrite(LockKind Kind, string Name, long Token, long Index);

/// <summary>
/// K1 to K5: what clients were told, held against itself, and against the places and leases of the replayed log.
/// </summary>
internal static class LockChecker
{
    public static void Check(List<LockClaim> claims, List<FencedWrite> writes, List<NaivePlace> places, List<NaiveLease> leases)
    {
        CheckOwners(claims);
        CheckTokens(claims);
        CheckFences(writes, places);
        var byToken = places.ToLookup(static p => p.Token);
        var byLease = leases.ToLookup(static l => l.Id);
        foreach (LockClaim claim in claims)
        {
            NaivePlace? place = byToken[claim.Token].FirstOrDefault(p => p.Kind == claim.Kind && p.Name == claim.Name);
            Demand(place is not null && place.Lease == claim.Lease, "K2", claim, "the log never made this place");
            Demand(
                claim.Revision >= place!.Token && claim.Revision < place.GoneRevision, claim.IsHolder ? "K5" : "K1", claim,
                $"its place went at {place.GoneRevision}");
            Demand(
                claim.Index == 0 || byLease[claim.Lease].Any(l => l.GrantedIndex <= claim.Index && claim.Index < l.EndedIndex), "K4", claim,
                "its lease does not live there");
        }
    }

    /// <summary>Everything that clients were told of places.</summary>
    public static List<LockClaim> ClaimsOf(List<ClientOperation> operations)
    {
        var claims = new List<LockClaim>();
        foreach (ClientOperation operation in operations)
        {
            if (operation is { Outcome: OperationOutcome.Ok, Result: { Result: AcquireResult acquired } result })
            {
                var acquire = (AcquireOp)((MutateCommand)operation.Command!).Op;
                claims.Add(new LockClaim(
                    acquire.Kind, Text(acquire.Name), acquire.Mode, acquired.Token.Value, acquired.Entry.Lease.Value, result.Revision.Value,
                    result.IsReplayed ? 0 : operation.Entry.Index.Value, acquired.IsHolder));
            }

            if (operation is { Outcome: OperationOutcome.Ok, Queue: { } queue })
            {
                claims.AddRange(queue.Entries.Select(entry => new LockClaim(
                    queue.Kind, Text(queue.Name), entry.Mode, entry.Token.Value, entry.Lease.Value, operation.ViewRevision,
                    operation.ViewIndex, entry.IsHolder)));
            }
        }

        return claims;
    }

    /// <summary>
    /// K1 and K5, from what clients were told and nothing else: who holds alone holds from the first time that somebody
    /// was told so to the last; those spans don't meet, and come in the order of the tokens.
    /// </summary>
    private static void CheckOwners(List<LockClaim> claims)
    {
        foreach (IGrouping<(LockKind, string), LockClaim> queue in claims.Where(static c => c.IsHolder)
                     .GroupBy(static c => (c.Kind, c.Name)))
        {
            LockClaim? previous = null;
            long lastShared = 0;
            foreach (LockClaim claim in queue.OrderBy(static c => c.Revision).ThenBy(static c => c.Token))
            {
                if (claim.Mode != LockMode.Exclusive)
                {
                    Demand(
                        previous is null || claim.Mode == LockMode.Counted || previous.Revision < claim.Revision, "K1", claim,
                        "another holds alone at this revision");
                    lastShared = claim.Revision;
                    continue;
                }

                Demand(lastShared < claim.Revision, "K1", claim, "others share it at this revision");
                Demand(
                    previous is null || previous.Token == claim.Token || previous.Revision < claim.Revision, "K1", claim,
                    $"token {previous?.Token} holds at this revision too");
                Demand(previous is null || previous.Token <= claim.Token, "K5", claim, $"it holds after the later token {previous?.Token}");
                previous = claim;
            }
        }
    }

    /// <summary>K2: in the order of the log, a new place has a greater token than every place before it.</summary>
    private static void CheckTokens(List<LockClaim> claims)
    {
        LockClaim? last = null;
        foreach (LockClaim claim in claims.Where(static c => c.Index > 0 && c.Token == c.Revision).OrderBy(static c => c.Index))
        {
            bool isSame = last is not null && last.Token == claim.Token && last.Lease == claim.Lease && last.Name == claim.Name;
            Demand(last is null || isSame || claim.Token > last.Token, "K2", claim, $"it comes after token {last?.Token}");
            last = claim;
        }
    }

    /// <summary>K3: under a lock that is only ever held alone, no write with a smaller token follows one with a larger.</summary>
    private static void CheckFences(List<FencedWrite> writes, List<NaivePlace> places)
    {
        foreach (IGrouping<(LockKind Kind, string Name), FencedWrite> resource in writes.GroupBy(static w => (w.Kind, w.Name)))
        {
            if (places.Exists(p => p.Kind == resource.Key.Kind && p.Name == resource.Key.Name && p.Mode != LockMode.Exclusive))
            {
                continue;
            }

            long largest = 0;
            foreach (FencedWrite write in resource.OrderBy(static w => w.Index))
            {
                if (write.Token < largest)
                {
                    throw new SimulationViolationException(
                        "K3",
                        $"the write at {write.Index} under {write.Kind} {write.Name} has token {write.Token}, after one with {largest}");
                }

                largest = write.Token;
            }
        }
    }

    private static string Text(ReadOnlyMemory<byte> name) => Encoding.Latin1.GetString(name.Span);

    private static void Demand(bool condition, string rule, LockClaim claim, string problem)
    {
        if (!condition)
        {
            throw new SimulationViolationException(
                rule,
                $"{claim.Kind} {claim.Name}: token {claim.Token} "
                + $"{(claim.IsHolder ? "holds" : "waits")} at revision {claim.Revision}: {problem}");
        }
    }
}
