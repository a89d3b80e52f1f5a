using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Quotas;
using RaftKv.Core.Store.Reading;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>Q4: the whole store's limit, decided at apply; what goes on when it is reached; and how the alarm comes and goes.</summary>
public sealed class StoreQuotaTests
{
    private const long Limit = 20_000;

    [Fact]
    public void Without_a_quota_nothing_is_limited()
    {
        StoreHarness store = new();
        Fill(store, 200);
        Assert.Equal(KvLimits.NoQuota, store.View.LimitBytes);
        Assert.Empty(store.View.ListAlarms());
    }

    [Fact]
    public void A_put_that_does_not_fit_is_refused_and_changes_nothing()
    {
        StoreHarness store = Limited();
        FillUp(store);
        (long revision, long used, long keys) = (store.Revision, store.View.UsedBytes, store.View.KeyCount);
        CommandResult refused = store.Run(Put("one more", new string('v', 1_000)));
        Assert.Equal(CommandStatus.QuotaExceeded, refused.Status);
        Assert.Equal(revision, refused.Revision.Value);
        QuotaExceededResult why = Assert.IsType<QuotaExceededResult>(refused.Result);
        Assert.True(why.Prefix.IsEmpty);
        Assert.Equal(new QuotaTerms(KvLimits.NoQuota, Limit), why.Terms);
        Assert.Equal((used, keys, revision), (store.View.UsedBytes, store.View.KeyCount, store.Revision));
        Assert.True(used <= Limit);
    }

    [Fact]
    public void The_alarm_is_raised_by_the_refusal_and_then_refuses_small_ones_too()
    {
        StoreHarness store = Full();
        Assert.Equal([new Alarm(AlarmKind.NoSpace, NodeId.None, AlarmCause.Quota)], store.View.ListAlarms());
        Assert.True(store.View.UsedBytes + 500 < Limit);
        Assert.Equal(CommandStatus.QuotaExceeded, store.Run(Put("x", "")).Status);
    }

    [Fact]
    public void One_that_is_too_large_by_itself_raises_no_alarm_for_others()
    {
        StoreHarness store = Limited();
        Assert.Equal(CommandStatus.QuotaExceeded, store.Run(Put("large", new string('v', (int)Limit))).Status);
        Assert.Empty(store.View.ListAlarms());
        Assert.Equal(CommandStatus.Ok, store.Run(Put("small", "v")).Status);
    }

    [Fact]
    public void Everything_that_needs_room_is_refused_as_in_etcd_and_nothing_else()
    {
        StoreHarness store = Full();
        Compare never = If("k0", CompareTarget.Version, CompareOperator.Equal, 999);
        KvCommand[] refused =
        [
            new MutateCommand(Put("k0", "")), new MutateCommand(Add("n", 1)), new MutateCommand(Txn([never], [Put("k0", "")], Read("k0"))),
            new MutateCommand(Txn([never], [Read("k0")], Txn([], [Put("k0", "")]))), new GrantLeaseCommand(new LeaseId(99), 10_000),
            new MutateCommand(new AcquireOp(LockKind.Lock, Bytes("l"), LockMode.Exclusive, new LeaseId(5), default)),
            new SetGuardCommand(Bytes("g")),
        ];
        Assert.All(refused, command => Assert.Equal(CommandStatus.QuotaExceeded, store.Apply(command).Status));
        KvCommand[] allowed =
        [
            new MutateCommand(Txn([], [Read("k0")])),
            new MutateCommand(Txn([never], [Delete("k1")], Delete("k2"))), new MutateCommand(Delete("k0")),
            new AdvanceTimeCommand(5), new RevokeLeaseCommand(new LeaseId(5)), new ExpireLeaseCommand(new LeaseId(6), EntryTerm),
            new CompactCommand(new Revision(2)), new SetQuotaCommand(Bytes("p"), new QuotaTerms(5, KvLimits.NoQuota)),
            new RemoveQuotaCommand(Bytes("p")), new ReportBudgetCommand(new NodeId(3), Limit),
        ];
        Assert.All(allowed, command => Assert.Equal(CommandStatus.Ok, store.Apply(command).Status));
    }

    // The reserve: what the cluster needs for itself, and what is kept for repeats, has bounds of its own.
    [Fact]
    public void What_the_cluster_itself_needs_finds_its_place_in_a_full_store()
    {
        StoreHarness store = Full();
        KvCommand delete = new MutateCommand(Delete("k3"));
        ClientSessionId session = new(7);
        KvCommand[] own =
        [
            new SetClusterKeyCommand(new byte[KvLimits.ClusterKeyBytes]), new AdvanceTimeCommand(1_000), new OpenSessionCommand(session),
            delete with { Session = new SessionStamp(session, 1, 0, new byte[16]) },
            delete with { Idempotency = new CommandKey(Bytes("key"), new byte[16]) }, new SetOnceLimitsCommand(new() { MaxSessions = 9 }),
            new RaiseAlarmCommand(AlarmKind.NoSpace, new NodeId(4), AlarmCause.Disk), new CompactSliceCommand(),
            new ReportBudgetCommand(new NodeId(4), Limit), new CloseSessionCommand(session),
        ];
        Assert.All(own, command => Assert.Equal(CommandStatus.Ok, store.Apply(command).Status));

        // Membership and no-ops are entries without a command.
        store.Skip();
        Assert.True(store.View.UsedBytes <= Limit);
        Assert.Equal((1, 1_000), (store.View.Once.Keys, store.View.ClusterTimeMs));
    }

