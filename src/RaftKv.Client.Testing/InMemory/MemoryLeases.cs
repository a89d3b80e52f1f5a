using System.Globalization;

namespace RaftKv.Client.Testing.InMemory;

/// <summary>Leases that were granted, and when they end. Its owner lets one in at a time.</summary>
internal sealed class MemoryLeases(TimeProvider time)
{
    // A holder's own count is over first, as with a cluster, whose leader counts from later and a little slower.
    private static readonly TimeSpan _later = TimeSpan.FromMilliseconds(1);

    private readonly SortedDictionary<string, Lease> _living = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ended = [];
    private long _last = 0x1000;

    internal IReadOnlyList<(string Id, TimeSpan Ttl)> All => [.. _living.Select(static pair => (pair.Key, pair.Value.Ttl))];

    /// <summary>Time until the first one ends, from zero on; null when none lives.</summary>
    internal TimeSpan? UntilNext
    {
        get
        {
            TimeSpan? first = _living.Count == 0 ? null : _living.Values.Min(lease => Remaining(lease));
            return first < TimeSpan.Zero ? TimeSpan.Zero : first;
        }
    }

    internal string Grant(TimeSpan ttl)
    {
        string id = (++_last).ToString("x", CultureInfo.InvariantCulture);
        _living.Add(id, new Lease(ttl, time.GetTimestamp()));
        return id;
    }

    internal TimeSpan? TtlOf(string id) => _living.TryGetValue(id, out Lease lease) ? lease.Ttl : null;

    internal TimeSpan? RemainingOf(string id) => _living.TryGetValue(id, out Lease lease) ? Remaining(lease) : null;

    /// <summary>True for one that was granted here and has ended; any other text may be a lease that the test ends itself.</summary>
    internal bool HasEnded(string id) => _ended.Contains(id);

    internal bool TryRenew(string id)
    {
        if (!_living.TryGetValue(id, out Lease lease))
        {
            return false;
        }

        _living[id] = lease with { RenewedAt = time.GetTimestamp() };
        return true;
    }

    internal bool TryEnd(string id) => _living.Remove(id) && _ended.Add(id);

    internal IReadOnlyList<string> Due() =>
        [.. _living.Where(pair => Remaining(pair.Value) <= TimeSpan.Zero).Select(static pair => pair.Key)];

    private TimeSpan Remaining(Lease lease) => lease.Ttl + _later - time.GetElapsedTime(lease.RenewedAt);

    private readonly record struct Lease(TimeSpan Ttl, long RenewedAt);
}
