using System.Text;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Tree;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// K6: one who follows an election by its watch sees every leadership of the replayed log once and in order; over a
/// cancel it may miss some, and never sees one again or an older one.
/// </summary>
internal static class ObserverChecker
{
    /// <returns>How many leaderships were observed.</returns>
    public static int Check(SimulatedWatch watch, List<NaivePlace> places)
    {
        LockName election = watch.Election!;
        List<(long Revision, long Token)> all = Leaderships(
            places.FindAll(p => p.Kind == election.Kind && p.Name == Encoding.Latin1.GetString(election.Name.Span)));
        long newest = 0;
        int count = 0;
        foreach (WatchSegment segment in watch.Segments.Where(static segment => !segment.IsOfFormer))
        {
            List<(long Revision, long Token)> seen = Observe(segment, out long until);
            List<(long Revision, long Token)> expected =
                [.. all.Where(l => l.Revision >= segment.StartRevision && l.Revision <= until)];
            long before = all.LastOrDefault(l => l.Revision < segment.StartRevision).Token;
            expected.Insert(0, (segment.StartRevision - 1, before));
            if (!seen.SequenceEqual(expected))
            {
                throw new SimulationViolationException(
                    "K6", $"watch {watch.Id} observes [{string.Join(' ', seen)}], the log has [{string.Join(' ', expected)}]");
            }

            for (int i = 0; i < seen.Count; i++)
            {
                bool isAgain = i == 0 ? seen[i].Token != 0 && seen[i].Token < newest : seen[i].Token != 0 && seen[i].Token <= newest;
                if (isAgain)
                {
                    throw new SimulationViolationException("K6", $"watch {watch.Id} observes token {seen[i].Token} after {newest}");
                }

                newest = Math.Max(newest, seen[i].Token);
                count += i > 0 ? 1 : 0;
            }
        }

        return count;
    }

    /// <summary>The leader at the start, then each change of leader; token 0 is nobody.</summary>
    internal static List<(long Revision, long Token)> Observe(WatchSegment segment, out long until)
    {
        var queue = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (KeyValue pair in segment.Snapshot ?? [])
        {
            queue[Key(pair)] = pair.CreateRevision.Value;
        }

        List<(long Revision, long Token)> seen = [(segment.StartRevision - 1, Leader(queue))];
        until = segment.StartRevision - 1;
        foreach (WatchMessage message in segment.Messages)
        {
            foreach (KeyValue change in message.Events)
            {
                if (change.IsTombstone)
                {
                    queue.Remove(Key(change));
                }
                else
                {
                    queue[Key(change)] = change.CreateRevision.Value;
                }
            }

            until = Math.Max(until, message.Revision);
            if (Leader(queue) != seen[^1].Token)
            {
                seen.Add((message.Revision, Leader(queue)));
            }
        }

        return seen;
    }

    private static List<(long Revision, long Token)> Leaderships(List<NaivePlace> places)
    {
        var changes = new List<(long, long)>();
        long leader = 0;
        foreach (long revision in places.SelectMany(static p => new[] { p.Token, p.GoneRevision })
                     .Where(static r => r != long.MaxValue).Order().Distinct())
        {
            long now = places.Where(p => p.Token <= revision && revision < p.GoneRevision)
                .Select(static p => p.Token).DefaultIfEmpty(0).Min();
            if (now != leader)
            {
                changes.Add((revision, now));
                leader = now;
            }
        }

        return changes;
    }

    private static string Key(KeyValue pair) => Encoding.Latin1.GetString(pair.Key.Span);

    private static long Leader(SortedDictionary<string, long> queue) => queue.Values.DefaultIfEmpty(0).Min();
}
