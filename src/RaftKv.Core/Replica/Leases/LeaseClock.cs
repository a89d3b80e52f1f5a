using RaftKv.Core.Store;
using RaftKv.Core.Store.Leases;

namespace RaftKv.Core.Replica.Leases;

/// <summary>
/// The leader's deadlines of all leases, in ticks. Nothing of it is replicated: a new leader begins with the full time
/// of each. Ticks that the host forgot lengthen a lease's time, and nothing shortens it.
/// </summary>
/// <remarks>
/// A heap by (deadline, id) with one entry for each lease. A renewal moves the deadline only; the entry that then comes
/// up too early is pushed back. So a tick visits what is due or was renewed since, never all leases.
/// </remarks>
internal sealed class LeaseClock(int tickMs)
{
    // The host may deliver up to three ticks late, all at once (a renewal then seems older than it is), and a renewal
    // comes somewhere within its tick.
    private const int SlackTicks = 4;

    private readonly Dictionary<LeaseId, LeaseTimer> _timers = [];
    private readonly PriorityQueue<LeaseTimer, (long DeadlineTick, long Lease)> _heap = new();
    private long _visitedCount;

    /// <summary>The term that it runs for; zero when it does not run.</summary>
    public Term Term { get; private set; }

    /// <summary>True while it runs.</summary>
    public bool IsRunning => Term != Term.Zero;

    /// <summary>Leases it knows.</summary>
    public int Count => _timers.Count;

    /// <summary>Entries of the heap, those of ended leases included.</summary>
    public int HeapCount => _heap.Count;

    /// <summary>Heap entries looked at so far.</summary>
    public long VisitedCount => _visitedCount;

    /// <summary>Begins a term with every lease's full time.</summary>
    public void Start(Term term, List<LeaseChange> leases, long now)
    {
        Stop();
        Term = term;
        Note(leases, now);
    }

    /// <summary>Forgets everything.</summary>
    public void Stop()
    {
        Term = Term.Zero;
        _timers.Clear();
        _heap.Clear();
    }

    /// <summary>Takes in what was applied.</summary>
    public void Note(List<LeaseChange> changes, long now)
    {
        for (int i = 0; i < changes.Count; i++)
        {
            LeaseChange change = changes[i];
            if (change.TtlMs > 0)
            {
                LeaseTimer timer = new(change.Lease, change.TtlMs);
                timer.Renew(now, DeadlineOf(timer, now));
                _timers.Add(change.Lease, timer);
                Push(timer);
            }
            else if (_timers.Remove(change.Lease, out LeaseTimer? ended))
            {
                ended.HasEnded = true;
            }
        }

        DropEnded();
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

    /// <summary>The next lease whose time is over, if there is one; it is out of the heap then.</summary>
    public bool TryTakeDue(long now, out LeaseId lease)
    {
        lease = default;
        while (_heap.TryPeek(out LeaseTimer? timer, out (long DeadlineTick, long Lease) place) && place.DeadlineTick <= now)
        {
            _visitedCount++;
            _heap.Dequeue();
            if (timer.HasEnded)
            {
                continue;
            }

            if (timer.DeadlineTick > now)
            {
                Push(timer);
                continue;
            }

            lease = timer.Lease;
            return true;
        }

        return false;
    }

    /// <summary>Its expiry is in the log: no keepalive revives it in this term.</summary>
    public void MarkExpiring(LeaseId lease) => _timers[lease].IsExpiring = true;

    /// <summary>Its expiry could not be proposed: it comes up again at the next tick.</summary>
    public void PutBack(LeaseId lease) => Push(_timers[lease]);

    private long DeadlineOf(LeaseTimer timer, long now)
    {
        // 2 % more than promised, since two clocks may differ by 1 % each: the client's runs slow, ours fast.
        return now + RoundUp(timer.TtlMs + RoundUp(timer.TtlMs, 50), tickMs) + SlackTicks;
    }

    private static long RoundUp(long value, long divisor) => (value + divisor - 1) / divisor;

    private void Push(LeaseTimer timer) => _heap.Enqueue(timer, (timer.DeadlineTick, timer.Lease.Value));

    // Leases of long life that were revoked would stay in the heap for that long.
    private void DropEnded()
    {
        if (_heap.Count <= (2 * _timers.Count) + 64)
        {
            return;
        }

        List<LeaseTimer> living = [];
        foreach ((LeaseTimer timer, _) in _heap.UnorderedItems)
        {
            if (!timer.HasEnded)
            {
                living.Add(timer);
            }
        }

        // The order of the walk does not matter: no two places are equal, so the heap gives them out in one order only.
        _heap.Clear();
        living.ForEach(Push);
    }

    private sealed class LeaseTimer(LeaseId lease, long ttlMs)
    {
        public LeaseId Lease { get; } = lease;

        public long TtlMs { get; } = ttlMs;

        public long DeadlineTick { get; private set; }

        public long RenewedTick { get; private set; }

        public bool IsExpiring { get; set; }

        public bool HasEnded { get; set; }

        public void Renew(long now, long deadlineTick)
        {
            RenewedTick = now;
            DeadlineTick = deadlineTick;
        }
    }
}
