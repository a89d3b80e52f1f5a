using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Reading;
using RaftKv.Engine.Calls;
using RaftKv.Engine.Publishing;

namespace RaftKv.Engine.Conformance.Toy;

/// <summary>
/// A second engine, as small as one can be: it brings a queue, a thread and the toy's agreement. Calls with their numbers,
/// groups, deadlines and cancels, what is published and who waits for it, leases and the course of a read are the seam's,
/// and not a line of them is copied.
/// </summary>
internal sealed class ToyEngine : IEngine, ICallInbox, ICallTarget
{
    private const int TickMs = 10;
    private const int MaxQueued = 1_000;

    private readonly Lock _gate = new();
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly ToyLog _log;
    private readonly ToyFault _fault;
    private readonly int _index;
    private readonly int _life;
    private readonly long _startTick;
    private readonly MvccStore _store = new();
    private readonly CallTable _table;
    private readonly EngineCalls _calls;
    private readonly EngineBoard _board;
    private readonly Thread _thread;
    private readonly SortedDictionary<long, byte[]> _waiting = [];
    private readonly HashSet<long> _taken = [];
    private readonly List<long> _readers = [];
    private readonly List<(long Number, IReadOnlyList<LeaseId> Leases, bool IsRenewal)> _asks = [];
    private readonly List<ProposalAnswer> _proposalAnswers = [];
    private readonly List<ReadAnswer> _readAnswers = [];
    private readonly List<LeaseAnswer> _leaseAnswers = [];
    private List<(Call Call, short? Cancelled)> _queue = [];
    private MonotonicTime? _provenAt;
    private long? _leaseUntilUs;
    private ReadPoint _lastPoint;
    private bool _isClosed;
    private volatile bool _isStopping;

    public ToyEngine(ToyLog log, ToyFault fault, int index, int life, int nodes)
    {
        (_log, _fault, _index, _life, _startTick) = (log, fault, index, life, log.NowTick);
        Identity = new NodeIdentity($"toy{index}", IdOf(index), ClusterId: 1);
        Members = [.. Enumerable.Range(0, nodes).Select(i => new MemberInfo($"toy{i}", IdOf(i), "", null, i == index))];
        _table = new CallTable(Identity.Id, (ulong)life, this);
        _provenAt = fault == ToyFault.ProvesByContact ? Now : null;
        _lastPoint = Point(leader: -1, Term.Zero);
        _board = new EngineBoard(_lastPoint, Picture(leader: -1, Term.Zero), TimeProvider.System);
        _calls = new EngineCalls(this, TickMs);
        _thread = new Thread(Run) { IsBackground = true, Name = Identity.Name };
        _log.Up(index);
        _thread.Start();
    }

    public NodeIdentity Identity { get; }

    public int HeadroomBytes => 3;

    public EngineStatus Status => _board.Status;

    public StoreView View => ReadPoint.View;

    public ReadPoint ReadPoint => _board.Point;

    public MonotonicTime Now => new(_log.NowUs);

    public NodePhase Phase => _isStopping ? NodePhase.Draining : NodePhase.Ready;

    public IReadOnlyList<MemberInfo> Members { get; }

    public static NodeId IdOf(int index) => new((ulong)index + 1);

    public ValueTask<ProposeResult> ProposeAsync(byte[] envelope, TimeSpan timeout, CancellationToken cancellationToken) =>
        _calls.ProposeAsync(envelope, timeout, cancellationToken);

    public ValueTask<ReadBarrierResult> ReadBarrierAsync(ReadDemand demand, TimeSpan timeout, CancellationToken cancellationToken) =>
        _calls.ReadBarrierAsync(demand, timeout, cancellationToken);

    public ValueTask<LeaseTimesResult> KeepAliveAsync(LeaseId lease, TimeSpan timeout, CancellationToken cancellationToken) =>
        _calls.AskLeasesAsync([lease], isRenewal: true, timeout, cancellationToken);

    public ValueTask<LeaseTimesResult> LeaseTimesAsync(
        IReadOnlyList<LeaseId> leases, TimeSpan timeout, CancellationToken cancellationToken) =>
        _calls.AskLeasesAsync(leases, isRenewal: false, timeout, cancellationToken);

    public ValueTask<bool> WaitForRevisionAsync(Revision revision, TimeSpan timeout, CancellationToken cancellationToken) =>
        _board.WaitForRevisionAsync(revision, timeout, cancellationToken);

