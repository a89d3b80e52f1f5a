using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Once;
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
        string expected = Describe.Kept(first);
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
        Advance(store, OnceLimits.Default.WindowMs - 1);
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
        for (int i = 0; i < Keys; i++)
        {
            store.Apply(Keyed(new MutateCommand(Add("n", 1)), $"k{i:d5}", hash: 1));
        }

        Advance(store, OnceLimits.Default.WindowMs);
        Assert.Equal(100, store.View.Once.Keys);

        // One of those that wait for their removal runs again, and takes others with it.
        Assert.False(store.Apply(Keyed(new MutateCommand(Add("n", 1)), $"k{Keys - 1:d5}", hash: 1)).IsReplayed);
        Assert.Equal(100 - IdempotencyTable.RemovedPerCommand, store.View.Once.Keys);
        Advance(store, 1);
        Assert.Equal(1, store.View.Once.Keys);
        Assert.True(store.Store.HasIdempotencyRecords);
        Advance(store, OnceLimits.Default.WindowMs);
        Assert.False(store.Store.HasIdempotencyRecords);
        Assert.Equal((0L, 0L), (store.View.Once.KeyBytes, store.View.Once.SharedKeyBytes));
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
    public void A_large_answer_is_kept_as_its_digest_and_the_command_does_not_run_again()
    {
        StoreHarness store = new();
        for (int i = 0; i < 4; i++)
        {
            store.Run(new PutOp(Bytes($"large{i}"), new byte[KvLimits.MaxValueBytes]));
        }

        KvCommand command = Keyed(new MutateCommand(DeletePrefix("large")), "key", hash: 1);
        CommandResult first = store.Apply(command);
        Assert.Equal(4, ((DeleteRangeResult)first.Result!).DeletedCount);
        Assert.InRange(store.View.Once.KeyBytes, 1, 1_000);
        store.Run(Put("large", "again"));
        CommandResult second = store.Apply(command);
        Assert.Equal((CommandStatus.AnswerNotKept, true, first.Revision), (second.Status, second.IsReplayed, second.Revision));
        Assert.Equal(AnswerDigest.Of(first), second.Digest);
        Assert.Equal("again", store.Value("large"));
        StoreHarness loaded = new(Load(Snapshot(store.View)));
        Assert.Equal(second, loaded.Apply(command));
    }

    [Fact]
    public void A_large_put_keeps_its_whole_answer_since_its_value_is_no_part_of_it()
    {
        StoreHarness store = new();
        KvCommand put = Keyed(new MutateCommand(new PutOp(Bytes("k"), new byte[1_000_000])), "key", hash: 1);
        CommandResult first = store.Apply(put);
        Assert.Equal(Describe.Kept(first), Describe.Command(store.Apply(put)));
        Assert.InRange(store.View.Once.KeyBytes, 1, 1_000);
    }

    [Fact]
    public void The_digest_tells_answers_apart_that_differ_in_anything_but_a_value()
    {
        StoreHarness store = new();
        CommandResult first = store.Run(Put("a", "1", wantsPrevious: true));
        CommandResult second = store.Run(Put("a", "1", wantsPrevious: true));
        CommandResult txn = store.Run(Txn([], [Read("a"), Read("b")]));
        CommandResult other = store.Run(Txn([], [Read("b"), Read("a")]));
        Assert.Equal(4, new[] { first, second, txn, other }.Select(AnswerDigest.Of).Distinct().Count());
        Assert.Equal(second.Revision, txn.Revision);
        CommandResult before = store.Run(Txn([], [Read("a", revision: 2)]));
        CommandResult after = store.Run(Txn([], [Read("a", revision: 3)]));
        Assert.Equal(before.Revision, after.Revision);
        Assert.NotEqual(AnswerDigest.Of(before), AnswerDigest.Of(after));
        Assert.Equal(AnswerDigest.Of(txn), AnswerDigest.Of(store.Run(Txn([], [Read("a"), Read("b")]))));
    }

    [Fact]
    public void A3_no_answer_goes_before_the_floor_and_a_full_share_refuses_new_keys_with_the_time_that_helps()
    {
        StoreHarness store = Limited(new() { SharedBytes = 5_000 });
        int count = Fill(store, "k");
        Advance(store, OnceLimits.Default.FloorMs - 1_000);
        CommandResult refused = store.Apply(Keyed(new MutateCommand(Put("a", "1")), "new", hash: 1));
        Assert.Equal((CommandStatus.Overloaded, false, 1_000L), (refused.Status, refused.IsReplayed, refused.RetryAfterMs));
        Assert.Null(store.Value("a"));
        for (int i = 0; i < count; i++)
        {
            Assert.True(store.Apply(Keyed(new MutateCommand(Add("n", 1)), $"k{i:d3}", hash: 1)).IsReplayed);
        }

        Assert.Equal(CommandStatus.Ok, store.Run(Put("a", "1")).Status);
        Advance(store, 1_000);
        Assert.Equal(CommandStatus.Ok, store.Apply(Keyed(new MutateCommand(Put("a", "2")), "new", hash: 1)).Status);
        Assert.Equal(count, store.View.Once.Keys);
    }

    [Fact]
    public void Q3_who_fills_his_share_refuses_nobody_else()
    {
        StoreHarness store = Limited(new() { SharedBytes = 5_000, OwnerBytes = 3_000 });
        store.Apply(new OpenSessionCommand(new ClientSessionId(4)));
        Fill(store, "k");
        Fill(store, "u", principal: "ann");
        KvCommand small = new MutateCommand(Put("a", "1"));
        SessionStamp session = new(new ClientSessionId(4), 0, 0, default);
        Assert.Equal(CommandStatus.Overloaded, store.Apply(Keyed(small, "new", hash: 1)).Status);
        Assert.Equal(CommandStatus.Overloaded, store.Apply(Keyed(small, "new", hash: 1) with { Principal = Bytes("ann") }).Status);
        Assert.Equal(CommandStatus.Ok, store.Apply(Keyed(small, "new", hash: 1) with { Principal = Bytes("bob") }).Status);
        Assert.Equal(CommandStatus.Ok, store.Apply(Keyed(small, "new", hash: 1) with { Session = session }).Status);
        Assert.Equal(CommandStatus.Ok, store.Apply(small).Status);
    }

    [Fact]
    public void Q1_the_limits_follow_the_smallest_member_down_and_up_and_over_snapshots()
    {
        StoreHarness store = new();
        long whole = store.View.Once.Limits.SharedBytes;
        store.Apply(new ReportBudgetCommand(new NodeId(1), 1L << 40));
        Assert.Equal(OnceLimits.Default, store.View.Once.Limits);
        store.Apply(new ReportBudgetCommand(new NodeId(2), 90_000_000));
        Assert.Equal(9_000_000, store.View.Once.Limits.SharedBytes);
        Assert.Equal((15, 4_000_000 / 15), (store.View.Once.Limits.MaxOwners, store.View.Once.Limits.OwnerBytes));
        Assert.Equal((4_096, 7_000_000), (store.View.Once.Limits.MaxSessions, store.View.Once.Limits.SessionTableBytes));

        // Set by hand they hold as far as the budget lets them.
        store.Apply(new SetOnceLimitsCommand(new() { SharedBytes = 5_000, MaxSessions = 9_999 }));
        Assert.Equal((5_000, 6_835), (store.View.Once.Limits.SharedBytes, store.View.Once.Limits.MaxSessions));
        Assert.Equal(store.View.Once.Limits, new StoreHarness(Load(Snapshot(store.View))).View.Once.Limits);
        store.Apply(new ReportBudgetCommand(new NodeId(3), 1));
        OnceLimits least = store.View.Once.Limits;
        Assert.Equal((5_000, 1, 358), (least.SharedBytes, least.MaxOwners, least.MaxSessions));
        store.Apply(new SetOnceLimitsCommand(OnceLimits.Default));
        store.Apply(new ReportBudgetCommand(new NodeId(2), 0));
        store.Apply(new ReportBudgetCommand(new NodeId(3), 0));
        Assert.Equal(whole, store.View.Once.Limits.SharedBytes);
    }

    [Fact]
    public void A_full_share_drops_its_oldest_beyond_the_floor_and_no_more_than_it_needs()
    {
        StoreHarness store = Limited(new() { SharedBytes = 5_000 });
        int count = Fill(store, "k");
        Advance(store, OnceLimits.Default.FloorMs);
        Assert.Equal(CommandStatus.Ok, store.Apply(Keyed(new MutateCommand(Put("a", "1")), "new", hash: 1)).Status);
        Assert.Equal(count, store.View.Once.Keys);
        Assert.True(store.Apply(Keyed(new MutateCommand(Add("n", 1)), "k001", hash: 1)).IsReplayed);
        Assert.False(store.Apply(Keyed(new MutateCommand(Add("n", 1)), "k000", hash: 1)).IsReplayed);
    }

    [Fact]
    public void Trap_23_a_repeat_shows_its_answer_only_to_its_author()
    {
        StoreHarness store = Prepared();
        KvCommand read = Keyed(new MutateCommand(Txn([], [Read("a"), Add("n", 1)])), "key", hash: 1);
        store.Apply(read with { Principal = Bytes("ann") });
        Assert.False(store.Apply(read with { Principal = Bytes("bob") }).IsReplayed);
        Assert.False(store.Apply(read).IsReplayed);
        Assert.True(store.Apply(read with { Principal = Bytes("ann") }).IsReplayed);
        Assert.Equal("3", store.Value("n"));
    }

    [Fact]
    public void A_key_that_says_when_it_was_born_is_refused_once_its_answer_may_be_gone_and_never_runs_twice()
    {
        StoreHarness store = Limited(new() { SharedBytes = 5_000 });
        Advance(store, 1_000_000);
        KvCommand command = Keyed(new MutateCommand(Add("n", 1)), "born=1000000;order-7", hash: 1);
        Assert.False(store.Apply(command).IsReplayed);
        Assert.True(store.Apply(command).IsReplayed);
        Advance(store, OnceLimits.Default.FloorMs);
        Assert.True(store.Apply(command).IsReplayed);
        Fill(store, "k");
        Assert.Equal((CommandStatus.IdempotencyExpired, false), (store.Apply(command).Status, store.Apply(command).IsReplayed));
        Assert.Equal("1", store.Value("n"));
        KvCommand early = Keyed(new MutateCommand(Add("n", 1)), "born=1600001;order-8", hash: 1);
        Assert.Equal(CommandStatus.KeyFromFuture, store.Apply(early).Status);
    }

    [Theory]
    [InlineData("born=;x")]
    [InlineData("born=12")]
    [InlineData("born=12;")]
    [InlineData("born=-1;x")]
    [InlineData("born=99999999999999999999;x")]
    [InlineData("Born=12;x")]
    public void Any_other_key_is_a_plain_one(string key) => Assert.False(BornKey.TryParse(Bytes(key).Span, out _));

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
            Assert.Equal(Describe.Kept(result), Describe.Command(same! with { IsReplayed = true }));
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
        Assert.Throws<ArgumentException>(() => KvCommandCodec.Encode(new SetOnceLimitsCommand(new() { WindowMs = 1 })));
    }

    private static StoreHarness Limited(OnceLimits limits)
    {
        StoreHarness store = new();
        Assert.Equal(CommandStatus.Ok, store.Apply(new SetOnceLimitsCommand(limits)).Status);
        return store;
    }

    private static int Fill(StoreHarness store, string prefix, string principal = "")
    {
        int count = 0;
        while (store.Apply(
            Keyed(new MutateCommand(Add("n" + prefix, 1)), $"{prefix}{count:d3}", hash: 1) with { Principal = Bytes(principal) })
            .Status == CommandStatus.Ok)
        {
            count++;
        }

        Assert.InRange(count, 4, 20);
        return count;
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
