using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Idempotency;
using RaftKv.Core.Store.Reading;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>Keyed commands: once, and the same answer ever after (A3, trap 10).</summary>
public sealed class IdempotencyTests
{
    private static readonly string[] KindNames =
        ["put", "delete", "read", "add", "txn", "guard failed", "grant", "revoke", "no lease", "lock", "held", "compact", "duplicate"];

    public static TheoryData<string> Kinds => [.. KindNames];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A3_a_repeat_changes_nothing_and_gets_the_first_answer_also_after_a_snapshot(string kind)
    {
        StoreHarness store = Prepared();
        KvCommand command = Keyed(Make(kind), "key", hash: 1);
        CommandResult first = store.Apply(command);
        store.Run(Put("a", "meanwhile"));
        store.Run(Put("fresh", "meanwhile"));
        ulong hash = store.View.StateHash;
        long revision = store.Revision;

        CommandResult second = store.Apply(command);
        StoreHarness loaded = new(Load(Snapshot(store.View, blockBytes: 64)));
        CommandResult third = loaded.Apply(command);
        string expected = Describe.Command(first with { IsReplayed = true });
        Assert.False(first.IsReplayed);
        Assert.Equal(expected, Describe.Command(second));
        Assert.Equal(expected, Describe.Command(third));
        Assert.Equal((hash, revision), (store.View.StateHash, store.Revision));
        Assert.Equal((hash, revision), (loaded.View.StateHash, loaded.Revision));
    }

    [Fact]
    public void Another_request_under_the_same_key_is_refused_and_changes_nothing()
    {
        StoreHarness store = Prepared();
        store.Apply(Keyed(new MutateCommand(Put("a", "1")), "key", hash: 1));
        ulong hash = store.View.StateHash;
        CommandResult result = store.Apply(Keyed(new MutateCommand(Put("a", "2")), "key", hash: 2));
        Assert.Equal((CommandStatus.IdempotencyReused, false), (result.Status, result.IsReplayed));
        Assert.Equal(hash, store.View.StateHash);
        Assert.Equal(CommandStatus.Ok, store.Apply(Keyed(new MutateCommand(Put("a", "2")), "other", hash: 2)).Status);
    }

    [Fact]
    public void An_answer_lives_a_day_of_cluster_time_and_then_the_command_runs_again()
    {
        StoreHarness store = Prepared();
        KvCommand command = Keyed(new MutateCommand(Add("n", 1)), "key", hash: 1);
        store.Apply(command);
        Advance(store, KvLimits.IdempotencyTtlMs - 1);
        Assert.True(store.Apply(command).IsReplayed);
        Advance(store, 1);
        Assert.False(store.Apply(command).IsReplayed);
        Assert.Equal("2", store.Value("n"));
        Assert.True(store.Apply(command).IsReplayed);
    }

    [Fact]
    public void What_has_expired_is_removed_in_bounded_steps_and_counts_as_gone_at_once()
    {
        const int Keys = IdempotencyTable.RemovedPerAdvance + 100;
        StoreHarness store = new();
        long empty = store.View.Records.Root.LiveCount;
        for (int i = 0; i < Keys; i++)
        {
            store.Apply(Keyed(new MutateCommand(Add("n", 1)), $"k{i}", hash: 1));
        }

        Assert.Equal(empty + (2 * Keys), store.View.Records.Root.LiveCount);
        Advance(store, KvLimits.IdempotencyTtlMs);
        Assert.Equal(empty + 200 + 1, store.View.Records.Root.LiveCount);

        // One of those that wait for their removal runs again, and takes 16 of the others with it.
        Assert.False(store.Apply(Keyed(new MutateCommand(Add("n", 1)), $"k{Keys - 1}", hash: 1)).IsReplayed);
        Assert.InRange(store.View.Records.Root.LiveCount, 100, empty + 200 + 3 - (2 * IdempotencyTable.RemovedPerCommand));
        Advance(store, 1);
        Assert.Equal(empty + 1 + 2, store.View.Records.Root.LiveCount);
        Assert.True(store.Store.HasIdempotencyRecords);
        Advance(store, KvLimits.IdempotencyTtlMs);
        Assert.False(store.Store.HasIdempotencyRecords);
    }