    public ValueTask<bool> WaitForRemovalAsync(Revision compacted, TimeSpan timeout, CancellationToken cancellationToken) =>
        _board.WaitForRemovalAsync(compacted, timeout, cancellationToken);

    public ValueTask<bool> WaitForAllAppliedAsync(LogIndex index, TimeSpan timeout, CancellationToken cancellationToken) =>
        _board.WaitForAllAppliedAsync(index, timeout, cancellationToken);

    public ValueTask<bool> WaitForLeaderAsync(TimeSpan timeout, CancellationToken cancellationToken) =>
        _board.WaitForLeaderAsync(static () => false, timeout, cancellationToken);

    public async ValueTask<bool> TransferLeadershipAsync(NodeId target, TimeSpan timeout, CancellationToken cancellationToken)
    {
        _log.Transfer(_index, (int)target.Value - 1);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(timeout);
        while (Status.Leader != target)
        {
            await _board.Changed.WaitAsync(patience.Token);
        }

        return true;
    }

    public PostAnswer TryBegin(Call call, int bytes)
    {
        lock (_gate)
        {
            if (_isClosed || _queue.Count >= MaxQueued)
            {
                return _isClosed ? PostAnswer.Closed : PostAnswer.Full;
            }

            _queue.Add((call, null));
        }

        _wake.Set();
        return PostAnswer.Accepted;
    }

    public void Cancel(Call call, short token)
    {
        lock (_gate)
        {
            _queue.Add((call, token));
        }

        _wake.Set();
    }

    public Task StopAsync(bool isPowerCut) => Task.Run(() =>
    {
        _calls.RefuseProposals();
        _log.Down(_index, isPowerCut);
        _isStopping = true;
        _wake.Set();
        _thread.Join();
    });

    void ICallTarget.Propose(long requestNumber, byte[] envelope)
    {
        if (_fault == ToyFault.RefusesWhereNotLed && _log.Look(_index).Leader != _index)
        {
            _proposalAnswers.Add(new ProposalAnswer(requestNumber, ProposalOutcome.NoLeader, EntryId.Zero, null));
            return;
        }

        _waiting.Add(requestNumber, envelope[HeadroomBytes..]);
    }

    void ICallTarget.Abandon(long requestNumber)
    {
        if (_waiting.ContainsKey(requestNumber))
        {
            if (_fault != ToyFault.SaysNoAndApplies)
            {
                _waiting.Remove(requestNumber);
            }

            _proposalAnswers.Add(new ProposalAnswer(requestNumber, ProposalOutcome.NoLeader, EntryId.Zero, null));
        }
        else if (_taken.Remove(requestNumber))
        {
            _proposalAnswers.Add(new ProposalAnswer(requestNumber, ProposalOutcome.Unknown, EntryId.Zero, null));
        }
    }

    void ICallTarget.Read(long readNumber, ReadDemand demand) => _readers.Add(readNumber);

    void ICallTarget.AskLeases(long number, IReadOnlyList<LeaseId> leases, bool isRenewal) => _asks.Add((number, leases, isRenewal));

    private void Run()
    {
        while (!_isStopping)
        {
            _wake.WaitOne(TickMs);
            TakeCalls();
            (int leader, Term term, long? leaseUntilUs) = _log.Look(_index);
            _leaseUntilUs = leader >= 0 ? leaseUntilUs : _leaseUntilUs;
            Offer();
            MonotonicTime before = Now;
            int? confirmed = _log.Confirm(_index);
            ApplyAll();
            _provenAt = confirmed is not null || _fault == ToyFault.ProvesByContact ? before : _provenAt;
            GrantReads(confirmed, term);
            AnswerLeases();
            _log.Expire(_index);
            _table.ExpireUpTo(_log.NowTick - _startTick);
            Publish(leader, term);
        }

        End();
    }

    private void TakeCalls()
    {
        List<(Call Call, short? Cancelled)> taken;
        lock (_gate)
        {
            (taken, _queue) = (_queue, []);
        }

        foreach ((Call call, short? cancelled) in taken)
        {
            switch (call)
            {
                case { } when cancelled is { } token: _table.Cancel(call, token); break;
                case ProposalCall proposal: _table.Propose(proposal); break;
                case BarrierCall read: _table.GatherRead(read); break;
                case LeaseCall leases: _table.AskLeases(leases); break;
                default: throw new InvalidOperationException("a kind of call that the toy does not know");
            }
        }

        _table.AskForReads();
    }

