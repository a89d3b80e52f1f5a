using System.Globalization;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;

namespace RaftKv.Core.Tests.Store;

/// <summary>
/// Random commands about leases, locks, guards and keyed writes, over so few names that they meet all the time; some
/// are repeats of earlier ones. Drawn from a seed.
/// </summary>
internal sealed class CoordinationCommands(DeterministicRandom random)
{
    private readonly List<KvCommand> _keyed = [];
    private readonly Dictionary<long, long> _sequences = [];
    private int _nextKey;

    public static IReadOnlyList<string> Keys { get; } = ["a", "a/1", "a/2", "ab", "b", "b/1", "c"];

    private static readonly string[] Prefixes = ["a", "a/", "b/", "c"];
    private static readonly string[] Names = ["m", "n"];

    public KvCommand Next(StoreView view)
    {
        if (_keyed.Count > 0 && random.Chance(120))
        {
            KvCommand earlier = _keyed[random.Next(_keyed.Count)];
            return random.Chance(900) ? earlier
                : earlier.Session is { Sequence: > 0 } stamp
                    ? new RevokeLeaseCommand(NextLease())
                    {
                        Session = stamp with { PayloadHash = NextHash() },
                        Principal = earlier.Principal,
                    }
                : new RevokeLeaseCommand(NextLease())
                {
                    Idempotency = earlier.Idempotency! with { PayloadHash = NextHash() },
                    Session = earlier.Session,
                    Principal = random.Chance(500) ? earlier.Principal : NextPrincipal(),
                };
        }

        KvCommand command = NextPlain(view);
        if (!CommandRules.MayBeWrapped(KindOf(command)))
        {
            return command;
        }

        if (random.Chance(250))
        {
            command = command with { Fences = [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => NextFence(view))] };
        }

