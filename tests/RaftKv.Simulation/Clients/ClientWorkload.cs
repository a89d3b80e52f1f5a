using RaftKv.Core.Calls;
using RaftKv.Core.Driver;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Clients;

/// <summary>
/// Clients that each do one thing after another through any node, leader or not. Answers are sorted strictly into
/// applied, surely refused, and unknown.
/// </summary>
internal sealed class ClientWorkload
{
    private readonly SimulatedCluster _cluster;
    private readonly DeterministicRandom _random;
    private readonly OperationMaker _maker;
    private readonly ClientMemory[] _memories;
    private readonly SessionMark[] _marks;
    private readonly ClientOperation?[] _current;
    private CoordinationClients _coordination = null!;
    private readonly int _lastIdOfFormer;
    private readonly FormerTokens? _formerTokens;
    private readonly List<ClientOperation> _backups = [];
    private long _stamp;

    public ClientWorkload(SimulatedCluster cluster, DeterministicRandom random)
    {
        _cluster = cluster;
        _random = random;
        _maker = new OperationMaker(cluster.Profile, new DeterministicRandom(random.NextUInt64()));
        _memories = new ClientMemory[cluster.Profile.ClientCount + cluster.Profile.CoordinationCount];
        _current = new ClientOperation?[_memories.Length];
        _marks = new SessionMark[_memories.Length];
        Reads = new LevelReads(cluster, new DeterministicRandom(random.NextUInt64()), FinishRead);
        for (int i = 0; i < _memories.Length; i++)
        {
            _memories[i] = new ClientMemory();
        }

        if (cluster.Heritage is { Former.Clients: { } former } heritage)
        {
            // They are the same clients: what they know and name goes on, and their tokens are of a cluster that is no more.
            _maker = former._maker;
            _memories = former._memories;
            _lastIdOfFormer = former._lastIdOfFormer + former.Operations.Count;
            _stamp = former._stamp;
            _coordination = former._coordination;
            _formerTokens = new FormerTokens(heritage.Former, former._marks);
        }
    }

    /// <summary>Keepalives and questions about leases; no proposals, so counted by themselves.</summary>
    public LeaseAsks Asks { get; private set; } = null!;

    /// <summary>Every operation of the cluster; ids count from 1, and on over a restore.</summary>
    public List<ClientOperation> Operations { get; } = [];

    /// <summary>The numbers that the next operation has.</summary>
    private int NextId => _lastIdOfFormer + Operations.Count + 1;

    /// <summary>Who took over whose token, in order.</summary>
    public List<Handoff> Handoffs { get; } = [];

    public LevelReads Reads { get; }

    /// <summary>No client begins anything new.</summary>
    public bool IsStopped { get; set; }

    public bool HasPending => Array.Exists(_current, o => o is not null) || Asks.HasPending;

    /// <summary>The clients of leases and locks; they draw from a generator of their own.</summary>
    public void Coordinate(DeterministicRandom random)
    {
        Asks = new LeaseAsks(_cluster, ask =>
        {
            _coordination.Finished(ask.Client - _cluster.Profile.ClientCount, ask);
            ScheduleNext(ask.Client);
        });
        _coordination ??= new CoordinationClients(_cluster.Profile, random);
    }

    public void Start()
    {
        for (int i = 0; i < _memories.Length; i++)
        {
            ScheduleNext(i);
        }
    }

    /// <summary>A client begins its next operation.</summary>
    public void Next(int client)
    {
        if (IsStopped || _current[client] is not null || Asks.IsBusy(client))
        {
            return;
        }

        SimulatedNode node = _cluster.Nodes[_random.Next(_cluster.Nodes.Length)];
        bool isCoordinating = client >= _cluster.Profile.ClientCount;
        if (isCoordinating && _random.Chance(300) && _cluster.OldestLeader() is { } leader)
        {
            // A leader that has lost its term without knowing is the one to ask: what it says then must not count.
            node = leader;
        }

        if (!node.IsUp)
        {
            // Connection refused: nothing was sent.
            ScheduleNext(client);
            return;
        }

        _formerTokens?.Show(_cluster, node, client);
        TakeOver(client);
        int id = NextId;
        if (isCoordinating)
        {
            CoordinationIntent intent = _coordination.Next(
                client - _cluster.Profile.ClientCount, id, node.Replica!.Term, node.Replica.View.ClusterTimeMs);
            if (intent.Leases is { } leases)
            {
                Asks.Begin(node, client, leases, intent.IsRenewal);
                return;
            }

            Begin(client, node, intent.Command, intent.Request, intent);
            return;
        }

        ClientMemory memory = _memories[client];
        RangeRequest? request = _maker.TryMakeRead(memory);
        KvCommand? command = request is null ? _maker.MakeWrite(memory, id) : null;
        Begin(client, node, command, request, null);
    }

