using System.Text;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Clients;

/// <summary>What a client does next: a write, a read (perhaps of a queue), or an ask of leases.</summary>
internal sealed record CoordinationIntent
{
    public KvCommand? Command { get; init; }
    public RangeRequest? Request { get; init; }
    public LockName? Queue { get; init; }
    public IReadOnlyList<LeaseId>? Leases { get; init; }
    public bool IsRenewal { get; init; }
}

/// <summary>
/// Clients that live on leases: they keep keys on them, queue for locks, write under fences, and send what they don't
/// know the outcome of again, under the same idempotency key. They also do what a wrong client does: old tokens, tokens
/// of waiters, other clients' leases, writes without a fence, the word of an old leader.
/// </summary>
internal sealed class CoordinationClients
{
    private const int MostRepeats = 5;

    private static readonly LockName[] Locks =
    [
        Name(LockKind.Lock, "a"), Name(LockKind.Lock, "b"), Name(LockKind.Semaphore, "s"), Name(LockKind.Election, "e"),
    ];

    private readonly SwarmProfile _profile;
    private readonly DeterministicRandom _random;
    private readonly Agent[] _agents;
    private readonly List<LeaseId> _leases = [];
    private bool _areLimitsSet;
    private long _clusterTimeMs;
    private readonly List<(LockName Lock, Revision Token, byte[] Key)> _tokens = [];

    public CoordinationClients(SwarmProfile profile, DeterministicRandom random)
    {
        _profile = profile;
        _random = random;
        _agents = new Agent[profile.CoordinationCount];
        for (int i = 0; i < _agents.Length; i++)
        {
            _agents[i] = new Agent(i, new SessionAgent(i, random));
        }
    }

    /// <summary>The resource that a lock protects.</summary>
    public static byte[] ResourceOf(LockName name) => [(byte)'f', .. name.Name.Span];

    /// <summary>What a client does next through a node in this term.</summary>
    /// <param name="clusterTimeMs">The cluster's time as that node has it.</param>
    public CoordinationIntent Next(int client, long operationId, Term term, long clusterTimeMs)
    {
        _clusterTimeMs = clusterTimeMs;
        Agent agent = _agents[client];
        if (_profile.OnceLimits is { } limits && !_areLimitsSet)
        {
            _areLimitsSet = true;
            return Do(new SetOnceLimitsCommand(limits));
        }

        if (agent.Session.Repeat() is { } again)
        {
            return Do(again);
        }

        if (agent.Keyed is { } keyed && _random.Chance(700))
        {
            agent.Keyed = ++agent.Repeats >= MostRepeats ? null : keyed;
            byte[] other = [.. keyed.Idempotency!.PayloadHash.Span];
            other[15] = 1;
            return Do(_random.Chance(30) ? keyed with { Idempotency = keyed.Idempotency with { PayloadHash = other } } : keyed);
        }

        if (_random.Chance(150))
        {
            var counter = new IncrementOp(Key(_random.Chance(500) ? "j0" : "j1"), _random.Next(1, 10));
            return Do(agent.Session.Next(new MutateCommand(counter), operationId));
        }

        if (_profile.MovesTime && agent.FirstKeyed is { } first && _random.Chance(50))
        {
            // Long after: its answer may have been forgotten, and then it runs anew.
            return Do(first);
        }

        if (_random.Chance(150))
        {
            var increment = new IncrementOp(Key(_random.Chance(500) ? "i0" : "i1"), _random.Next(1, 10));
            return Do(Keyed(agent, operationId, new MutateCommand(increment)));
        }

        CoordinationIntent intent = agent.Lease.IsNone ? Begin(agent, operationId) : GoOn(agent, operationId, term);
        if (intent.Command is not { } command || command is ExpireLeaseCommand or AdvanceTimeCommand || !_random.Chance(250))
        {
            return intent;
        }

        return intent with
        {
            Command = _random.Chance(500) ? Keyed(agent, operationId, command) : agent.Session.Next(command, operationId),
        };
    }

    public void Finished(int client, LeaseAsk ask)
    {
        Agent agent = _agents[client];
        if (ask.Times is { } times && ask.Leases[0] == agent.Lease && !times[0].Lives)
        {
            agent.Lease = LeaseId.None;
        }
    }

