using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Checkers;

/// <summary>
/// A store that fills up (Q4). Each key is written once by one client, and deleted at most once, by the same. Nothing
/// acknowledged is lost, what was refused is nowhere and never was, and whatever makes room or only looks is never refused
/// for want of it; in the end, with all deleted, it takes writes and no alarm is left.
/// </summary>
internal static class QuotaChecker
{
    private const string Name = "quota";
    private const int MostShown = 10;

    public static Verdict Check(IReadOnlyList<HistoryLine> history, int nodeCount)
    {
        List<QuotaOperation> all = [.. history.OfType<QuotaOperation>().OrderBy(o => o.StartNs)];
        Dictionary<string, KeyLife> lives = Lives(all);
        List<string> violations = [];
        foreach (QuotaOperation refused in all.Where(o => o.IsFull && !NeedsRoom(o.Step)))
        {
            violations.Add($"Q4: a {refused.Function} at {refused.StartNs} ns was refused for want of room");
        }

        foreach (QuotaOperation read in all.Where(o => o is { Step: QuotaStep.Read, Outcome: Outcome.Ok }))
        {
            bool? expected = lives[read.Key!].IsThereAt(read.StartNs);
            if (expected is { } isThere && read.IsThere != isThere)
            {
                violations.Add($"{read.Key} is {(isThere ? "missing" : "there")} at {read.StartNs} ns: {lives[read.Key!]}");
            }
        }

        violations.AddRange(CheckNodes(history, lives));
        QuotaOperation? end = all.Find(o => o.Step == QuotaStep.Recover);
        if (end is { Outcome: not Outcome.Ok })
        {
            violations.Add($"Q4: with everything deleted and compacted the store takes no write or keeps its alarm: {end.Error}");
        }

        if (violations.Count > 0)
        {
            return Verdict.Of(Name, [.. violations.Take(MostShown)]);
        }

        return WhyNotTried(all, history, nodeCount) is { } why ? Verdict.Unknown(Name, why) : Verdict.Of(Name, []);
    }

    private static bool NeedsRoom(QuotaStep step) => step is QuotaStep.Put or QuotaStep.Grant;

    /// <summary>What is missing for a verdict; null when the store was full, made room, and was read to the end.</summary>
    private static string? WhyNotTried(List<QuotaOperation> all, IReadOnlyList<HistoryLine> history, int nodeCount)
    {
        long full = all.Find(o => o is { Step: QuotaStep.Put, IsFull: true })?.EndNs ?? long.MaxValue;
        bool Followed(QuotaStep step) => all.Exists(o => o.Step == step && o.Outcome == Outcome.Ok && o.StartNs > full);
        return full == long.MaxValue ? "no write was refused for want of room"
            : !Followed(QuotaStep.Put) ? "no write found room again"
            : !Followed(QuotaStep.Delete) ? "nothing was deleted once the store had been full"
            : !Followed(QuotaStep.Revoke) ? "no lease was ended once the store had been full"
            : !Followed(QuotaStep.Read) ? "nothing was read once the store had been full"
            : !all.Exists(o => o.Step == QuotaStep.Recover) ? "nobody tried to write in the calm at the end"
            : history.OfType<FinalNode>().Count() < nodeCount ? "not every node's final state was read"
            : null;
    }

    private static IEnumerable<string> CheckNodes(IReadOnlyList<HistoryLine> history, Dictionary<string, KeyLife> lives)
    {
        ILookup<string, FinalPair> pairs = history.OfType<FinalPair>().ToLookup(pair => pair.Node);
        foreach (FinalNode node in history.OfType<FinalNode>())
        {
            HashSet<string> held = [.. pairs[node.Node].Select(pair => pair.Key)];
            foreach (string stranger in held.Where(key => !lives.ContainsKey(key)))
            {
                yield return $"{node.Node} holds {stranger}, which nobody wrote";
            }

            foreach ((string key, KeyLife life) in lives)
            {
                if (life.IsThereAt(long.MaxValue) is { } isThere && held.Contains(key) != isThere)
                {
                    yield return $"{node.Node}: {key} is {(isThere ? "missing" : "there")} in the end: {life}";
                }
            }
        }
    }

    private static Dictionary<string, KeyLife> Lives(List<QuotaOperation> all)
    {
        Dictionary<string, KeyLife> lives = [];
        foreach (QuotaOperation put in all.Where(o => o.Step == QuotaStep.Put))
        {
            QuotaOperation? deletion = all.Find(o => o.Step == QuotaStep.Delete && o.Key == put.Key);
            lives.Add(put.Key!, new KeyLife(put, deletion));
        }

        return lives;
    }

    /// <summary>The one write of a key, and its one deletion.</summary>
    private sealed record KeyLife(QuotaOperation Put, QuotaOperation? Deletion)
    {
        /// <summary>Whether the key is there for its own client, who does one thing at a time; null when nobody can tell.</summary>
        public bool? IsThereAt(long timeNs)
        {
            if (Put.Outcome == Outcome.Fail)
            {
                return false;
            }

            bool isDeleting = Deletion is not null && Deletion.StartNs < timeNs;
            return isDeleting && Deletion!.Outcome == Outcome.Ok ? false
                : isDeleting && Deletion!.Outcome == Outcome.Info ? null
                : Put.Outcome == Outcome.Ok ? true
                : null;
        }

        public override string ToString()
        {
            string end = Deletion is null ? "never deleted" : $"deleted {Deletion.Outcome} {Deletion.Error}";
            return $"written {Put.Outcome} {Put.Error}, {end}";
        }
    }
}
