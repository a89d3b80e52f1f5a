using RaftKv.Core.Calls;
using RaftKv.Core.Leases;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Raft.Roles;
using RaftKv.Core.Replica.Leases;
using RaftKv.Core.Replica.Levels;
using RaftKv.Core.Replica.Messages;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Gates;

namespace RaftKv.Core.Replica;

/// <summary>
/// One member of the cluster: Raft, store and what waits for them, still a pure function of its inputs. Owned by one
/// thread.
/// Call inputs in any number, then <see cref="TakeEffects"/> once, and carry them out.
/// </summary>
/// <remarks>
/// Partial by concern: Inputs (what the disk and snapshots report), Proposals (forwarding and answers), Apply (the
/// store).
/// </remarks>
public sealed partial class ReplicaCore : ICallTarget
{
    private readonly ReplicaOptions _options;
    private readonly PendingReads _reads;

    // Two, in turn: one gathers while the host carries out the other.
    private ReplicaEffects _effects = new();
    private ReplicaEffects _taken = new();
    private bool _isDirty = true;
    private long _now;

    // The term and leader that the batch of reads was asked of; another one must be asked anew.
    private (Term Term, NodeId Leader) _askedLeader;
    private long _noReadsBeforeTick;

    // A message came in this round, so that no tick may follow in it; see Advance.
    private bool _hasHeard;

    /// <summary>Starts from what the disk held.</summary>
    public ReplicaCore(ReplicaOptions options, RecoveredState recovered)
    {
        _options = options;
        _reads = new PendingReads(options.Incarnation);
        _leases = new PendingLeases(options.Incarnation);
        _leaseClock = new LeaseClock(options.TickMs);
        _refresher = new ProofRefresher(1_000L * options.HeartbeatTicks * options.TickMs);
        _isSure = AreSure;
        _autoCompactor = new AutoCompactor(options.AutoCompaction, options.TickMs);
        _store = recovered.Store;
        EntryId snapshot = recovered.Snapshot?.LastEntry ?? EntryId.Zero;
        LogIndex commit = LogIndex.Max(recovered.HardState.CommitIndex, snapshot.Index);
        var log = new RaftLog(recovered.LogStart, recovered.Entries, commit);
        var raftOptions = new RaftOptions(
            options.Self, options.Seed, options.HeartbeatTicks, options.ElectionTimeoutTicks, options.MaxAppendBytes,
            options.MaxInflightAppends, options.MaxUncommittedBytes, options.SnapshotChunkBytes)
        {
            IsGuided = options.IsGuided,
            LeaderLeaseUs = options.IsGuided ? 0 : options.LeaderLeaseMicroseconds,
            Supported = _store.Gates.Newest,
            FoundingPayload = Founding.PayloadOf(_store.Gates.Newest),
            MaxLogBytes = options.MaxLogBytes,
            MaxUnsyncedBytes = options.MaxUnsyncedBytes,
            MaxInflightBytes = options.MaxInflightBytes,
        };
        Membership membership = recovered.Snapshot?.Membership ?? options.InitialMembership;
        Raft = new RaftCore(raftOptions, recovered.HardState, membership, snapshot, log);
        Raft.OwnFacts = new MemberFacts(options.StoreBudgetBytes, IsDiskLow: false);
        Raft.LargeEnough = [];
        _appliedEntry = snapshot;
        _snapshotInfo = recovered.Snapshot;
        _snapshotBytes = recovered.SnapshotBytes;
        Check.That(_store.AppliedIndex == snapshot.Index, "the store is as of the snapshot", _store.AppliedIndex.Value, snapshot.Index.Value);
        RestartAudit();
        _point = MakePoint();
    }

    /// <summary>The algorithm; for the simulator's checks.</summary>
    internal RaftCore Raft { get; }

    /// <summary>The store; for the simulator's checks.</summary>
    internal MvccStore Store => _store;

    /// <summary>Bytes of undecided proposals; for the simulator's checks.</summary>
    internal long PendingProposalBytes => _proposals.Bytes;

    /// <summary>The store's published view; safe from any thread.</summary>
    public StoreView View => _store.View;

    /// <summary>The algorithm of a guided replica, to look at; null of one that decides by itself.</summary>
    public RaftCore? Guided => _options.IsGuided ? Raft : null;

    /// <summary>
    /// The algorithm, for the Raft that guides this replica: an input, like every other. Only where the options say so.
    /// </summary>
    public RaftCore Guide()
    {
        Check.That(_options.IsGuided, "a replica is guided from its start or never");
        _isDirty = true;
        return Raft;
    }

    /// <summary>True when an input came since the last <see cref="TakeEffects"/>.</summary>
    public bool HasEffects => _isDirty;