    [Fact]
    public void What_only_says_not_now_is_not_kept()
    {
        StoreHarness store = Prepared();
        store.Grant(2);
        store.Lock("m", 1);
        AcquireOp full = new(LockKind.Lock, Bytes("m"), LockMode.Exclusive, new LeaseId(2), default, MaxQueue: 1);
        KvCommand command = Keyed(new MutateCommand(full), "key", hash: 1);
        Assert.Equal(CommandStatus.QueueFull, store.Apply(command).Status);
        store.Apply(new RevokeLeaseCommand(new LeaseId(1)));
        CommandResult result = store.Apply(command);
        Assert.Equal((CommandStatus.Ok, false), (result.Status, result.IsReplayed));
    }

    [Fact]
    public void An_answer_that_is_too_large_to_keep_is_said_to_be_so_and_the_command_does_not_run_again()
    {
        StoreHarness store = new();
        for (int i = 0; i < 4; i++)
        {
            store.Run(new PutOp(Bytes($"large{i}"), new byte[KvLimits.MaxValueBytes]));
        }

        KvCommand command = Keyed(new MutateCommand(DeletePrefix("large")), "key", hash: 1);
        Assert.Equal(4, ((DeleteRangeResult)store.Apply(command).Result!).DeletedCount);
        store.Run(Put("large", "again"));
        CommandResult second = store.Apply(command);
        Assert.Equal((CommandStatus.AnswerNotKept, true), (second.Status, second.IsReplayed));
        Assert.Equal("again", store.Value("large"));
        StoreHarness loaded = new(Load(Snapshot(store.View)));
        Assert.Equal(CommandStatus.AnswerNotKept, loaded.Apply(command).Status);
    }

    [Fact]
    public void A_full_table_refuses_new_keys_answers_old_ones_and_drops_none()
    {
        StoreHarness store = new();
        int count = 0;
        PutOp put = new(Bytes("k"), new byte[1_400_000], WantsPrevious: true);
        while (store.Apply(Keyed(new MutateCommand(put), $"k{count}", hash: 1)).Status == CommandStatus.Ok)
        {
            count++;
        }

        Assert.InRange(count, 90, 110);
        CommandResult refused = store.Apply(Keyed(new MutateCommand(Put("a", "1")), "new", hash: 1));
        Assert.Equal((CommandStatus.Overloaded, false), (refused.Status, refused.IsReplayed));
        Assert.Null(store.Value("a"));
        Assert.True(store.Apply(Keyed(new MutateCommand(put), "k0", hash: 1)).IsReplayed);
        Assert.Equal(CommandStatus.Ok, store.Run(Put("a", "1")).Status);
    }

    [Fact]
    public void A_keyed_command_that_lost_its_fence_stays_lost()
    {
        StoreHarness store = Prepared();
        KvCommand command = Keyed(
            new MutateCommand(Put("a", "1")) { Fences = [new Fence(LockKind.Lock, Bytes("m"), new Revision(3))] }, "key", hash: 1);
        Assert.Equal(CommandStatus.FenceLost, store.Apply(command).Status);
        Assert.Equal((CommandStatus.FenceLost, true), (store.Apply(command).Status, store.Apply(command).IsReplayed));
    }

