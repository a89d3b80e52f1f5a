using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Clients;

/// <summary>
/// Draws what a client does next. Every write puts a value that no other writes, and every conditional operation
/// returns what it saw, so that the checkers learn as much as can be learned.
/// </summary>
internal sealed class OperationMaker(SwarmProfile profile, DeterministicRandom random)
{
    private readonly AccessMaker _access = new(random);

    /// <summary>A read, or null when a write is due.</summary>
    public RangeRequest? TryMakeRead(ClientMemory memory)
    {
        if (!random.Chance(profile.ReadPerMille))
        {
            return null;
        }

        KeyRange keys = random.Chance(150) ? KeyRange.Prefix(Keys.RegisterPrefix) : KeyRange.Single(Keys.Name(random.Next(Keys.Count)));
        long revision = random.Chance(100) ? Math.Max(0, memory.Revision - random.Next(30)) : 0;
        return new RangeRequest { Keys = keys, Revision = new Revision(revision) };
    }

    /// <summary>What a read promises: any level, linearizable most often.</summary>
    public ReadTerms MakeTerms(RangeRequest request, SessionMark mark)
    {
        ReadLevel level = random.Chance(300) ? ReadLevel.Linearizable : (ReadLevel)random.Next((int)ReadLevel.All + 1);
        if (level == ReadLevel.Lease && profile.Machine.HasStillClocks)
        {
            // Not promised where a monotonic clock may stand still.
            level = ReadLevel.Linearizable;
        }

        if (level != ReadLevel.Bounded)
        {
            return new ReadTerms(level, mark, Revision: request.Revision);
        }

        bool hasLag = random.Chance(400);
        bool hasAge = !hasLag || random.Chance(400);
        return new ReadTerms(
            level, mark, hasAge ? profile.BoundScale * random.OneOf(20_000L, 100_000, 500_000, 2_000_000) : null,
            hasLag ? random.OneOf(0L, 1, 5, 50) : null, request.Revision);
    }

    public KvCommand MakeWrite(ClientMemory memory, long operationId)
    {
        if (!profile.HasAccess)
        {
            return MakeWriteOfNobody(memory, operationId);
        }

        return random.Chance(80) ? _access.Next() : MakeWriteOfNobody(memory, operationId) with { Principal = _access.Author() };
    }

    private KvCommand MakeWriteOfNobody(ClientMemory memory, long operationId)
    {
        if (profile.QuotaBytes > 0 && random.Chance(60))
        {
            return Room();
        }

        int key = random.Next(Keys.RegisterCount);
        ReadOnlyMemory<byte> name = Keys.Name(key);
        switch (random.Next(20))
        {
            case < 6:
                return new MutateCommand(Put(key, operationId, random.Chance(500)));
            case < 8:
                return new MutateCommand(new DeleteRangeOp(KeyRange.Single(name), WantsPrevious: true));
            case < 11:
                // If-Match: the revision that this client saw last.
                return new MutateCommand(
                    Put(key, operationId, true), Single(key, CompareTarget.ModRevision, memory.ModRevisions[key]));
            case < 12:
                return new MutateCommand(Put(key, operationId, true), Single(key, CompareTarget.CreateRevision, 0));
            case < 15:
                return Txn(memory, key, operationId);
            case < 18:
                return new MutateCommand(new IncrementOp(Keys.Name(Keys.RegisterCount + random.Next(Keys.CounterCount)), random.Next(-3, 10)));
            case 18 when random.Chance(300):
                return new MutateCommand(new DeleteRangeOp(KeyRange.Prefix(Keys.RegisterPrefix), WantsPrevious: true));
            case 19 when random.Chance(600):
                return new CompactCommand(new Revision(Math.Max(1, memory.Revision - random.Next(-1, 20))));
            default:
                return new MutateCommand(Put(key, operationId, false));
        }
    }

    private KvCommand Room() => random.Next(8) switch
    {
        0 or 1 => new SetQuotaCommand(
            Prefix(), new QuotaTerms(random.Chance(500) ? random.Next(6) : KvLimits.NoQuota, random.Next(500, (int)profile.QuotaBytes))),
        2 or 3 => new RemoveQuotaCommand(Prefix()),
        4 => new SetStoreQuotaCommand(profile.QuotaBytes / 2 * random.Next(1, 4)),
        5 when random.Chance(200) => new RaiseAlarmCommand(RandomAlarm(), new NodeId((ulong)random.Next(3)), AlarmCause.Hand),
        _ => new ClearAlarmCommand(RandomAlarm(), new NodeId((ulong)random.Next(3))),
    };

    private ReadOnlyMemory<byte> Prefix() => random.Chance(500) ? Keys.RegisterPrefix : Keys.Name(random.Next(Keys.Count));

    private AlarmKind RandomAlarm() => random.Chance(800) ? AlarmKind.NoSpace : AlarmKind.Corrupt;

    private MutateCommand Txn(ClientMemory memory, int key, long operationId)
    {
        int other = (key + 1 + random.Next(Keys.RegisterCount - 1)) % Keys.RegisterCount;
        Compare compare = memory.Values[key] is { } value && random.Chance(700)
            ? new Compare(KeyRange.Single(Keys.Name(key)), CompareTarget.Value, CompareOperator.Equal, 0, value)
            : Single(key, CompareTarget.ModRevision, memory.ModRevisions[key]);
        return new MutateCommand(new TxnOp(
            [compare],
            [Read(key), Put(key, operationId, false), Put(other, operationId, true)],
            [Read(key), Read(other)]));
    }

    private PutOp Put(int key, long operationId, bool wantsPrevious)
    {
        int bytes = profile.BigValuePerMille > 0 && random.Chance(profile.BigValuePerMille) ? random.Next(8, profile.BigValueBytes) : 8;
        return new PutOp(Keys.Name(key), Keys.Value(operationId, bytes), WantsPrevious: wantsPrevious);
    }

    private static Compare Single(int key, CompareTarget target, long number) =>
        new(KeyRange.Single(Keys.Name(key)), target, CompareOperator.Equal, number, default);

    private static RangeOp Read(int key) => new(new RangeRequest { Keys = KeyRange.Single(Keys.Name(key)) });
}