    /// <summary>Ticks after which a follower's question for a read index counts as lost: two heartbeats.</summary>
    private int ReadRetryTicks => 2 * _options.HeartbeatTicks;

    /// <summary>Part in the term.</summary>
    public Role Role => Raft.Role;

    /// <summary>The term.</summary>
    public Term Term => Raft.CurrentTerm;

    /// <summary>The term's leader as far as known.</summary>
    public NodeId Leader => Raft.Leader;

    /// <summary>Who takes part, as far as the own log says.</summary>
    public Membership Membership => Raft.Membership;

    /// <summary>True when that membership stays.</summary>
    public bool IsMembershipCommitted => Raft.IsMembershipCommitted;

    /// <summary>A picture of the replica's present state; may be called at any time by the owner.</summary>
    public ReplicaStatus Status => new()
    {
        Self = Raft.Self,
        Role = Raft.Role,
        Term = Raft.CurrentTerm,
        Leader = Raft.Leader,
        CommitIndex = Raft.Log.CommitIndex,
        AppliedIndex = _appliedEntry.Index,
        LastIndex = Raft.Log.LastEntry.Index,
        PersistedIndex = Raft.Log.PersistedIndex,
        FirstIndex = Raft.Log.FirstIndex,
        Snapshot = Raft.Snapshot,
        Membership = Raft.Membership,
        IsMembershipCommitted = Raft.IsMembershipCommitted,
        PendingProposalCount = _proposals.Count,
        LogBytes = Raft.Log.Bytes,
        PendingProposalBytes = _proposals.Bytes,
        Followers = FollowerStatuses(),
        AllAppliedIndex = Raft.AllAppliedIndex,
        Gates = _store.Gates,
        ClusterVersion = _store.ClusterVersion,
        Alarms = _alarms.Count == 0 ? [] : _alarms.ToArray(),
    };

    /// <summary>One unit of logical time has passed. Before the messages of a round, see <see cref="Advance"/>.</summary>
    public void Tick()
    {
        Check.That(!_hasHeard, "a round's ticks come before its messages");
        _isDirty = true;
        _now++;
        Raft.Tick();
        TickProposals();
        TickReads();
        TickLevels();
        TickLeases();
        TickSpace();
        TickQuiet();
        ProposeVersion();
        ProposeAutoCompaction();
        ProposeSlice();
    }

    /// <summary>
    /// A message arrived. Messages of strangers, of other receivers and of old terms are ignored or answered as Raft
    /// asks.
    /// </summary>
    public void Receive(Message message)
    {
        if (message.To != Raft.Self)
        {
            return;
        }

        _isDirty = true;
        _hasHeard = true;
        switch (message)
        {
            case RaftMessage ofRaft:
                Raft.Receive(ofRaft);
                HandleRaftMessage(ofRaft);
                break;
            case ReplicaMessage ofReplica:
                if (Raft.HearOfTerm(ofReplica.From, ofReplica.Term))
                {
                    HandleReplicaMessage(ofReplica);
                }

                break;
            default:
                Check.Unreachable<bool>(message);
                break;
        }
    }

    private void HandleRaftMessage(RaftMessage message)
    {
        switch (message)
        {
            case ReadIndexResponse response:
                HandleReadIndexResponse(response);
                break;
            case HeartbeatResponse response:
                Audit(response);
                NoteFacts(response);
                break;
            default:
                break;
        }
    }

    private void HandleReplicaMessage(ReplicaMessage message)
    {
        switch (message)
        {
            case ForwardRequest request:
                HandleForwardRequest(request);
                break;
            case ForwardRefusal refusal:
                HandleForwardRefusal(refusal);
                break;
            case LeaseRequest request:
                HandleLeaseRequest(request);
                break;
            case LeaseResponse response:
                // Good in any term: the round that confirmed its sender began after the question came.
                _leases.Answer(response.RequestId, response.Times, _effects.LeaseAnswers);
                break;
            case StateDiffers word:
                HandleStateDiffers(word);
                break;
            default:
                Check.Unreachable<bool>(message);
                break;
        }
    }

    /// <summary>
    /// Asks for a linearizable read barrier; answered exactly once. Numbers are the caller's, each used once.
    /// </summary>
    public void Read(long readNumber) => Read(readNumber, default);

    /// <summary>
    /// Hands leadership to the most caught-up voter, or to the one named; nothing happens on a follower or without a
    /// candidate.
    /// </summary>
    public void TransferLeadership(NodeId? target = null)
    {
        _isDirty = true;
        Raft.TransferLeadership(target);
    }