    public void Finished(int client, ClientOperation operation, Counters counters)
    {
        Agent agent = _agents[client];
        CommandResult? result = operation.Result;
        if (_profile.IsSoak && operation.Command is SetOnceLimitsCommand && operation.Outcome != OperationOutcome.Ok)
        {
            // In a soak nothing is judged before the limits are small.
            _areLimitsSet = false;
        }

        if (operation.Command?.Idempotency is not null && operation.Outcome != OperationOutcome.Unknown && _random.Chance(700))
        {
            agent.Keyed = null;
        }

        if (result is not null && operation.Outcome == OperationOutcome.Ok)
        {
            agent.Session.Answered(operation.Command!, result);
        }

        if (result is { Status: CommandStatus.LeaseNotFound })
        {
            agent.Lease = LeaseId.None;
        }

        counters.Replayed += result is { IsReplayed: true } ? 1 : 0;
        counters.FencesLost += result is { Status: CommandStatus.FenceLost } ? 1 : 0;
        counters.FencedWrites += result is { Status: CommandStatus.Ok } && operation.Command!.Fences.Count > 0 ? 1 : 0;
        switch (result?.Result)
        {
            case LeaseGrantedResult granted:
                Has(agent, granted.Id);
                break;
            case AcquireResult acquired:
                counters.Acquired++;
                Has(agent, acquired.Entry.Lease);
                var acquire = (AcquireOp)((MutateCommand)operation.Command!).Op;
                LockName name = Array.Find(Locks, l => l.Name.Span.SequenceEqual(acquire.Name.Span))!;
                Remember(_tokens, (name, acquired.Token, acquired.Entry.Key.ToArray()));
                break;
            default:
                break;
        }
    }

    private void Has(Agent agent, LeaseId lease)
    {
        agent.Lease = lease;
        Remember(_leases, lease);
    }

    private static void Remember<T>(List<T> list, T item)
    {
        list.Add(item);
        if (list.Count > 8)
        {
            list.RemoveAt(0);
        }
    }

    private CoordinationIntent Begin(Agent agent, long operationId)
    {
        var lease = new LeaseId(_random.Chance(50) && _leases.Count > 0 ? Known().Value : operationId);
        long ttlMs = _profile.TtlMs * _random.OneOf(1L, 2, 4, 20);
        return Do(_random.Chance(600)
            ? new GrantLeaseCommand(lease, ttlMs)
            : new MutateCommand(Acquire(agent, lease, operationId, ttlMs)));
    }

    private CoordinationIntent GoOn(Agent agent, long operationId, Term term)
    {
        switch (_random.Next(47))
        {
            case < 10: return new CoordinationIntent { Leases = [agent.Lease], IsRenewal = true };
            case 10: return new CoordinationIntent { Leases = [Known(), agent.Lease, new LeaseId(long.MaxValue)] };
            case 11: return new CoordinationIntent { Leases = [Known()], IsRenewal = true };
            case < 15: return Do(new MutateCommand(Attach(agent, operationId, _random.Next(3))));
            case < 18:
                KvOp[] ops = [Attach(agent, operationId, 0), Attach(agent, operationId, 1), Plain(operationId)];
                return Do(new MutateCommand(new TxnOp([], ops, [])));
            case 18: return Do(new MutateCommand(new PutOp(KeyOf(agent, 0), Value(operationId))));
            case 19: return Do(new MutateCommand(new PutOp(KeyOf(agent, 1), Value(operationId), KeepsLease: true, WantsPrevious: true)));
            case 20: return Do(new MutateCommand(new PutOp(KeyOf(agent, 2), default, agent.Lease, KeepsValue: true)));
            case < 26: return Do(new MutateCommand(Acquire(agent, agent.Lease, operationId, ttlMs: 0)));
            case < 30: return LookAt(Locks[_random.Next(Locks.Length)]);
            case < 35 when _tokens.Count > 0: return Do(Fenced(operationId));
            case 35: return Do(new MutateCommand(new PutOp(ResourceOf(Locks[_random.Next(Locks.Length)]), Value(operationId))));
            case 36 when _tokens.Count > 0: return Do(Release());
            case 37 when _tokens.Count > 0: return Do(Proclaim(operationId));
            case 38:
                LeaseId ended = _random.Chance(800) ? agent.Lease : Known();
                agent.Lease = LeaseId.None;
                return Do(new RevokeLeaseCommand(ended));
            case 39:
                // Nobody keeps it alive any more.
                agent.Lease = LeaseId.None;
                return LookAt(Locks[0]);
            case 40: return Do(Guard());
            case 41 when term.Value > 1: return Do(new ExpireLeaseCommand(Known(), new Term(term.Value - 1)));
            case 42: return Do(new MutateCommand(new DeleteRangeOp(KeyRange.Prefix(Key("k/")), WantsPrevious: true)));
            case 43 when _profile.HasTimeJumps: return Do(new AdvanceTimeCommand(_profile.Machine.WrongTimeMs));
            case 44 or 45 when _profile.OnceLimits is { } limits: return Do(new AdvanceTimeCommand(limits.FloorMs / 3));
            case 46 when agent.Session.Close() is { } close: return Do(close);
            default: return new CoordinationIntent { Request = new RangeRequest { Keys = KeyRange.From(Key("_")) } };
        }
    }

