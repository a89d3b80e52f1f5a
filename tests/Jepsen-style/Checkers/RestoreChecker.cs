using RaftKv.Contract;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>
/// What clients may count on when the cluster under them is lost and comes back from a backup (trap 16): what was acknowledged
/// before the backup is there, what came after it is gone as a whole, revisions and fencing tokens grow across it, session tokens
/// of before are refused and never answered, locks and leases of before have ended, or live on when they were to be kept, and a
/// numbered write of a client session of before is refused and not run again.
/// </summary>
internal static class RestoreChecker
{
    private const string Name = "restore";
    private const int MostShown = 10;

    /// <summary>Holds a history against all of it.</summary>
    public static Verdict Check(IReadOnlyList<HistoryLine> history, int nodeCount)
    {
        var incarnations = new Incarnations(history.OfType<Restoration>());
        RestoreOperation[] all = [.. history.OfType<RestoreOperation>()];
        FinalNode[] nodes = [.. history.OfType<FinalNode>()];
        string[] violations =
        [
            .. Numbers(incarnations, all), .. Tokens(all), .. Fences(all), .. Sessions(incarnations, all),
            .. Holds(incarnations, all), .. Once(all),
            .. new RestoredPairs(incarnations, history).Violations(nodes.Select(node => node.Node)),
        ];
        return violations.Length == 0 && nodes.Length < nodeCount
            ? Verdict.Unknown(Name, $"the final state of {nodes.Length} of {nodeCount} nodes was read")
            : Verdict.Of(Name, [.. violations.Take(MostShown)]);
    }

    /// <summary>Shows that restores, if there were any, met what they can break.</summary>
    public static Verdict Coverage(IReadOnlyList<HistoryLine> history)
    {
        const string coverage = "restores judged";
        var incarnations = new Incarnations(history.OfType<Restoration>());
        if (incarnations.All.Count == 0)
        {
            return Verdict.Of(coverage, []);
        }

        RestoreOperation[] all = [.. history.OfType<RestoreOperation>()];
        (int lost, int kept) = new RestoredPairs(incarnations, history).Counts;
        string[] gaps =
        [
            .. Gap(lost > 0, "nothing was written between a backup and the loss"),
            .. Gap(kept > 0, "nothing that a backup held was acknowledged"),
            .. Gap(all.Any(o => o.IsRefused(ErrorCodes.SessionMismatch)), "no session token of before was shown"),
            .. Gap(Judged(incarnations, all, RestoreStep.Acquire).Any(), "no lock of before was asked about"),
            .. Gap(Judged(incarnations, all, RestoreStep.Grant).Any(), "no lease of before was asked about"),
            .. Gap(Judged(incarnations, all, RestoreStep.Open).Any(), "no client session of before was gone on with"),
        ];
        return gaps.Length == 0 ? Verdict.Of(coverage, []) : Verdict.Unknown(coverage, string.Join("; ", gaps));
    }

    private static string[] Gap(bool isCovered, string gap) => isCovered ? [] : [gap];

    // Of revisions that answers name, and of fencing tokens, which are revisions too.
    private static IEnumerable<string> Numbers(Incarnations incarnations, RestoreOperation[] all)
    {
        foreach (RestoreOperation o in all.Where(o => o.Outcome == Outcome.Ok))
        {
            foreach (long number in ((long?[])[o.Revision, o.Step == RestoreStep.Acquire ? o.Token : null]).OfType<long>())
            {
                for (int i = 0; i < incarnations.All.Count; i++)
                {
                    Restoration restoration = incarnations.All[i];
                    int of = incarnations.Of(number);
                    if (o.EndNs < restoration.LostNs && of > i)
                    {
                        yield return $"again: {number} was handed out before a cluster began that begins at {restoration.BeginRevision}";
                    }
                    else if (o.StartNs >= restoration.LostNs && of <= i)
                    {
                        yield return $"older data: {o.Function} of client {o.Process} at {o.Node} was answered of revision {number}, after "
                            + $"the restore that begins at {restoration.BeginRevision}";
                    }
                    else if (o.EndNs < restoration.BackupStartNs && of == i && number > restoration.BackupRevision)
                    {
                        yield return $"backup: {number} had been handed out before the backup began, which ends at "
                            + $"{restoration.BackupRevision}";
                    }
                }
            }
        }
    }

    private static IEnumerable<string> Tokens(RestoreOperation[] all)
    {
        RestoreOperation[] acquired = [.. all.Where(o => o is { Step: RestoreStep.Acquire, Outcome: Outcome.Ok })];
        var known = new HighestBefore(acquired.Select(o => (o.EndNs, o.Token!.Value)));
        return acquired.Where(o => o.Token <= known.At(o.StartNs))
            .Select(o => $"K2: {o.Name} was given with token {o.Token} after {known.At(o.StartNs)} had been");
    }

