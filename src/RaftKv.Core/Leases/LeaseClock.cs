using RaftKv.Core.Store.Leases;

namespace RaftKv.Core.Leases;

/// <summary>
/// The leader's deadlines of all leases, in ticks, whatever the engine. Nothing of it is replicated: a new leader begins with the full time
/// of each. Ticks that the host forgot lengthen a lease's time, and nothing shortens it.
/// </summary>
/// <param name="tickMs">Length of a tick, in milliseconds.</param>
/// <remarks>
/// A sorted set of (deadline, id) with one place for each lease. A renewal moves the deadline only; the place that then comes
/// up too early is put back. So a tick visits what is due or was renewed since, never all leases, and no call does more than
/// a few look-ups a lease.
/// </remarks>
public sealed class LeaseClock(int tickMs)
{
    // The host may deliver up to three ticks late, all at once (a renewal then seems older than it is), and a renewal
    // comes somewhere within its tick.
    private const int SlackTicks = 4;

    private readonly Dictionary<LeaseId, LeaseTimer> _timers = [];
    private readonly SortedSet<(long Tick, long Lease)> _places = [];
    private long _visitedCount;

    /// <summary>The term that it runs for; zero when it does not run.</summary>
    public Term Term { get; private set; }

    /// <summary>True while it runs.</summary>
    public bool IsRunning => Term != Term.Zero;

    /// <summary>Leases it knows.</summary>
    public int Count => _timers.Count;

    /// <summary>Leases that have a place: all but those that were taken out and not put back.</summary>
    public int PlaceCount => _places.Count;

    /// <summary>Places looked at so far.</summary>
    public long VisitedCount => _visitedCount;

    /// <summary>Takes in a lease before it runs; its full time begins now.</summary>
    public void Load(LeaseChange lease, long now)
    {
        Check.That(!IsRunning, "a clock takes in what was there before it runs", lease.Lease.Value, Term.Value);
        Add(lease, now);
    }

    /// <summary>Begins a term with what was taken in.</summary>
    public void Start(Term term) => Term = term;

    /// <summary>Begins a term with every lease's full time, all at once.</summary>
    public void Start(Term term, List<LeaseChange> leases, long now)
    {
        ArgumentNullException.ThrowIfNull(leases);
        Stop();
        leases.ForEach(lease => Load(lease, now));
        Start(term);
    }

    /// <summary>Forgets everything.</summary>
    public void Stop()
    {
        Term = Term.Zero;
        _timers.Clear();
        _places.Clear();
    }

    /// <summary>Takes in what was applied.</summary>
    public void Note(List<LeaseChange> changes, long now)
    {
        for (int i = 0; i < changes.Count; i++)
        {
            LeaseChange change = changes[i];
            if (change.TtlMs > 0)
            {
                Add(change, now);
            }
            else if (_timers.Remove(change.Lease, out LeaseTimer? ended))
            {
                _places.Remove((ended.PlacedTick, ended.Lease.Value));
            }
        }
    }

    /// <summary>Renews a lease; it does not live when it is unknown, or when its expiry was proposed in this term.</summary>
    public LeaseTime Renew(LeaseId lease, long now)
    {
        if (!_timers.TryGetValue(lease, out LeaseTimer? timer) || timer.IsExpiring)
        {
            return new LeaseTime(lease, Lives: false, TtlMs: 0, RemainingMs: 0);
        }

        timer.Renew(now, DeadlineOf(timer, now));
        return new LeaseTime(lease, Lives: true, timer.TtlMs, timer.TtlMs);
    }

    /// <summary>True when the lease lives as far as entries are applied.</summary>
    public bool Knows(LeaseId lease) => _timers.ContainsKey(lease);

    /// <summary>A lease's time, unchanged.</summary>
    public LeaseTime Look(LeaseId lease, long now)
    {
        if (!_timers.TryGetValue(lease, out LeaseTimer? timer) || timer.IsExpiring)
        {
            return new LeaseTime(lease, Lives: false, TtlMs: 0, RemainingMs: 0);
        }

        long left = timer.TtlMs - ((now - timer.RenewedTick) * tickMs);
        return new LeaseTime(lease, Lives: true, timer.TtlMs, Math.Max(0, left));
    }

    /// <summary>The next lease whose time is over, if there is one; it has no place then.</summary>
    public bool TryTakeDue(long now, out LeaseId lease)
    {
        lease = default;
        while (_places.Count > 0 && _places.Min is var (tick, id) && tick <= now)
        {
            _visitedCount++;
            _places.Remove((tick, id));
            LeaseTimer timer = _timers[new LeaseId(id)];
            if (timer.DeadlineTick > now)
            {
                Place(timer);
                continue;
            }

            lease = timer.Lease;
            return true;
        }

        return false;
    }

    /// <summary>Ticks until a lease may be due, from 1 to <paramref name="most"/>.</summary>
    public int TicksUntilPlace(long now, int most) =>
        _places.Count == 0 ? most : (int)Math.Clamp(_places.Min.Tick - now, 1, most);

    /// <summary>Its expiry is in the log: no keepalive revives it in this term.</summary>
    public void MarkExpiring(LeaseId lease) => _timers[lease].IsExpiring = true;

    /// <summary>Its expiry could not be proposed: it comes up again at the next tick.</summary>
    public void PutBack(LeaseId lease) => Place(_timers[lease]);

    private void Add(LeaseChange granted, long now)
    {
        LeaseTimer timer = new(granted.Lease, granted.TtlMs);
        timer.Renew(now, DeadlineOf(timer, now));
        _timers.Add(granted.Lease, timer);
        Place(timer);
    }

    private long DeadlineOf(LeaseTimer timer, long now)
    {
        // 2 % more than promised, since two clocks may differ by 1 % each: the client's runs slow, ours fast.
        return now + RoundUp(timer.TtlMs + RoundUp(timer.TtlMs, 50), tickMs) + SlackTicks;
    }

    private static long RoundUp(long value, long divisor) => (value + divisor - 1) / divisor;

    private void Place(LeaseTimer timer)
    {
        timer.PlacedTick = timer.DeadlineTick;
        _places.Add((timer.PlacedTick, timer.Lease.Value));
    }

    private sealed class LeaseTimer(LeaseId lease, long ttlMs)
    {
        public LeaseId Lease { get; } = lease;

        public long TtlMs { get; } = ttlMs;

        public long DeadlineTick { get; private set; }

        public long RenewedTick { get; private set; }

        public bool IsExpiring { get; set; }

        /// <summary>The deadline by which it has its place, which renewals since may have moved.</summary>
        public long PlacedTick { get; set; }

        public void Renew(long now, long deadlineTick)
        {
            RenewedTick = now;
            DeadlineTick = deadlineTick;
        }
    }
}