    private void Begin(int client, SimulatedNode node, KvCommand? command, RangeRequest? request, CoordinationIntent? intent)
    {
        int id = NextId;
        long timeout = (_cluster.Profile.ClientTimeoutUs / 2) + _random.Exponential(_cluster.Profile.ClientTimeoutUs / 2);
        bool isImpatient = _random.Chance(500);
        long patienceTicks = (isImpatient ? 2 * timeout : timeout) / SwarmProfile.TickUs;
        var operation = new ClientOperation
        {
            IsImpatient = isImpatient,
            TimeoutTicks = patienceTicks,
            Deadline = node.LocalNow + (patienceTicks * SwarmProfile.TickUs),
            Id = id,
            Client = client,
            Node = node.Position,
            Life = node.Life,
            Origin = node.Id,
            Incarnation = node.Incarnation,
            InvokedAt = ++_stamp,
            InvokedAtUs = _cluster.NowUs,
            Command = command,
            Request = request,
            IsCoordination = intent is not null,
            AskedLock = intent?.Queue,
            Terms = request is null ? default : _maker.MakeTerms(request, _marks[client]),
        };
        Operations.Add(operation);
        _current[client] = operation;
        _cluster.Counters.Invoked++;
        _cluster.Counters.Faults.WrongTimes += command is AdvanceTimeCommand ? 1 : 0;
        _cluster.Trace.Add(_cluster.NowUs, node.Position, TraceKind.Invoke, id, client, (object?)command ?? request);
        // Who is patient waits for the node's word, as long as the node lives.
        long leaves = isImpatient ? timeout : (2 * timeout) + 100_000;
        _cluster.Queue.Schedule(_cluster.NowUs + leaves, new SimEvent { Kind = EventKind.ClientTimeout, Value = id });
        if (command is null)
        {
            Reads.Begin(node, operation);
        }
        else
        {
            BeginWrite(node, operation, KvCommandCodec.Encode(command, CommandEnvelope.HeaderBytes));
        }
    }

    private void BeginWrite(SimulatedNode node, ClientOperation operation, byte[] envelope)
    {
        if (node.IsDraining)
        {
            _cluster.Reach.Calls.RefusedAtTheDoor();
            Finish(operation, OperationOutcome.Refused);
            return;
        }

        operation.Call = new ProposalCall { Owner = operation };
        operation.Call.Begin(envelope, operation.TimeoutTicks);
        if (!node.TryBegin(operation.Call, envelope.Length))
        {
            Finish(operation, OperationOutcome.Refused);
        }
    }

    public void TimedOut(long operationId)
    {
        if (operationId < 0)
        {
            Asks.TimedOut(-operationId);
            return;
        }

        ClientOperation operation = Operation(operationId);
        if (operation.Outcome != OperationOutcome.Pending)
        {
            return;
        }

        SimulatedNode node = _cluster.Nodes[operation.Node];
        operation.IsGivenUp = true;
        if (operation.IsRead || node.IsPaused)
        {
            _cluster.Reach.Reads.GivenUp(operation);

            // A read that is given up has no effect; a paused host can't say anything, so the client only knows that it
            // knows nothing.
            Finish(operation, OperationOutcome.Unknown);
        }

        if (operation.IsRead)
        {
            Reads.GiveUp(node, operation);
        }
        else if (operation.Call is { IsWaiting: true } call)
        {
            _cluster.Reach.Calls.CancelledWrite();
            node.Input(DriverInput.Cancel(call, call.Token));
        }
    }

    public void WriteAnswered(SimulatedNode node, ProposalCall call)
    {
        (ClientOperation operation, ProposeResult answer) = ((ClientOperation)call.Owner!, call.Result);
        if (operation.IsAnsweredByHost || operation.Node != node.Position || operation.Life != node.Life)
        {
            throw new SimulationViolationException("L2", $"node {node.Position + 1} answers operation {operation.Id} twice, or another's");
        }

        operation.IsAnsweredByHost = true;
        _cluster.Trace.Add(_cluster.NowUs, node.Position, TraceKind.Answer, operation.Id, (long)answer.Outcome, answer.Outcome);
        bool isExpired = node.LocalNow >= operation.Deadline;
        _cluster.Reach.Proposals.Answered(operation, answer, isExpired);
        _cluster.Reach.Calls.Answered(answer.Outcome, isExpired && !operation.IsGivenUp);
        if (operation.Outcome != OperationOutcome.Pending)
        {
            return;
        }

        switch (answer.Outcome)
        {
            case ProposalOutcome.Applied:
                operation.Entry = answer.Entry;
                operation.Result = answer.Result;
                _memories[operation.Client].Saw(answer.Result!);
                _marks[operation.Client] = _marks[operation.Client].AfterWrite(answer.Result!.Revision);
                Finish(operation, OperationOutcome.Ok);
                break;
            case ProposalOutcome.NoLeader or ProposalOutcome.Overloaded or ProposalOutcome.ShuttingDown:
                Finish(operation, OperationOutcome.Refused);
                break;
            default:
                Finish(operation, OperationOutcome.Unknown);
                break;
        }
    }