    private static IEnumerable<string> Fences(RestoreOperation[] all)
    {
        foreach (IGrouping<string?, RestoreOperation> fence in all
            .Where(o => o is { Step: RestoreStep.FencedWrite, Outcome: Outcome.Ok, Revision: not null }).GroupBy(o => o.Name))
        {
            RestoreOperation[] inOrder = [.. fence.OrderBy(o => o.Revision)];
            for (int i = 1; i < inOrder.Length; i++)
            {
                if (inOrder[i].Token < inOrder[i - 1].Token)
                {
                    yield return $"K3: a write fenced by {inOrder[i].Token} was taken after one by {inOrder[i - 1].Token}";
                }
            }
        }
    }

    private static IEnumerable<string> Sessions(Incarnations incarnations, RestoreOperation[] all)
    {
        foreach (RestoreOperation o in all.Where(o => o.SessionRevision is not null))
        {
            int shown = incarnations.Of(o.SessionRevision!.Value);
            if (o is { Outcome: Outcome.Ok, Revision: { } revision } && incarnations.Of(revision) != shown)
            {
                yield return $"session: {o.Function} of client {o.Process} was answered at revision {revision} to a session token of "
                    + $"{o.SessionRevision}, of another cluster";
            }

            // A token can be foreign only where its cluster was lost before the refusal.
            bool canBeForeign = incarnations.All.Skip(shown).Any(restoration => restoration.LostNs <= o.EndNs);
            if (o.IsRefused(ErrorCodes.SessionMismatch) && !canBeForeign)
            {
                yield return $"session: {o.Function} of client {o.Process} was refused its own session token of {o.SessionRevision}";
            }
        }
    }

    private static IEnumerable<string> Holds(Incarnations incarnations, RestoreOperation[] all)
    {
        IEnumerable<(RestoreOperation Given, RestoreOperation Asked, bool IsKept)> judged =
            Judged(incarnations, all, RestoreStep.Acquire, includesUndisturbed: true)
                .Concat(Judged(incarnations, all, RestoreStep.Grant, includesUndisturbed: true))
                .Concat(Judged(incarnations, all, RestoreStep.Open, includesUndisturbed: true));
        foreach ((RestoreOperation given, RestoreOperation asked, bool isKept) in judged)
        {
            string what = $"{given.Name} of revision {given.Token ?? given.Revision}: {asked.Function} of client {asked.Process}";
            if (isKept && (asked.IsThere == false || IsRefused(asked)))
            {
                yield return $"kept: {what} found that it had ended ({asked.Error})";
            }
            else if (!isKept && asked.Outcome == Outcome.Ok && asked.IsThere != false)
            {
                yield return $"ended: {what} found it alive";
            }
        }
    }

    // What was given for longer than a run, each later question about it, and whether it must live on; without those in doubt.
    private static IEnumerable<(RestoreOperation Given, RestoreOperation Asked, bool IsKept)> Judged(
        Incarnations incarnations, RestoreOperation[] all, RestoreStep giving, bool includesUndisturbed = false)
    {
        foreach (IGrouping<(string? Name, long? Token), RestoreOperation> life in all
            .Where(o => o.Step is not (RestoreStep.Write or RestoreStep.List) && !incarnations.IsAmidLoss(o))
            .GroupBy(o => (o.Name, o.Token)))
        {
            RestoreOperation? given = life.FirstOrDefault(o => o.Step == giving && o.Outcome == Outcome.Ok);
            long released = life.Where(o => o.Step == RestoreStep.Release && o.Outcome != Outcome.Fail)
                .Select(o => o.StartNs).DefaultIfEmpty(long.MaxValue).Min();
            foreach (RestoreOperation asked in life.Where(o => given is not null && o.Step != giving && o.StartNs > given.EndNs))
            {
                Restoration[] between = [.. incarnations.Between(given!, asked)];

                // Client sessions are never kept: what of their writes was lost can't be known.
                bool isEnded = Array.Exists(
                    between, r => giving == RestoreStep.Open || !r.KeepsLeases || given!.StartNs > r.BackupEndNs);
                bool isKept = !isEnded && Array.TrueForAll(between, r => given!.EndNs < r.BackupStartNs) && asked.EndNs < released;
                if ((isEnded || isKept) && (includesUndisturbed || between.Length > 0))
                {
                    yield return (given!, asked, isKept);
                }
            }
        }
    }

    // The counter is the session's alone, so that its n-th addition makes it n.
    private static IEnumerable<string> Once(RestoreOperation[] all) =>
        from o in all
        where o is { Step: RestoreStep.Add, Outcome: Outcome.Ok } && o.Result != o.Number
        select $"A3: addition {o.Number} of client session {o.Name} made its counter {o.Result}";

    private static bool IsRefused(RestoreOperation asked) =>
        asked.IsRefused(ErrorCodes.NotHolder) || asked.IsRefused(ErrorCodes.FenceLost)
        || asked.IsRefused(ErrorCodes.LeaseNotFound) || asked.IsRefused(ErrorCodes.ClientSessionUnknown);
}