        command = command with { Principal = random.Chance(150) ? NextPrincipal() : default };
        return random.Next(10) switch
        {
            0 or 1 => Remember(Keyed(command, view)),
            2 or 3 => Remember(Stamped(command)),
            _ => command,
        };
    }

    private KvCommand Keyed(KvCommand command, StoreView view)
    {
        string key = "k" + (++_nextKey).ToString(CultureInfo.InvariantCulture);
        if (random.Chance(200))
        {
            long birthMs = view.ClusterTimeMs + random.Next(-6_000_000, 900_000);
            key = string.Create(CultureInfo.InvariantCulture, $"born={Math.Max(birthMs, 0)};{key}");
        }

        SessionStamp? session = random.Chance(200) ? new SessionStamp(NextSession(), 0, 0, default) : null;
        return command with { Idempotency = new CommandKey(StoreHarness.Bytes(key), NextHash()), Session = session };
    }

    // Numbers come out of order, some never, and the client acknowledges what it likes.
    private KvCommand Stamped(KvCommand command)
    {
        ClientSessionId id = NextSession();
        long last = _sequences[id.Value] = _sequences.GetValueOrDefault(id.Value) + random.Next(0, 3);
        long sequence = Math.Max(1, last - random.Next(0, 4));
        long acknowledged = random.Chance(300) ? 0 : Math.Max(0, sequence - random.Next(1, 6));
        return command with { Session = new SessionStamp(id, sequence, acknowledged, NextHash()) };
    }

    private KvCommand Remember(KvCommand command)
    {
        _keyed.Add(command);
        if (_keyed.Count > 30)
        {
            _keyed.RemoveAt(0);
        }

        return command;
    }

    private KvCommand NextPlain(StoreView view) => random.Next(25) switch
    {
        0 or 1 => new GrantLeaseCommand(NextLease(), random.Next(100, 50_000)),
        2 => new RevokeLeaseCommand(NextLease()),
        3 => new ExpireLeaseCommand(NextLease(), random.Chance(700) ? StoreHarness.EntryTerm : new Term(random.Next(1, 9))),
        4 => new AdvanceTimeCommand(random.Next(1, (int)KvLimits.MaxAdvanceMs)),
        5 => new SetGuardCommand(NextPrefix(), random.Chance(500) ? null : new LockName(NextKind(), NextName())),
        6 or 7 => new RemoveGuardCommand(NextPrefix()),
        8 => new SetClusterKeyCommand(new byte[KvLimits.ClusterKeyBytes]),
        9 => new MutateCommand(new DeleteRangeOp(NextRange(), random.Chance(500))),
        10 => new MutateCommand(new TxnOp(
            [], [NextPut(Keys[random.Next(3)]), new IncrementOp(StoreHarness.Bytes("n/1"), 2)], [])),
        11 or 12 => NextRelease(view),
        < 18 => new MutateCommand(NextAcquire()),
        22 or 23 => random.Chance(900) ? new OpenSessionCommand(NextSession()) : new CloseSessionCommand(NextSession()),
        24 => random.Chance(250) ? new SetOnceLimitsCommand(NextLimits()) : new OpenSessionCommand(NextSession()),
        _ => new MutateCommand(NextPut(Keys[random.Next(Keys.Count)])),
    };

    private PutOp NextPut(string key) => new(
        StoreHarness.Bytes(key), StoreHarness.Bytes("v" + random.Next(100).ToString(CultureInfo.InvariantCulture)),
        random.Chance(500) ? NextLease() : LeaseId.None, WantsPrevious: random.Chance(300));

    private AcquireOp NextAcquire()
    {
        LockKind kind = NextKind();
        LockMode mode = kind switch
        {
            LockKind.Lock => random.Chance(500) ? LockMode.Shared : LockMode.Exclusive,
            LockKind.Semaphore => LockMode.Counted,
            _ => LockMode.Exclusive,
        };
        return new AcquireOp(
            kind, NextName(), mode, NextLease(), StoreHarness.Bytes("owner"), kind == LockKind.Semaphore ? random.Chance(900) ? 2 : 3 : 0,
            random.Chance(300), random.Chance(300) ? random.Next(100, 9_000) : 0, random.Chance(800) ? 1_000 : 1);
    }

    private MutateCommand NextRelease(StoreView view)
    {
        LockQueue queue = view.GetLockQueue(NextKind(), NextName());
        if (queue.Entries.Count == 0)
        {
            return new MutateCommand(NextAcquire());
        }

        LockEntry entry = queue.Entries[random.Next(queue.Entries.Count)];
        KeyRange key = KeyRange.Single(entry.Pair.Key);
        long token = entry.Token.Value - (random.Chance(200) ? 1 : 0);
        return new MutateCommand(
            new DeleteRangeOp(key), new Compare(key, CompareTarget.CreateRevision, CompareOperator.Equal, token, default));
    }

    private Fence NextFence(StoreView view)
    {
        LockKind kind = NextKind();
        ReadOnlyMemory<byte> name = NextName();
        LockQueue queue = view.GetLockQueue(kind, name);
        long token = queue.Entries.Count > 0 && random.Chance(850)
            ? queue.Entries[random.Next(queue.Entries.Count)].Token.Value
            : random.Next(1, 50);
        return new Fence(kind, name, new Revision(token));
    }

    private KeyRange NextRange() => random.Next(4) switch
    {
        0 => KeyRange.All,
        1 => KeyRange.Prefix(NextPrefix()),
        2 => KeyRange.Between(StoreHarness.Bytes(Keys[random.Next(Keys.Count)]), StoreHarness.Bytes(Keys[random.Next(Keys.Count)])),
        _ => KeyRange.Single(StoreHarness.Bytes(Keys[random.Next(Keys.Count)])),
    };

    private static CommandKind KindOf(KvCommand command) => command switch
    {
        SetClusterKeyCommand => CommandKind.SetClusterKey,
        ExpireLeaseCommand => CommandKind.ExpireLease,
        AdvanceTimeCommand => CommandKind.AdvanceTime,
        SetOnceLimitsCommand => CommandKind.SetOnceLimits,
        _ => CommandKind.Mutate,
    };

    private OnceLimits NextLimits() => new()
    {
        FloorMs = random.Next(1, 4_000_000),
        WindowMs = random.Next(4_000_000, 40_000_000),
        SharedBytes = random.Next(1_000, 10_000),
        OwnerBytes = random.Next(500, 3_000),
        MaxOwners = random.Next(0, 3),
        MaxSessions = random.Next(1, 5),
        MaxAnswersPerSession = random.Next(1, 4),
        SessionAnswerBytes = random.Next(0, 600),
        MaxAnswerBytes = random.Next(0, 150),
        SessionTableBytes = random.Next(1, 8_000),
    };

    private ClientSessionId NextSession() => new(random.Next(1, 7));

    private ReadOnlyMemory<byte> NextPrincipal() => StoreHarness.Bytes(random.Chance(500) ? "ann" : "bob");

    private LeaseId NextLease() => new(random.Next(1, 7));

    private LockKind NextKind() => (LockKind)random.Next(3);

    private ReadOnlyMemory<byte> NextName() => StoreHarness.Bytes(Names[random.Next(Names.Length)]);

    private ReadOnlyMemory<byte> NextPrefix() => StoreHarness.Bytes(Prefixes[random.Next(Prefixes.Length)]);

    private byte[] NextHash() => [.. Enumerable.Range(0, KvLimits.PayloadHashBytes).Select(_ => (byte)random.Next(256))];
}