    /// <summary>An operator reads everything from a node, linearizably; null when that fails.</summary>
    public void ReadForBackup(SimulatedNode node, Action<StoreView?> done)
    {
        const long PatienceTicks = 200;
        var operation = new ClientOperation
        {
            TimeoutTicks = PatienceTicks,
            Deadline = node.LocalNow + (PatienceTicks * SwarmProfile.TickUs),
            Id = NextId,
            Client = _memories.Length,
            Node = node.Position,
            Life = node.Life,
            Origin = node.Id,
            Incarnation = node.Incarnation,
            InvokedAt = ++_stamp,
            InvokedAtUs = _cluster.NowUs,
            Request = new RangeRequest { Keys = KeyRange.All },
            IsCoordination = true,
            Backup = done,
            Terms = new ReadTerms(ReadLevel.Linearizable, default),
        };
        Operations.Add(operation);
        _backups.Add(operation);
        long leaves = 2 * PatienceTicks * SwarmProfile.TickUs;
        _cluster.Queue.Schedule(_cluster.NowUs + leaves, new SimEvent { Kind = EventKind.ClientTimeout, Value = operation.Id });
        Reads.Begin(node, operation);
    }

    /// <summary>Connections break: what was under way on that node is unknown.</summary>
    public void NodeDied(SimulatedNode node)
    {
        foreach (ClientOperation backup in _backups.ToArray())
        {
            if (backup.Node == node.Position || backup.PassedOnBy?.Node == node.Position)
            {
                FinishBackup(backup, OperationOutcome.Unknown);
            }
        }

        Asks.NodeDied(node);
        for (int i = 0; i < _current.Length; i++)
        {
            if (_current[i] is { } operation && (operation.Node == node.Position || operation.PassedOnBy?.Node == node.Position))
            {
                Finish(operation, OperationOutcome.Unknown);
            }
        }
    }

    /// <summary>Another client's token comes along, by whatever way clients talk to each other.</summary>
    private void TakeOver(int client)
    {
        if (!_random.Chance(_cluster.Profile.HandoffPerMille))
        {
            return;
        }

        int from = _random.Next(_marks.Length);
        _marks[client] = _marks[client].Merge(_marks[from]);
        Handoffs.Add(new Handoff(++_stamp, from, client));
        _cluster.Counters.Handoffs++;
    }

    private void FinishBackup(ClientOperation operation, OperationOutcome outcome)
    {
        _backups.Remove(operation);
        operation.Outcome = outcome;
        if (outcome != OperationOutcome.Unknown)
        {
            operation.ReturnedAt = ++_stamp;
            operation.ReturnedAtUs = _cluster.NowUs;
        }

        operation.Backup!(outcome == OperationOutcome.Ok ? operation.BackupView : null);
    }

    private void FinishRead(ClientOperation operation, OperationOutcome outcome)
    {
        if (operation.Backup is not null)
        {
            FinishBackup(operation, outcome);
            return;
        }

        if (outcome == OperationOutcome.Ok)
        {
            _marks[operation.Client] = _marks[operation.Client].AfterRead(new Revision(operation.ViewRevision));
            Remember(operation);
        }

        Finish(operation, outcome);
    }

    private void Remember(ClientOperation operation)
    {
        ClientMemory memory = _memories[operation.Client];
        memory.Saw(new Revision(operation.ViewRevision));
        if (operation.Request!.Revision.Value != 0 || !operation.IsStrong)
        {
            // Conditional writes are based on what is fresh, or they would only fail.
            return;
        }

        if (operation.Request.Keys.Kind == KeyRangeKind.Single && operation.Read!.Pairs.Count == 0)
        {
            memory.SawMissing(Keys.IndexOf(operation.Request.Keys.Start.Span));
        }

        for (int i = 0; i < operation.Read!.Pairs.Count; i++)
        {
            memory.Saw(operation.Read.Pairs[i]);
        }
    }

    private ClientOperation Operation(long id) => Operations[(int)id - 1 - _lastIdOfFormer];

    private void Finish(ClientOperation operation, OperationOutcome outcome)
    {
        if (operation.Backup is not null)
        {
            FinishBackup(operation, outcome);
            return;
        }

        Counters counters = _cluster.Counters;
        operation.Outcome = outcome;
        _current[operation.Client] = null;
        if (operation.IsCoordination)
        {
            _coordination.Finished(operation.Client - _cluster.Profile.ClientCount, operation, counters);
        }

        if (outcome == OperationOutcome.Unknown)
        {
            counters.Unknown++;
        }
        else
        {
            operation.ReturnedAt = ++_stamp;
            operation.ReturnedAtUs = _cluster.NowUs;
            counters.Refused += outcome == OperationOutcome.Refused ? 1 : 0;
            counters.Acknowledged += outcome == OperationOutcome.Ok && !operation.IsRead ? 1 : 0;
            counters.Reads += outcome == OperationOutcome.Ok && operation.IsRead ? 1 : 0;
        }

        ScheduleNext(operation.Client);
    }

    private void ScheduleNext(int client) => _cluster.Queue.Schedule(
        _cluster.NowUs + 1 + _random.Exponential(_cluster.Profile.ThinkMeanUs), new SimEvent { Kind = EventKind.ClientNext, Node = client });
}
