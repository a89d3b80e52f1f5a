using System.Text;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Checking;

namespace RaftKv.Simulation.Tests;

/// <summary>The naive store agrees with the real one on a story of leases and locks, and rejects each answer that is bent.</summary>
public sealed class NaiveCoordinationTests
{
    private readonly MvccStore _store = new();
    private readonly NaiveStore _naive = new();

    [Fact]
    public void A_story_of_leases_locks_fences_guards_and_keys_is_right()
    {
        foreach (KvCommand command in Story())
        {
            Assert.Null(_naive.Run(command, Apply(command), term: 3, _store.AppliedIndex.Value));
            Assert.Null(_naive.CheckWhole(_store.Publish()));
        }

        Assert.Null(_naive.CheckWhole(_store.Publish()));
        Assert.Null(_naive.CheckQueue(_store.View.GetLockQueue(LockKind.Lock, "a"u8.ToArray())));
        Assert.Equal(3, _naive.Places.Count);
    }

    [Fact]
    public void Every_answer_of_the_story_is_rejected_when_its_status_or_its_revision_is_bent()
    {
        List<KvCommand> story = [.. Story()];
        for (int bent = 0; bent < story.Count; bent++)
        {
            Assert.NotNull(Bend(
                story, bent, static r => r with { Status = r.Status == CommandStatus.Ok ? CommandStatus.LeaseNotFound : CommandStatus.Ok }));
            Assert.NotNull(Bend(story, bent, static r => r with { Revision = r.Revision.Next }));
            Assert.NotNull(Bend(story, bent, static r => r with { IsReplayed = !r.IsReplayed }));
        }
    }

    [Fact]
    public void Other_fields_of_an_answer_are_held_to_the_model_too()
    {
        List<KvCommand> story = [.. Story()];
        int place = story.FindIndex(static c => c is MutateCommand { Op: AcquireOp { IsTry: false } });
        Assert.NotNull(Bend(story, place, static r => r with { Result = (AcquireResult)r.Result! with { IsHolder = false } }));
        Assert.NotNull(Bend(story, place, static r => r with { Result = (AcquireResult)r.Result! with { Position = 1 } }));
        int end = story.FindIndex(static c => c is ExpireLeaseCommand { Term.Value: 3 });
        Assert.NotNull(Bend(story, end, static r => r with { Result = (LeaseEndedResult)r.Result! with { DeletedCount = 1 } }));
    }

    [Fact]
    public void A_store_that_ends_in_another_state_is_rejected()
    {
        foreach (KvCommand command in Story())
        {
            _naive.Run(command, Apply(command), term: 3, _store.AppliedIndex.Value);
        }

        Apply(new GrantLeaseCommand(new LeaseId(77), 1_000));
        Assert.NotNull(_naive.CheckWhole(_store.Publish()));
    }