    [Fact]
    public void Damaged_answers_are_refused_or_decode_and_never_throw()
    {
        DeterministicRandom random = new(83);
        foreach (string kind in KindNames)
        {
            CommandResult result = Prepared().Apply(Make(kind));
            byte[] bytes = new byte[CommandResultCodec.SizeOf(result)];
            CommandResultCodec.Encode(result, bytes);
            Assert.True(CommandResultCodec.TryDecode(bytes, out CommandResult? same));
            Assert.Equal(Describe.Command(result), Describe.Command(same!));
            for (int length = 0; length < bytes.Length; length++)
            {
                Assert.False(CommandResultCodec.TryDecode(bytes.AsMemory(0, length), out _));
            }

            Assert.False(CommandResultCodec.TryDecode((byte[])[.. bytes, 0], out _));
            for (int i = 0; i < 2_000; i++)
            {
                byte[] damaged = (byte[])bytes.Clone();
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                CommandResultCodec.TryDecode(damaged, out _);
            }
        }
    }

    [Theory]
    [InlineData(0, 16)]
    [InlineData(256, 16)]
    [InlineData(3, 15)]
    public void A_key_or_a_hash_of_another_length_is_no_command(int keyBytes, int hashBytes) =>
        Assert.Throws<ArgumentException>(() => KvCommandCodec.Encode(
            new MutateCommand(Put("a", "1")) { Idempotency = new CommandKey(new byte[keyBytes], new byte[hashBytes]) }));

    [Fact]
    public void What_nodes_propose_themselves_carries_no_key()
    {
        Assert.Throws<ArgumentException>(() => KvCommandCodec.Encode(Keyed(new AdvanceTimeCommand(1), "key", hash: 1)));
        Assert.Throws<ArgumentException>(() => KvCommandCodec.Encode(new AdvanceTimeCommand(KvLimits.MaxAdvanceMs + 1)));
        Assert.Throws<ArgumentException>(() => KvCommandCodec.Encode(new AdvanceTimeCommand(0)));
    }

    private static StoreHarness Prepared()
    {
        StoreHarness store = new();
        store.Grant(1);
        store.Grant(9);
        store.Run(Put("a", "old"));
        store.Run(new PutOp(Bytes("leased"), Bytes("v"), new LeaseId(9)));
        store.Lock("taken", 9);
        return store;
    }

    private static KvCommand Make(string kind) => kind switch
    {
        "put" => new MutateCommand(Put("a", "1", wantsPrevious: true)),
        "delete" => new MutateCommand(DeletePrefix("")),
        "read" => new MutateCommand(Read("a")),
        "add" => new MutateCommand(Add("n", 3)),
        "txn" => new MutateCommand(Txn([], [Put("b", "1"), Txn([], [Read("a"), Delete("none")])])),
        "guard failed" => new MutateCommand(Put("a", "1"), If("a", CompareTarget.Version, CompareOperator.Equal, 0)),
        "grant" => new GrantLeaseCommand(new LeaseId(5), 700),
        "revoke" => new RevokeLeaseCommand(new LeaseId(9)),
        "no lease" => new RevokeLeaseCommand(new LeaseId(77)),
        "lock" => new MutateCommand(new AcquireOp(LockKind.Lock, Bytes("m"), LockMode.Exclusive, new LeaseId(6), Bytes("x"), TtlMs: 500)),
        "held" => new MutateCommand(new AcquireOp(LockKind.Lock, Bytes("taken"), LockMode.Shared, new LeaseId(1), default, IsTry: true)),
        "compact" => new CompactCommand(new Revision(2)),
        "duplicate" => new MutateCommand(Txn([], [Put("a", "1"), Put("a", "2")])),
        _ => throw new ArgumentException(kind),
    };

    private static KvCommand Keyed(KvCommand command, string key, byte hash) =>
        command with { Idempotency = new CommandKey(Bytes(key), Enumerable.Repeat(hash, 16).ToArray()) };

    private static void Advance(StoreHarness store, long ms)
    {
        for (; ms > 0; ms -= KvLimits.MaxAdvanceMs)
        {
            Assert.Equal(CommandStatus.Ok, store.Apply(new AdvanceTimeCommand(Math.Min(ms, KvLimits.MaxAdvanceMs))).Status);
        }
    }
}
