using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>Fences on writes, and prefixes that ask for one (K3).</summary>
public sealed class FenceAndGuardTests
{
    [Fact]
    public void K3_a_write_runs_only_while_its_token_holds()
    {
        StoreHarness store = Locked(out Revision first);
        AcquireResult second = (AcquireResult)store.Lock("m", 2).Result!;
        Assert.Equal(CommandStatus.Ok, Write(store, "a", first).Status);
        Assert.Equal(CommandStatus.FenceLost, Write(store, "a", second.Token).Status);
        Assert.Equal(CommandStatus.FenceLost, Write(store, "a", new Revision(first.Value + 100)).Status);
        long before = store.Revision;
        store.Apply(new RevokeLeaseCommand(new LeaseId(1)));
        Assert.Equal(CommandStatus.FenceLost, Write(store, "a", first).Status);
        Assert.Equal(CommandStatus.Ok, Write(store, "a", second.Token).Status);
        Assert.Equal(before + 2, store.Revision);
    }

    [Fact]
    public void Every_fence_of_a_command_has_to_hold_and_of_its_own_kind()
    {
        StoreHarness store = Locked(out Revision token);
        MutateCommand put = new(Put("a", "1"));
        Fence holds = new(LockKind.Lock, Bytes("m"), token);
        Assert.Equal(CommandStatus.FenceLost, store.Apply(put with { Fences = [holds, holds with { Name = Bytes("n") }] }).Status);
        Assert.Equal(CommandStatus.FenceLost, store.Apply(put with { Fences = [holds with { Kind = LockKind.Election }] }).Status);
        Assert.Equal(CommandStatus.Ok, store.Apply(put with { Fences = [holds, holds] }).Status);
        Assert.Equal(CommandStatus.FenceLost, store.Apply(new GrantLeaseCommand(new LeaseId(9), 500)
        {
            Fences = [holds with { Token = new Revision(99) }],
        }).Status);
        Assert.Null(store.View.GetLease(new LeaseId(9)));
    }

    [Fact]
    public void Under_a_guarded_prefix_every_kind_of_write_asks_for_a_fence()
    {
        StoreHarness store = Locked(out Revision token);
        store.Run(Put("g/1", "5"));
        store.Apply(new SetGuardCommand(Bytes("g/")));
        KvOp[] writes =
        [
            Put("g/1", "6"), Add("g/1", 1), Delete("g/1"), Delete("g/none"), DeletePrefix("g"), DeletePrefix("g/1"),
            new DeleteRangeOp(KeyRange.Between(Bytes("a"), Bytes("g/0"))), Txn([], [Put("free", "1"), Txn([], [Put("g/2", "1")])]),
            new DeleteRangeOp(KeyRange.All),
        ];
        ulong before = store.View.StateHash;
        Assert.All(writes, op => Assert.Equal(CommandStatus.FenceRequired, store.Run(op).Status));
        Assert.Equal(before, store.View.StateHash);

        KvOp[] free =
        [
            Put("g", "1"), Put("h", "1"), Read("g/1"), new DeleteRangeOp(KeyRange.Between(Bytes("a"), Bytes("g/"))),
            new DeleteRangeOp(KeyRange.Between(Bytes("g0"), Bytes("z"))), new DeleteRangeOp(KeyRange.Between(Bytes("z"), Bytes("a"))),
            Txn([If("g/1", CompareTarget.Version, CompareOperator.Equal, 99)], [Put("g/2", "1")], Put("x", "1")),
        ];
        Assert.All(free, op => Assert.Equal(CommandStatus.Ok, store.Run(op).Status));
        Assert.All(writes, op => Assert.Equal(CommandStatus.Ok, store.Apply(Fenced(op, token)).Status));
    }

    [Fact]
    public void A_guard_that_names_a_lock_wants_that_lock_and_nested_guards_want_theirs_too()
    {
        StoreHarness store = Locked(out Revision token);
        store.Apply(new SetGuardCommand(Bytes("g/"), new LockName(LockKind.Lock, Bytes("m"))));
        store.Apply(new SetGuardCommand(Bytes("g/n/"), new LockName(LockKind.Election, Bytes("e"))));
        Assert.Equal(CommandStatus.Ok, store.Apply(Fenced(Put("g/1", "1"), token)).Status);
        Assert.Equal(CommandStatus.FenceRequired, store.Apply(Fenced(Put("g/n/1", "1"), token)).Status);
        AcquireResult leader = (AcquireResult)store.Run(
            new AcquireOp(LockKind.Election, Bytes("e"), LockMode.Exclusive, new LeaseId(2), default)).Result!;
        Fence both = new(LockKind.Election, Bytes("e"), leader.Token);
        Assert.Equal(CommandStatus.FenceRequired, store.Apply(new MutateCommand(Put("g/n/1", "1")) { Fences = [both] }).Status);
        MutateCommand fenced = Fenced(Put("g/n/1", "1"), token);
        Assert.Equal(CommandStatus.Ok, store.Apply(fenced with { Fences = [.. fenced.Fences, both] }).Status);
    }

