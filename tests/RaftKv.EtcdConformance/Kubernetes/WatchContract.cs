namespace RaftKv.EtcdConformance.Kubernetes;

/// <summary>
/// What Kubernetes relies on: watches tell every change once and in order, none at or before a bookmark that was told, all
/// watches the same; lists show exactly what the watches told up to their revision; what was acknowledged is there.
/// </summary>
public static class WatchContract
{
    /// <summary>A sentence for each violation; the watches begin at the store's first revision.</summary>
    public static IReadOnlyList<string> Violations(Observed seen)
    {
        var violations = new List<string>();
        foreach (WatchRun watch in seen.Watches)
        {
            CheckOrder(watch, violations);
        }

        SortedDictionary<(long Revision, string Key), Change> all = Union(seen, violations);
        foreach (WatchRun watch in seen.Watches)
        {
            CheckWhole(watch, all, violations);
        }

        CheckWrites(seen, all, violations);
        CheckReplay(seen, all, violations);
        return violations;
    }

    private static void CheckOrder(WatchRun watch, List<string> violations)
    {
        long told = watch.From - 1;
        (long Revision, string Key) last = (0, "");
        foreach (Told next in watch.Told)
        {
            if (next.Change is not { } change)
            {
                told = Math.Max(told, next.Bookmark);
                continue;
            }

            if (change.Revision <= told)
            {
                violations.Add($"{watch.Name} tells revision {change.Revision} of {change.Key} after all up to {told} was told");
            }

            if (change.Revision < last.Revision)
            {
                violations.Add($"{watch.Name} tells revision {change.Revision} after {last.Revision}");
            }

            if ((change.Revision, change.Key) == last)
            {
                violations.Add($"{watch.Name} tells revision {change.Revision} of {change.Key} twice");
            }

            last = (change.Revision, change.Key);
        }
    }

    private static SortedDictionary<(long Revision, string Key), Change> Union(Observed seen, List<string> violations)
    {
        var all = new SortedDictionary<(long Revision, string Key), Change>(Comparer<(long Revision, string Key)>.Create(static (x, y) =>
            x.Revision != y.Revision ? x.Revision.CompareTo(y.Revision) : string.CompareOrdinal(x.Key, y.Key)));
        foreach (WatchRun watch in seen.Watches)
        {
            foreach (Change change in watch.Told.Select(static told => told.Change).OfType<Change>())
            {
                if (all.TryAdd((change.Revision, change.Key), change))
                {
                    continue;
                }

                if (all[(change.Revision, change.Key)] != change)
                {
                    violations.Add($"two watches tell revision {change.Revision} of {change.Key} otherwise");
                }
            }
        }

        return all;
    }

    private static void CheckWhole(
        WatchRun watch, SortedDictionary<(long Revision, string Key), Change> all, List<string> violations)
    {
        var told = watch.Told.Where(static told => told.Change is not null)
            .Select(static told => (told.Change!.Revision, told.Change.Key)).ToHashSet();
        long last = watch.Last;
        foreach ((long revision, string key) in all.Keys)
        {
            if (revision >= watch.From && revision <= last && !told.Contains((revision, key)))
            {
                violations.Add($"{watch.Name} misses revision {revision} of {key}");
            }
        }
    }

    private static void CheckWrites(
        Observed seen, SortedDictionary<(long Revision, string Key), Change> all, List<string> violations)
    {
        long last = seen.Watches.Count == 0 ? 0 : seen.Watches.Max(static watch => watch.Last);
        foreach (Acknowledged write in seen.Writes.Where(write => write.Revision <= last))
        {
            if (!all.TryGetValue((write.Revision, write.Key), out Change? change) || change.Value != write.Value)
            {
                violations.Add($"the acknowledged write of {write.Key} at revision {write.Revision} was not told as it was sent");
            }
        }

        var values = new HashSet<string>(StringComparer.Ordinal);
        foreach (Change change in all.Values.Where(static change => change.Value is not null))
        {
            if (!seen.Sent.Contains(change.Value!))
            {
                violations.Add($"nobody has sent what was told of {change.Key} at revision {change.Revision}");
            }

            if (!values.Add(change.Value!))
            {
                violations.Add($"what was sent once for {change.Key} was written twice, at revision {change.Revision} again");
            }
        }
    }

    // The changes in order make the store of each revision, with what stands beside the value.
    private static void CheckReplay(
        Observed seen, SortedDictionary<(long Revision, string Key), Change> all, List<string> violations)
    {
        var store = new SortedDictionary<string, Change>(StringComparer.Ordinal);
        var waiting = new Queue<Listed>(seen.Lists.OrderBy(static list => list.Revision));
        foreach (Change change in all.Values)
        {
            CheckLists(waiting, store, change.Revision - 1, violations);
            store.TryGetValue(change.Key, out Change? before);
            if (change.Previous != before?.Value)
            {
                violations.Add($"revision {change.Revision} of {change.Key} tells another previous value than there was");
            }

            if (change.Value is null)
            {
                store.Remove(change.Key);
                continue;
            }

            (long create, long version) = before is null ? (change.Revision, 1) : (before.CreateRevision, before.Version + 1);
            if ((change.CreateRevision, change.Version) != (create, version))
            {
                violations.Add($"revision {change.Revision} of {change.Key} has a wrong create revision or version");
            }

            store[change.Key] = change;
        }

        CheckLists(waiting, store, long.MaxValue, violations);
    }

    private static void CheckLists(
        Queue<Listed> waiting, SortedDictionary<string, Change> store, long upTo, List<string> violations)
    {
        while (waiting.TryPeek(out Listed? list) && list.Revision <= upTo)
        {
            waiting.Dequeue();
            using var told = new ListDigest();
            foreach (Change change in store.Values.Where(change => change.Key.StartsWith(list.Prefix, StringComparison.Ordinal)))
            {
                told.Add(change.Key, change.Value!, change.Revision);
            }

            if (told.Sum() != list.Sum)
            {
                violations.Add(
                    $"the list of {list.Prefix}* at revision {list.Revision} ({list.Sum}) is not what the watches told ({told.Sum()})");
            }
        }
    }
}