    private static CoordinationIntent Do(KvCommand command) => new() { Command = command };

    private static CoordinationIntent LookAt(LockName name) => new()
    {
        Queue = name,
        Request = new RangeRequest { Keys = KeyRange.Prefix(LockKeys.QueuePrefix(name.Kind, name.Name.Span)) },
    };

    private AcquireOp Acquire(Agent agent, LeaseId lease, long operationId, long ttlMs)
    {
        LockName name = Locks[_random.Next(Locks.Length)];
        bool isMixed = name.Name.Span[0] == 'b';
        LockMode mode = name.Kind == LockKind.Semaphore ? LockMode.Counted
            : isMixed && _random.Chance(600) ? LockMode.Shared
            : LockMode.Exclusive;
        int limit = name.Kind == LockKind.Semaphore ? _random.Chance(100) ? 3 : 2 : 0;
        return new AcquireOp(
            name.Kind, name.Name, mode, lease, Value(operationId + agent.Number), limit, IsTry: _random.Chance(250), ttlMs,
            MaxQueue: _random.Chance(100) ? 2 : 100);
    }

    private MutateCommand Fenced(long operationId)
    {
        (LockName name, Revision token, _) = Token();
        var put = new PutOp(ResourceOf(name), Value(operationId));
        KvOp op = _random.Chance(200) ? new TxnOp([], [put, Plain(operationId)], []) : put;
        return new MutateCommand(op) { Fences = [new Fence(name.Kind, name.Name, token)] };
    }

    private MutateCommand Release()
    {
        (_, Revision token, byte[] key) = Token();
        return new MutateCommand(new DeleteRangeOp(KeyRange.Single(key), WantsPrevious: true), IsStill(key, token));
    }

    private MutateCommand Proclaim(long operationId)
    {
        (LockName name, Revision token, byte[] key) = Token();
        return name.Kind == LockKind.Election
            ? new MutateCommand(new PutOp(key, Value(operationId), KeepsLease: true), IsStill(key, token))
            : Release();
    }

    private KvCommand Guard()
    {
        LockName? wanted = _random.Chance(500) ? Locks[0] : null;
        byte[] prefix = Key(wanted is null ? "f" : "fa");
        return _random.Chance(300) ? new RemoveGuardCommand(prefix) : new SetGuardCommand(prefix, wanted);
    }

    private PutOp Attach(Agent agent, long operationId, int key) =>
        new(KeyOf(agent, key), Value(operationId), agent.Lease, WantsPrevious: true);

    private static PutOp Plain(long operationId) => new(Key("p"), Value(operationId));

    private KvCommand Keyed(Agent agent, long operationId, KvCommand command)
    {
        KvCommand keyed = agent.Session.Keyed(command, operationId, _clusterTimeMs);
        agent.Keyed = keyed;
        agent.FirstKeyed ??= keyed;
        agent.Repeats = 0;
        return keyed;
    }

    // Mostly the newest, which may be a waiter's; sometimes one that is long gone.
    private (LockName Lock, Revision Token, byte[] Key) Token() =>
        _tokens[_random.Chance(600) ? _tokens.Count - 1 : _random.Next(_tokens.Count)];

    private LeaseId Known() => _leases.Count == 0 ? new LeaseId(long.MaxValue) : _leases[_random.Next(_leases.Count)];

    private static Compare IsStill(byte[] key, Revision token) =>
        new(KeyRange.Single(key), CompareTarget.CreateRevision, CompareOperator.Equal, token.Value, default);

    private static LockName Name(LockKind kind, string name) => new(kind, Key(name));

    private static byte[] Key(string text) => Encoding.ASCII.GetBytes(text);

    private static byte[] KeyOf(Agent agent, int key) => Key($"k/{agent.Number}/{key}");

    private static byte[] Value(long operationId) => Keys.Value(operationId, 8);

    private sealed class Agent(int number, SessionAgent session)
    {
        public SessionAgent Session { get; } = session;

        public int Number { get; } = number;

        public LeaseId Lease { get; set; }

        /// <summary>A command whose outcome is not known, or that is sent again for no reason.</summary>
        public KvCommand? Keyed { get; set; }

        /// <summary>The first of its commands under a key.</summary>
        public KvCommand? FirstKeyed { get; set; }

        public int Repeats { get; set; }
    }
}
