using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica.Levels;

namespace RaftKv.Core.Replica;

/// <summary>Read levels: what is proven about the state here, and what readers on other threads may conclude alone.</summary>
public sealed partial class ReplicaCore
{
    private readonly FreshnessProof _proof = new();
    private readonly ProofRefresher _refresher;
    private readonly AuditRing _audit = new();
    private readonly List<DivergenceAlarm> _alarms = [];
    private ReadPoint _point;

    // A leader's confirmation that the proof has: everything acknowledged before it is in the log up to the commit index
    // of then.
    private MonotonicTime? _notedConfirmedAt;

    /// <summary>
    /// The newest point. Made by <see cref="TakeEffects"/>, and shown to readers before its messages and answers are
    /// carried out (<see cref="Driver.EffectOrder"/>): what another node or a client can know of, the point has, and a
    /// lease that is gone is gone from it before anyone is told.
    /// </summary>
    public ReadPoint ReadPoint => _point;

    /// <summary>
    /// This node's own clock. The host calls it at the start of each round, after it has taken the mailbox and before any other
    /// input, and then delivers the ticks that are due.
    /// </summary>
    /// <remarks>
    /// Danger: 1. A heartbeat makes this voter patient for so many ticks. 2. Ticks for the time before it are delivered
    /// after it. 3. The patience ends early, while the leader still counts on it. So ticks come first, which
    /// <see cref="Tick"/> checks. See A_tick_behind_a_message_of_its_round_stops_the_node.
    /// </remarks>
    public void Advance(MonotonicTime now) => Raft.Advance(now);

    /// <summary>
    /// Asks for a read barrier; answered exactly once. Numbers are the caller's, each used once.
    /// </summary>
    public void Read(long readNumber, ReadDemand demand)
    {
        Check.That(
            demand.MaxLagEntries >= 0 && demand.MaxStalenessUs >= 0, "bounds are not negative", demand.MaxLagEntries,
            demand.MaxStalenessUs);
        _isDirty = true;
        if (_reads.Count >= _options.MaxPendingReads)
        {
            _effects.ReadAnswers.Add(new ReadAnswer(readNumber, IsGranted: false, Term.Zero, LogIndex.Zero));
            return;
        }

        _reads.Add(readNumber, demand, _now);
        if (demand.MaxStalenessUs > 0)
        {
            _refresher.NoteDemand(demand.MaxStalenessUs, Raft.Now);
        }
    }

    /// <summary>
    /// Confirms the leader once more although no read waits: renews the proof of freshness, and lets all nodes tell what
    /// they have applied. The host calls it once a tick while somebody waits for all voters.
    /// </summary>
    public void Refresh()
    {
        _isDirty = true;
        _reads.WantRefresh();
    }

    private void TickLevels()
    {
        if (_refresher.TakeDue(Raft.Now))
        {
            _reads.WantRefresh();
        }
    }

    private void ConfirmReads(long requestId, Term term, LogIndex readIndex)
    {
        if (_reads.Confirm(requestId, term, readIndex, Raft.Now) is { } askedAt)
        {
            _proof.Confirmed(readIndex, askedAt);
        }
    }

    private void PublishPoint()
    {
        _proof.Applied(_appliedEntry.Index);
        if (Raft.ConfirmedAt is { } confirmedAt && confirmedAt != _notedConfirmedAt)
        {
            _notedConfirmedAt = confirmedAt;
            _proof.Confirmed(Raft.Log.CommitIndex, confirmedAt);
            _proof.Applied(_appliedEntry.Index);
        }

        ReadPoint known = _point;
        MonotonicTime? leaseUntil = LeaseForPoint;
        bool isSame = ReferenceEquals(known.View, _store.View) && known.Term == Raft.CurrentTerm && known.Role == Raft.Role
            && known.Leader == Raft.Leader && known.ProvenAt == _proof.ProvenAt && known.LeaderLeaseUntil == leaseUntil
            && known.AllAppliedIndex == Raft.AllAppliedIndex;
        if (!isSame)
        {
            _point = MakePoint();
        }
    }

    /// <summary>
    /// Danger: 1. A large command is committed; a follower with quicker slices applies it and answers its writer. 2. The
    /// leader is amid it still, and reads by its lease are served from the view before it. So the lease is in the point only
    /// while everything committed is applied; a point without it is shown before the commit is told to anyone.
    /// </summary>
    private MonotonicTime? LeaseForPoint => HasMore ? null : Raft.LeaderLeaseUntil;

    private ReadPoint MakePoint() => new()
    {
        View = _store.View,
        Term = Raft.CurrentTerm,
        Role = Raft.Role,
        Leader = Raft.Leader,
        ProvenAt = _proof.ProvenAt,
        LeaderLeaseUntil = LeaseForPoint,
        LeaderLeaseTerm = LeaseForPoint is null ? Term.Zero : Raft.CurrentTerm,
        AllAppliedIndex = Raft.AllAppliedIndex,
    };

    private void RestartAudit()
    {
        _audit.Restart(_store.AppliedIndex, _store.StateHash);
        Raft.NoteApplied(_store.AppliedIndex, _store.StateHash);
    }
}