    private void Offer()
    {
        foreach ((long number, byte[] command) in _waiting.ToArray())
        {
            if (_log.TryAppend(_index, _life, number, command))
            {
                _waiting.Remove(number);
                _taken.Add(number);
            }
        }
    }

    private void ApplyAll()
    {
        while (_log.Next(_index, (int)_store.AppliedIndex.Value) is { } entry)
        {
            LogIndex index = _store.AppliedIndex.Next;
            bool isOther = _fault == ToyFault.Diverges && _index == 2 && index.Value == 50;
            CommandResult result = _store.Apply(index, isOther ? [] : entry.Command, entry.Term);
            if (entry.Origin == _index && entry.Life == _life && _taken.Remove(entry.Number))
            {
                _proposalAnswers.Add(new ProposalAnswer(
                    entry.Number, ProposalOutcome.Applied, new EntryId(entry.Term, index), result));
            }
        }

        _store.Publish();
    }

    private void GrantReads(int? confirmed, Term term)
    {
        if (confirmed is null && _fault == ToyFault.BarrierWithoutQuorum)
        {
            confirmed = (int)_store.AppliedIndex.Value;
        }

        if (confirmed is { } index && index <= _store.AppliedIndex.Value)
        {
            _readers.ForEach(number => _readAnswers.Add(new ReadAnswer(number, IsGranted: true, term, new LogIndex(index))));
            _readers.Clear();
        }
    }

    private void AnswerLeases()
    {
        foreach ((long number, IReadOnlyList<LeaseId> leases, bool isRenewal) in _asks.ToArray())
        {
            if (_log.Ask(_index, leases, isRenewal) is { } times)
            {
                _leaseAnswers.Add(new LeaseAnswer(number, IsGranted: true, times));
                _asks.Remove((number, leases, isRenewal));
            }
        }
    }

    // P3: readers first, then those who waited, then those who asked.
    private void Publish(int leader, Term term)
    {
        ReadPoint point = Point(leader, term);
        ReadPoint shown = _fault == ToyFault.AnswersBeforePublishing ? _lastPoint : point;
        _lastPoint = point;
        _board.Show(shown);
        _board.Wake(shown);
        _board.Show(Picture(leader, term));
        _table.Answer(_proposalAnswers, _readAnswers, _leaseAnswers, _store.View);
        _proposalAnswers.Clear();
        _readAnswers.Clear();
        _leaseAnswers.Clear();
        EngineCalls.Publish(_table.Decided);
        _table.Decided.Clear();
    }

    private void End()
    {
        List<(Call Call, short? Cancelled)> rest;
        lock (_gate)
        {
            _isClosed = true;
            (rest, _queue) = (_queue, []);
        }

        if (_fault == ToyFault.ForgetsCallers)
        {
            return;
        }

        _table.AbandonAll();
        Publish(leader: -1, _board.Status.Term);
        foreach ((Call call, _) in rest.Where(static item => item.Cancelled is null))
        {
            _table.RefuseAsStopping(call);
        }

        _table.EndAll();
        EngineCalls.Publish(_table.Decided);
        _table.Decided.Clear();
        _board.End();
    }

    private ReadPoint Point(int leader, Term term) => new()
    {
        View = _store.View,
        Term = term,
        Role = leader == _index ? Role.Leader : Role.Follower,
        Leader = leader < 0 ? NodeId.None : IdOf(leader),
        ProvenAt = _provenAt,
        LeaderLeaseUntil = _leaseUntilUs is { } until ? new MonotonicTime(until) : null,
        LeaderLeaseTerm = _leaseUntilUs is null ? Term.Zero : term,
    };

    private EngineStatus Picture(int leader, Term term) => new()
    {
        Self = Identity.Id,
        Role = leader == _index ? Role.Leader : Role.Follower,
        Term = term,
        Leader = leader < 0 ? NodeId.None : IdOf(leader),
        CommitIndex = _store.AppliedIndex,
        AppliedIndex = _store.AppliedIndex,
        LastIndex = _store.AppliedIndex,
        PersistedIndex = _store.AppliedIndex,
        FirstIndex = new LogIndex(1),
        Snapshot = EntryId.Zero,
        Membership = new EngineMembership([.. Members.Select(static member => member.Id)], [], []),
        PendingProposalCount = _waiting.Count + _taken.Count,
        Followers = [],
    };
}