    [Fact]
    public void A_deletion_never_needs_room_because_a_live_key_is_charged_for_its_tombstone()
    {
        StoreHarness store = Full();
        long used = store.View.UsedBytes;
        Assert.Equal(CommandStatus.Ok, store.Run(DeletePrefix("k")).Status);
        Assert.True(store.View.UsedBytes <= used);
        Assert.True(store.View.UsedBytes <= Limit);
    }

    [Fact]
    public void The_end_of_a_lease_never_needs_room()
    {
        StoreHarness store = Limited();
        store.Grant(5);
        for (int i = 0; store.Run(new PutOp(Bytes("leased" + i), Bytes("v"), new LeaseId(5))).Status == CommandStatus.Ok; i++)
        {
        }

        long used = store.View.UsedBytes;
        Assert.Equal(CommandStatus.Ok, store.Apply(new ExpireLeaseCommand(new LeaseId(5), EntryTerm)).Status);
        Assert.Equal(0, store.View.KeyCount);
        Assert.True(store.View.UsedBytes < used);
    }

    [Fact]
    public void The_alarm_clears_by_itself_when_a_tenth_is_free_again_and_not_before()
    {
        StoreHarness store = Full();
        store.Run(DeletePrefix("k"));
        Assert.NotEmpty(store.View.ListAlarms());
        store.Compact(store.Revision);
        store.Run(Put("x", ""));
        while (store.View.IsCompacting)
        {
            bool isRaised = store.View.ListAlarms().Count > 0;
            Assert.Equal(isRaised, store.View.UsedBytes > SpaceRules.ClearAtBytes(Limit));
            store.Apply(new CompactSliceCommand());
        }

        Assert.Empty(store.View.ListAlarms());
        Assert.Equal(CommandStatus.Ok, store.Run(Put("again", "v")).Status);
    }

    [Fact]
    public void The_limit_is_never_above_the_smallest_member_and_rises_with_it()
    {
        StoreHarness store = Limited();
        store.Apply(new ReportBudgetCommand(new NodeId(1), 50_000));
        Assert.Equal(Limit, store.View.LimitBytes);
        store.Apply(new ReportBudgetCommand(new NodeId(2), 7_000));
        Assert.Equal(7_000, store.View.LimitBytes);
        store.Apply(new ReportBudgetCommand(new NodeId(2), 9_000));
        Assert.Equal(9_000, store.View.LimitBytes);
        store.Apply(new ReportBudgetCommand(new NodeId(2), 0));
        Assert.Equal(Limit, store.View.LimitBytes);
        Assert.Equal([new MemberBudget(new NodeId(1), 50_000)], store.View.ListMemberBudgets());
    }

    [Fact]
    public void A_limit_that_comes_below_what_is_stored_raises_the_alarm_at_once()
    {
        StoreHarness store = Limited();
        Fill(store, 20);
        store.Apply(new ReportBudgetCommand(new NodeId(2), 3_000));
        Assert.NotEmpty(store.View.ListAlarms());
        store.Apply(new ReportBudgetCommand(new NodeId(2), 30_000));
        Assert.Empty(store.View.ListAlarms());
    }

    [Fact]
    public void A_seed_sets_the_quota_once_and_an_operator_at_any_time()
    {
        StoreHarness store = new();
        Assert.Equal(CommandStatus.Ok, store.Apply(new SetStoreQuotaCommand(5_000, IsSeed: true)).Status);
        Assert.Equal(CommandStatus.AlreadySet, store.Apply(new SetStoreQuotaCommand(6_000, IsSeed: true)).Status);
        Assert.Equal(5_000, store.View.StoreQuotaBytes);
        Assert.Equal(CommandStatus.Ok, store.Apply(new SetStoreQuotaCommand(7_000)).Status);
        Assert.Equal(7_000, store.View.LimitBytes);
    }

    [Fact]
    public void A_disarmed_alarm_lets_through_what_fits_and_is_raised_again_by_what_does_not()
    {
        StoreHarness store = Full();
        Assert.Equal(CommandStatus.Ok, store.Apply(new ClearAlarmCommand(AlarmKind.NoSpace, NodeId.None)).Status);
        Assert.Equal(CommandStatus.AlarmNotFound, store.Apply(new ClearAlarmCommand(AlarmKind.NoSpace, NodeId.None)).Status);
        Assert.Equal(CommandStatus.Ok, store.Run(Put("x", "")).Status);
        Assert.Equal(CommandStatus.QuotaExceeded, store.Run(Put("y", new string('v', 5_000))).Status);
        Assert.NotEmpty(store.View.ListAlarms());
        Assert.True(store.View.UsedBytes <= Limit);
    }