    /// <summary>
    /// Begins a change of the membership, on the leader; <see cref="RaftCore.ChangeMembership"/>. What is under way is gone on
    /// with by whoever leads.
    /// </summary>
    public ChangeAnswer ChangeMembership(MembershipChange change)
    {
        _isDirty = true;
        return Raft.ChangeMembership(change);
    }

    /// <summary>Takes everything to do since the last call. The object is valid until the next call.</summary>
    public ReplicaEffects TakeEffects()
    {
        DispatchWaiting();
        AskForReads();
        AskForLeases();
        Raft.FlushReplication();
        if (Raft.HasRecords)
        {
            _effects.Persist = Raft.TakeRecords();
        }

        ApplyCommitted();
        DrainRaftOutput();
        _reads.AnswerApplied(_appliedEntry.Index, _effects.ReadAnswers);
        PublishPoint();
        AnswerLeases();
        RequestSnapshotWhenDue();
        RaftInvariants.CheckCheap(Raft);
        _isDirty = HasMore;
        _hasHeard = false;
        (_effects, _taken) = (_taken, _effects);
        _effects.Clear();
        return _taken;
    }

    private void DrainRaftOutput()
    {
        RaftOutput output = Raft.Output;
        _effects.Messages.AddRange(output.Messages);
        output.Messages.Clear();
        foreach (ReadState state in output.ReadStates)
        {
            if (state.Purpose == ReadPurpose.Leadership)
            {
                _leaseRounds.Confirm(state.RequestId, state.ReadIndex);
            }
            else
            {
                ConfirmReads(state.RequestId, state.Term, state.ReadIndex);
            }
        }

        output.ReadStates.Clear();
        DrainSnapshotOutput(output);
    }

    private void AskForReads()
    {
        if (_reads.IsAsking && _askedLeader != LeaderId())
        {
            _reads.AskAgain();
        }

        if (Raft.Leader.IsNone || _now < _noReadsBeforeTick || !_reads.MayAsk(Raft.Now))
        {
            return;
        }

        PendingReads.AskedBatch batch = _reads.Ask(_now, Raft.Now);
        _askedLeader = LeaderId();
        if (Raft.Role == Role.Leader)
        {
            Raft.RequestRead(batch.RequestId, batch.IsOfLeaderLease);
        }
        else
        {
            _effects.Messages.Add(new ReadIndexRequest(Raft.Self, Raft.Leader, Raft.CurrentTerm, batch.RequestId)
            {
                AllowsLeaderLease = batch.IsOfLeaderLease,
            });
        }
    }

    private void HandleReadIndexResponse(ReadIndexResponse response)
    {
        if (!_reads.IsAsked(response.RequestId))
        {
            return;
        }

        if (response.IsGranted)
        {
            // Good in any term: the index was confirmed after the reads arrived, and only that matters.
            ConfirmReads(response.RequestId, response.Term, response.ReadIndex);
            return;
        }

        _reads.AskAgain();
        _noReadsBeforeTick = _now + 1;
    }

    private void TickReads()
    {
        if (_reads.IsAskedBefore(_now - ReadRetryTicks) && Raft.Role != Role.Leader)
        {
            _reads.AskAgain();
        }

        _reads.Expire(_now - _options.NoLeaderTimeoutTicks, _effects.ReadAnswers);
    }

    private (Term Term, NodeId Leader) LeaderId() => (Raft.CurrentTerm, Raft.Leader);

    private FollowerStatus[] FollowerStatuses()
    {
        if (Raft.State is not LeaderState leader)
        {
            return [];
        }

        var statuses = new FollowerStatus[leader.Followers.Count];
        for (int i = 0; i < statuses.Length; i++)
        {
            Progress p = leader.Followers[i];
            string state = !Raft.IsHeard(p) ? FollowerStatus.Unreachable : p.State switch
            {
                ProgressState.Probe => "probe",
                ProgressState.Replicate => "replicate",
                ProgressState.Snapshot => "snapshot",
                _ => Check.Unreachable<string>(p.State),
            };
            long lag = Raft.Log.LastEntry.Index - p.MatchIndex;
            statuses[i] = new FollowerStatus(p.Node, state, p.MatchIndex, p.NextIndex, p.InflightCount, p.SilentTicks)
            {
                AppliedIndex = p.AppliedIndex,
                SnapshotSentBytes = p.Sending?.Offset ?? 0,
                SnapshotBytes = p.Sending is { } send ? Math.Max(send.Offset, _snapshotBytes) : 0,
                LagEntries = lag,
                LastSeenMs = (long)p.SilentTicks * _options.TickMs,
                LagMs = lag == 0 ? 0 : Math.Max(0, Raft.Now - p.LackingSince(leader.AppendTimes)) / 1000,
            };
        }

        return statuses;
    }
}