    private static IEnumerable<KvCommand> Story()
    {
        var keyed = new CommandKey("once"u8.ToArray(), new byte[16]);
        yield return new GrantLeaseCommand(new LeaseId(1), 1_000);
        yield return new GrantLeaseCommand(new LeaseId(1), 1_000);
        yield return new MutateCommand(Put("k/1", 1));
        yield return new MutateCommand(Put("k/2", 9));
        yield return new MutateCommand(new TxnOp([], [Put("k/2", 1), Put("k/3", 1)], []));
        yield return new MutateCommand(Put("k/3", 0));
        yield return new MutateCommand(Acquire(lease: 1, ttlMs: 0));
        yield return new MutateCommand(Acquire(lease: 2, ttlMs: 500));
        yield return new MutateCommand(Acquire(lease: 2, ttlMs: 500));
        yield return new MutateCommand(Acquire(lease: 2, ttlMs: 0));
        yield return new MutateCommand(Acquire(lease: 3, ttlMs: 500, isTry: true));
        yield return new SetGuardCommand("f"u8.ToArray(), new LockName(LockKind.Lock, "a"u8.ToArray()));
        yield return new MutateCommand(Put("fa", 0));
        yield return new MutateCommand(Put("fa", 0)) { Fences = [Token(5)] };
        yield return new MutateCommand(Put("fa", 0)) { Fences = [Token(6)] };
        yield return new MutateCommand(new IncrementOp("i0"u8.ToArray(), 4)) { Idempotency = keyed };
        yield return new MutateCommand(new IncrementOp("i0"u8.ToArray(), 4)) { Idempotency = keyed };
        byte[] otherHash = [1, .. new byte[15]];
        yield return new MutateCommand(new IncrementOp("i0"u8.ToArray(), 4)) { Idempotency = keyed with { PayloadHash = otherHash } };
        yield return new ExpireLeaseCommand(new LeaseId(1), new Term(2));
        yield return new ExpireLeaseCommand(new LeaseId(1), new Term(3));
        yield return new MutateCommand(Put("fa", 0)) { Fences = [Token(6)] };
        yield return new RevokeLeaseCommand(new LeaseId(1));
        yield return new MutateCommand(Acquire(lease: 4, ttlMs: 500));
        yield return new RemoveGuardCommand("f"u8.ToArray());
        yield return new RemoveGuardCommand("f"u8.ToArray());
        yield return new AdvanceTimeCommand(5_000);

        // Client sessions: out of order, repeats, floors, a drop, a refusal for each reason.
        yield return new SetOnceLimitsCommand(new() { FloorMs = 1_000, MaxSessions = 2, MaxAnswersPerSession = 2, SharedBytes = 500 });
        yield return new OpenSessionCommand(new ClientSessionId(1));
        yield return new OpenSessionCommand(new ClientSessionId(1));
        yield return Stamped(session: 1, sequence: 2);
        yield return Stamped(session: 1, sequence: 1);
        yield return Stamped(session: 1, sequence: 2);
        yield return Stamped(session: 1, sequence: 3);
        yield return Stamped(session: 1, sequence: 3, acknowledged: 2);
        yield return Stamped(session: 1, sequence: 2);
        yield return Stamped(session: 9, sequence: 1);
        yield return new OpenSessionCommand(new ClientSessionId(2));
        yield return new OpenSessionCommand(new ClientSessionId(3));
        yield return Stamped(session: 1, sequence: 3);
        yield return Stamped(session: 2, sequence: 1);
        yield return new CloseSessionCommand(new ClientSessionId(2));
        yield return Stamped(session: 2, sequence: 1);

        // Keys: another author's, a full share, the floor, and what is born too early or too late.
        KvCommand add = new MutateCommand(new IncrementOp("i0"u8.ToArray(), 4)) { Idempotency = keyed };
        yield return add with { Principal = "ann"u8.ToArray() };
        yield return add with { Idempotency = keyed with { Key = "other"u8.ToArray() } };
        yield return add with { Idempotency = keyed with { Key = "third"u8.ToArray() } };
        yield return new AdvanceTimeCommand(1_000);
        yield return add with { Idempotency = keyed with { Key = "third"u8.ToArray() } };
        yield return add with { Principal = "ann"u8.ToArray() };
        yield return add with { Idempotency = keyed with { Key = "born=5000;x"u8.ToArray() } };
        yield return add with { Idempotency = keyed with { Key = "born=6001;x"u8.ToArray() } };
    }

    private static MutateCommand Stamped(long session, long sequence, long acknowledged = 0) => new(new IncrementOp("j0"u8.ToArray(), 1))
    {
        Session = new SessionStamp(new ClientSessionId(session), sequence, acknowledged, new byte[16]),
    };

    private static PutOp Put(string key, long lease) => new(Encoding.ASCII.GetBytes(key), "v"u8.ToArray(), new LeaseId(lease));

    private static Fence Token(long revision) => new(LockKind.Lock, "a"u8.ToArray(), new Revision(revision));

    private static AcquireOp Acquire(long lease, long ttlMs, bool isTry = false) =>
        new(LockKind.Lock, "a"u8.ToArray(), LockMode.Exclusive, new LeaseId(lease), "o"u8.ToArray(), IsTry: isTry, TtlMs: ttlMs);

    private CommandResult Apply(KvCommand command) =>
        _store.Apply(_store.AppliedIndex.Next, KvCommandCodec.Encode(command), new Term(3));

    private static string? Bend(List<KvCommand> story, int bent, Func<CommandResult, CommandResult> bend)
    {
        var test = new NaiveCoordinationTests();
        for (int i = 0; i < bent; i++)
        {
            test._naive.Run(story[i], test.Apply(story[i]), term: 3, i + 1);
        }

        return test._naive.Run(story[bent], bend(test.Apply(story[bent])), term: 3, bent + 1);
    }
}