    [Fact]
    public void An_alarm_of_a_disk_or_a_hand_does_not_clear_by_itself()
    {
        StoreHarness store = Limited();
        store.Apply(new RaiseAlarmCommand(AlarmKind.NoSpace, new NodeId(2), AlarmCause.Disk));
        store.Skip();
        Assert.Equal(CommandStatus.QuotaExceeded, store.Run(Put("x", "")).Status);
        Assert.Equal(
            CommandStatus.AlarmNotFound, store.Apply(new ClearAlarmCommand(AlarmKind.NoSpace, new NodeId(2), AlarmCause.Hand)).Status);
        Assert.Equal(CommandStatus.Ok, store.Apply(new ClearAlarmCommand(AlarmKind.NoSpace, new NodeId(2), AlarmCause.Disk)).Status);
        Assert.Equal(CommandStatus.Ok, store.Run(Put("x", "")).Status);
    }

    [Fact]
    public void A_store_that_is_called_corrupt_changes_only_by_the_clusters_own_commands()
    {
        StoreHarness store = new();
        store.Run(Put("a", "1"));
        store.Grant(5);
        store.Apply(new RaiseAlarmCommand(AlarmKind.Corrupt, new NodeId(9), AlarmCause.Hand));
        KvCommand[] refused =
        [
            new MutateCommand(Put("a", "2")), new MutateCommand(Delete("a")), new CompactCommand(new Revision(2)),
            new GrantLeaseCommand(new LeaseId(6), 10_000), new RevokeLeaseCommand(new LeaseId(5)),
        ];
        Assert.All(refused, command => Assert.Equal(CommandStatus.Corrupt, store.Apply(command).Status));
        Assert.Equal(CommandStatus.Ok, store.Apply(new ExpireLeaseCommand(new LeaseId(5), EntryTerm)).Status);
        store.Apply(new ClearAlarmCommand(AlarmKind.Corrupt, new NodeId(9)));
        Assert.Equal(CommandStatus.Ok, store.Run(Put("a", "2")).Status);
    }

    [Fact]
    public void A_refusal_is_not_kept_for_a_repeat_and_a_first_answer_is_given_to_one_when_full()
    {
        StoreHarness store = Limited();
        KvCommand first = new MutateCommand(Put("k", "v")) { Idempotency = new CommandKey(Bytes("key1"), new byte[16]) };
        Assert.Equal(CommandStatus.Ok, store.Apply(first).Status);
        KvCommand later = new MutateCommand(Put("l", "v")) { Idempotency = new CommandKey(Bytes("key2"), new byte[16]) };
        FillUp(store);
        store.Run(Put("one more", new string('v', 1_000)));
        Assert.Equal(CommandStatus.QuotaExceeded, store.Apply(later).Status);
        Assert.True(store.Apply(first) is { Status: CommandStatus.Ok, IsReplayed: true });
        store.Run(DeletePrefix("k"));
        store.Compact(store.Revision);
        store.FinishCompaction();
        Assert.True(store.Apply(later) is { Status: CommandStatus.Ok, IsReplayed: false });
    }

    [Theory]
    [InlineData(0, 100, 100, true)]
    [InlineData(100, 50, KvLimits.NoQuota, true)]
    [InlineData(100, 50, 200, false)]
    [InlineData(200, 50, 200, true)]
    [InlineData(100, 101, KvLimits.NoQuota, false)]
    public void A_member_that_can_hold_less_than_the_cluster_may_store_is_not_promoted(long member, long used, long limit, bool mayPromote)
    {
        Assert.Equal(mayPromote, SpaceRules.MayPromote(member, used, limit));
    }

    /// <summary>A store with a quota, where keys begin with k.</summary>
    private static StoreHarness Limited()
    {
        StoreHarness store = new();
        store.Apply(new SetStoreQuotaCommand(Limit));
        return store;
    }

    /// <summary>As <see cref="Limited"/>, with leases 5 and 6, filled, and with its alarm raised.</summary>
    private static StoreHarness Full()
    {
        StoreHarness store = Limited();
        store.Grant(5);
        store.Grant(6);
        FillUp(store);
        Assert.Equal(CommandStatus.QuotaExceeded, store.Run(Put("one more", new string('v', 1_000))).Status);
        return store;
    }

    private static void FillUp(StoreHarness store)
    {
        // Leaves about 900 bytes.
        for (int i = 0; store.View.UsedBytes < Limit - 1_300; i++)
        {
            Assert.Equal(CommandStatus.Ok, store.Run(Put("k" + i, new string('v', 100))).Status);
        }

        Assert.Empty(store.View.ListAlarms());
    }

    private static void Fill(StoreHarness store, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(CommandStatus.Ok, store.Run(Put("k" + i, new string('v', 100))).Status);
        }
    }
}
