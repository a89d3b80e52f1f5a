using RaftKv.Core;
using RaftKv.Core.Leases;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Leases;

namespace RaftKv.Engine.Conformance.Toy;

/// <summary>An entry of the toy's log.</summary>
/// <param name="Origin">The node whose caller waits; -1 when nobody does.</param>
/// <param name="Life">Which life of it.</param>
internal sealed record ToyEntry(int Origin, int Life, long Number, Term Term, byte[] Command);

/// <summary>
/// What agreement comes to when all nodes are in one process: one list behind a lock, and a count of who can be reached.
/// It stands in for consensus, disks and network together, and leaves everything above the seam to be real.
/// </summary>
internal sealed class ToyLog(int nodes, ToyFault fault)
{
    private const int TickMs = 10;
    private const long LeaseUs = 100_000;

    private readonly long _start = TimeProvider.System.GetTimestamp();
    private readonly Lock _gate = new();
    private readonly List<ToyEntry> _entries = [];
    private readonly int[] _synced = new int[nodes];
    private readonly bool[] _isUp = new bool[nodes];
    private readonly bool[] _isCutOff = new bool[nodes];
    private readonly LeaseClock _leases = new(fault == ToyFault.EndsLeasesEarly ? 10 * TickMs : TickMs);
    private readonly List<LeaseChange> _changes = [];
    private MvccStore _leaderStore = new();
    private int _leader = -1;
    private long _term;
    private long _leaseUntilUs;

    /// <summary>One clock for all nodes, in microseconds: nobody's runs fast or slow.</summary>
    public long NowUs => (long)TimeProvider.System.GetElapsedTime(_start).TotalMicroseconds;

    /// <summary>The same in ticks.</summary>
    public long NowTick => NowUs / (TickMs * 1_000);

    /// <summary>A node begins: what no disk holds is gone for good when all were down.</summary>
    public void Up(int node)
    {
        lock (_gate)
        {
            if (!_isUp.Contains(true))
            {
                int kept = _synced.Max();
                _entries.RemoveRange(kept, _entries.Count - kept);
                _leaderStore = new MvccStore();
            }

            _isUp[node] = true;
        }
    }

    /// <summary>A node ends; in good order it syncs what it has.</summary>
    public void Down(int node, bool isPowerCut)
    {
        lock (_gate)
        {
            _synced[node] = isPowerCut ? _synced[node] : _entries.Count;
            _isUp[node] = false;
        }
    }

    public void SetCutOff(int node, bool isCutOff)
    {
        lock (_gate)
        {
            _isCutOff[node] = isCutOff;
        }
    }

    /// <summary>Who leads as this node knows, in which term, and until when its own lease lasts.</summary>
    public (int Leader, Term Term, long? LeaseUntilUs) Look(int node)
    {
        lock (_gate)
        {
            Elect();
            return Reaches(node)
                ? (_leader, new Term(_term), _leader == node ? _leaseUntilUs : null)
                : (-1, new Term(_term), null);
        }
    }

    public void Transfer(int from, int to)
    {
        lock (_gate)
        {
            if (_leader == from && Reaches(from) && Reaches(to))
            {
                Lead(to);
            }
        }
    }

    /// <summary>Takes a command in, on the disks of all whom the node reaches; false when that is no quorum.</summary>
    public bool TryAppend(int node, int life, long number, byte[] command)
    {
        lock (_gate)
        {
            if (!Reaches(node) || _leader < 0)
            {
                return false;
            }

            Append(node, life, number, command);
            return true;
        }
    }

    /// <summary>How long the log was at a moment after the call, confirmed by a quorum; null without one.</summary>
    public int? Confirm(int node)
    {
        lock (_gate)
        {
            return Reaches(node) && _leader >= 0 ? _entries.Count : null;
        }
    }

    /// <summary>The next entry for a node that has applied so many; null when there is none that it hears of.</summary>
    public ToyEntry? Next(int node, int applied)
    {
        lock (_gate)
        {
            return Reaches(node) && applied < _entries.Count ? _entries[applied] : null;
        }
    }

    /// <summary>The leader's word on leases; null without one.</summary>
    public LeaseTime[]? Ask(int node, IReadOnlyList<LeaseId> leases, bool isRenewal)
    {
        lock (_gate)
        {
            if (!Reaches(node) || _leader < 0)
            {
                return null;
            }

            CatchUp();
            return [.. leases.Select(lease => isRenewal ? _leases.Renew(lease, NowTick) : _leases.Look(lease, NowTick))];
        }
    }

    /// <summary>The leader's duty: leases whose time is over end by an entry.</summary>
    public void Expire(int node)
    {
        lock (_gate)
        {
            if (_leader != node || !Reaches(node))
            {
                return;
            }

            CatchUp();
            while (_leases.TryTakeDue(NowTick, out LeaseId due))
            {
                _leases.MarkExpiring(due);
                Append(-1, 0, 0, KvCommandCodec.Encode(new ExpireLeaseCommand(due, new Term(_term))));
            }
        }
    }

    private bool Reaches(int node) => IsConnected(node) && Enumerable.Range(0, nodes).Count(IsConnected) > nodes / 2;

    private bool IsConnected(int node) => _isUp[node] && !_isCutOff[node];

    private void Elect()
    {
        if (_leader >= 0 && Reaches(_leader))
        {
            _leaseUntilUs = NowUs + LeaseUs;
            return;
        }

        int next = Enumerable.Range(0, nodes).FirstOrDefault(Reaches, -1);
        if (next >= 0 && (NowUs >= _leaseUntilUs || fault == ToyFault.ElectsDuringLease))
        {
            Lead(next);
        }
    }

    private void Lead(int node)
    {
        _leader = node;
        _term++;
        _leaseUntilUs = NowUs + LeaseUs;
        _changes.Clear();
        CatchUp();
        _changes.Clear();
        _leaderStore.CollectLeases(_changes);
        _leases.Start(new Term(_term), _changes, NowTick);
        _changes.Clear();
    }

    private void CatchUp()
    {
        _leaderStore.LeaseChanges = _changes;
        for (long i = _leaderStore.AppliedIndex.Value; i < _entries.Count; i++)
        {
            _leaderStore.Apply(new LogIndex(i + 1), _entries[(int)i].Command, _entries[(int)i].Term);
        }

        _leaderStore.Publish();
        if (_leases.IsRunning)
        {
            _leases.Note(_changes, NowTick);
            _changes.Clear();
        }
    }

    private void Append(int origin, int life, long number, byte[] command)
    {
        var entry = new ToyEntry(origin, life, number, new Term(_term), command);
        _entries.Add(entry);
        if (fault == ToyFault.AppliesTwice)
        {
            _entries.Add(entry with { Origin = -1 });
        }

        for (int i = 0; i < nodes && fault != ToyFault.AnswersBeforeSync; i++)
        {
            _synced[i] = IsConnected(i) ? _entries.Count : _synced[i];
        }
    }
}