    [Fact]
    public void Locks_themselves_and_the_ends_of_leases_ask_for_no_fence()
    {
        StoreHarness store = Locked(out Revision token);
        store.Run(new PutOp(Bytes("g/1"), Bytes("v"), new LeaseId(2)));
        store.Apply(new SetGuardCommand(Bytes("_")));
        store.Apply(new SetGuardCommand(Bytes("g")));
        AcquireResult waiting = (AcquireResult)store.Lock("m", 2).Result!;
        Assert.Equal(CommandStatus.Ok, store.Run(new DeleteRangeOp(KeyRange.Single(waiting.Entry.Key))).Status);
        Assert.Equal(CommandStatus.Ok, store.Apply(new RevokeLeaseCommand(new LeaseId(2))).Status);
        Assert.Null(store.Value("g/1"));
        Assert.True(store.View.IsHolder(LockKind.Lock, Bytes("m"), token));
    }

    [Fact]
    public void Guards_are_listed_replaced_removed_and_saved()
    {
        StoreHarness store = new();
        store.Apply(new SetGuardCommand(Bytes("b")));
        store.Apply(new SetGuardCommand(Bytes("a"), new LockName(LockKind.Semaphore, Bytes("s"))));
        store.Apply(new SetGuardCommand(Bytes("b"), new LockName(LockKind.Lock, Bytes("m"))));
        StoreHarness loaded = new(Load(Snapshot(store.View)));
        Assert.Equal(["a Semaphore s", "b Lock m"], loaded.View.ListGuards().Select(
            guard => $"{Text(guard.Prefix)} {guard.Lock!.Kind} {Text(guard.Lock.Name)}"));
        Assert.Equal(CommandStatus.FenceRequired, loaded.Run(Put("b1", "1")).Status);
        Assert.Equal(CommandStatus.Ok, loaded.Apply(new RemoveGuardCommand(Bytes("b"))).Status);
        Assert.Equal(CommandStatus.GuardNotFound, loaded.Apply(new RemoveGuardCommand(Bytes("b"))).Status);
        Assert.Equal(CommandStatus.Ok, loaded.Run(Put("b1", "1")).Status);
        Assert.Equal(CommandStatus.FenceRequired, loaded.Run(Put("a1", "1")).Status);
    }

    [Fact]
    public void Every_guard_that_is_a_prefix_is_found_among_many_others()
    {
        DeterministicRandom random = new(81);
        StoreHarness store = new();
        List<string> prefixes = [];
        for (int i = 0; i < 300; i++)
        {
            string prefix = Draw(random, random.Next(3, 9));
            prefixes.Add(prefix);
            store.Apply(new SetGuardCommand(Bytes(prefix)));
        }

        int guarded = 0;
        for (int i = 0; i < 3_000; i++)
        {
            string key = (random.Chance(500) ? prefixes[random.Next(prefixes.Count)][..2] : "") + Draw(random, random.Next(1, 8));
            bool isGuarded = prefixes.Exists(prefix => key.StartsWith(prefix, StringComparison.Ordinal));
            Assert.Equal(isGuarded ? CommandStatus.FenceRequired : CommandStatus.Ok, store.Run(Put(key, "1")).Status);
            guarded += isGuarded ? 1 : 0;
        }

        Assert.InRange(guarded, 300, 2_700);
    }

    private static string Draw(DeterministicRandom random, int length) =>
        string.Concat(Enumerable.Range(0, length).Select(_ => "abcde"[random.Next(5)]));

    private static StoreHarness Locked(out Revision token)
    {
        StoreHarness store = new();
        store.Grant(1);
        store.Grant(2);
        token = ((AcquireResult)store.Lock("m", 1).Result!).Token;
        return store;
    }

    private static MutateCommand Fenced(KvOp op, Revision token) => new(op) { Fences = [new Fence(LockKind.Lock, Bytes("m"), token)] };

    private static CommandResult Write(StoreHarness store, string key, Revision token) => store.Apply(Fenced(Put(key, "1"), token));
}
