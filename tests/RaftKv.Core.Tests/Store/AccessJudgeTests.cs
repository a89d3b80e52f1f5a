using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using static RaftKv.Core.Tests.Store.AccessHarness;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>S1: every command is asked for its right where it is applied. Each test is one way around it.</summary>
public sealed class AccessJudgeTests
{
    private readonly AccessHarness _a = new();

    public AccessJudgeTests()
    {
        _a.User("writer", (Prefix("w/"), KeyRights.Write));
        _a.User("reader", (Prefix("w/"), ReadWatch));
        _a.User("both", (Prefix("w/"), KeyRights.Write | KeyRights.Read));
        _a.User("locker", (Prefix("m"), KeyRights.Lock));
        _a.As("root", Put("w/1", "5"));
        _a.As("root", Put("x/1", "secret"));
    }

    [Fact]
    public void Nobody_in_particular_may_do_nothing_and_a_stranger_neither()
    {
        foreach (string user in (string[])["", "nobody"])
        {
            _a.Denied(user, Put("w/1", "6"));
            _a.Denied(user, new GrantLeaseCommand(new LeaseId(1), 500));
            _a.Denied(user, new OpenSessionCommand(new ClientSessionId(4)));
            _a.Denied(user, new CompactCommand(new Revision(1)));
        }
    }

    [Fact]
    public void Before_rights_are_in_force_and_after_it_everybody_may()
    {
        AccessHarness open = new(isEnabled: false);
        open.Allowed("", Put("a", "1"));
        open.Change(new EnableAccess());
        open.Denied("", Put("a", "1"));
        open.Change(new DisableAccess());
        open.Allowed("", Put("a", "1"));
    }

    [Fact]
    public void What_the_anonymous_may_is_their_roles()
    {
        _a.Change(new AddRole(Principals.AnonymousRole));
        _a.Change(new GrantKeys(Principals.AnonymousRole, Prefix("open/"), KeyRights.Write));
        _a.Allowed("", Put("open/1", "1"));
        _a.Denied("", Put("w/1", "1"));
        _a.Denied("nobody", Put("open/1", "1"));
    }

    [Fact]
    public void A_view_asks_for_rights_before_it_says_that_there_is_no_room()
    {
        MutateCommand put = new(Put("w/1", "6"));
        Assert.Null(Ask("writer"));
        _a.As("root", new RaiseAlarmCommand(AlarmKind.NoSpace, default, AlarmCause.Hand));
        Assert.Equal(CommandStatus.QuotaExceeded, Ask("writer"));
        Assert.Equal(CommandStatus.QuotaExceeded, Ask("root"));
        Assert.Equal(CommandStatus.AccessDenied, Ask("reader"));
        Assert.Equal(CommandStatus.AccessDenied, Ask(""));
        _a.Change(new DisableAccess());
        Assert.Equal(CommandStatus.QuotaExceeded, Ask(""));

        CommandStatus? Ask(string user) => _a.Store.View.RefusalForRoom(put, Bytes(user))?.Status;
    }

    [Fact]
    public void A_put_needs_write_and_its_previous_value_read()
    {
        _a.Allowed("writer", Put("w/1", "6"));
        _a.Denied("reader", Put("w/1", "6"));
        _a.Denied("writer", Put("x/1", "6"));
        Assert.Equal(KeyRights.Read | KeyRights.Write, _a.Denied("writer", Put("w/1", "6", wantsPrevious: true)).Rights);
        _a.Allowed("both", Put("w/1", "6", wantsPrevious: true));
    }

    [Fact]
    public void A_deletion_needs_write_over_its_whole_range_and_what_it_tells_read()
    {
        _a.Allowed("writer", new DeleteRangeOp(Prefix("w/")));
        _a.Denied("writer", new DeleteRangeOp(KeyRange.Between(Bytes("w/"), Bytes("w1"))));
        _a.Denied("writer", new DeleteRangeOp(KeyRange.From(Bytes("w/"))));
        _a.Denied("writer", new DeleteRangeOp(KeyRange.All));
        _a.Denied("writer", DeletePrefix("w/"));
        _a.Allowed("both", DeletePrefix("w/"));
    }

    [Fact]
    public void A_counter_tells_its_value_so_it_needs_read_too()
    {
        _a.Denied("writer", Add("w/1", 1));
        _a.Denied("reader", Add("w/1", 1));
        _a.Allowed("both", Add("w/1", 1));
    }

    [Fact]
    public void Both_lists_and_every_compare_of_a_txn_are_asked_for_whichever_runs()
    {
        KvOp mine = Put("w/1", "1");
        _a.Denied("writer", Txn([], [mine], Put("x/1", "1")));
        _a.Denied("writer", Txn([], [Put("x/1", "1")], mine));
        _a.Denied("writer", Txn([If("x/1", CompareTarget.Version, CompareOperator.Equal, 99)], [mine]));
        _a.Denied("writer", Txn([], [mine, Read("x/1")]));
        _a.Denied("writer", Txn([If("w/1", CompareTarget.Version, CompareOperator.Equal, 99)], [mine]));
        _a.Allowed("both", Txn([If("w/1", CompareTarget.Version, CompareOperator.Equal, 99)], [mine], Read("w/1")));
    }

    /// <summary>CVE-2026-33343 of etcd: a txn inside a txn was not asked for its rights.</summary>
    [Fact]
    public void CVE_2026_33343_a_txn_in_a_txn_is_asked_for_its_rights()
    {
        KvOp mine = Put("w/1", "1");
        _a.Denied("both", Txn([], [mine, Txn([], [Read("x/1")])]));
        _a.Denied("both", Txn([], [mine], Txn([], [], Put("x/1", "1"))));
        _a.Denied("both", Txn([], [Txn([], [Txn([IfValue("x/1", CompareOperator.Equal, "secret")], [mine])])]));
    }

    [Fact]
    public void A_guard_is_a_compare()
    {
        Compare guard = If("x/1", CompareTarget.ModRevision, CompareOperator.Equal, 3);
        _a.Denied("writer", Put("w/1", "1"), guard);
        _a.Denied("writer", Put("w/1", "1"), If("w/1", CompareTarget.Version, CompareOperator.Equal, 1));
        _a.Allowed("both", Put("w/1", "1"), If("w/1", CompareTarget.Version, CompareOperator.Equal, 1));
    }

    [Fact]
    public void A_key_hangs_only_on_a_lease_all_of_whose_keys_its_writer_may_write()
    {
        _a.As("root", new GrantLeaseCommand(new LeaseId(7), 500));
        _a.Allowed("writer", new PutOp(Bytes("w/2"), Bytes("1"), new LeaseId(7)));
        _a.As("root", new PutOp(Bytes("x/2"), Bytes("1"), new LeaseId(7)));
        _a.Denied("writer", new PutOp(Bytes("w/3"), Bytes("1"), new LeaseId(7)));
        _a.Denied("writer", Txn([], [new PutOp(Bytes("w/3"), Bytes("1"), new LeaseId(7))]));
        _a.Allowed("writer", new PutOp(Bytes("w/2"), Bytes("1"), new LeaseId(7), KeepsLease: true));
    }

    [Fact]
    public void A_lease_is_revoked_only_by_who_may_write_all_its_keys()
    {
        _a.Denied("reader", new GrantLeaseCommand(new LeaseId(7), 500));
        _a.Allowed("writer", new GrantLeaseCommand(new LeaseId(7), 500));
        _a.As("root", new PutOp(Bytes("a"), Bytes("1"), new LeaseId(7)));
        _a.Denied("writer", new RevokeLeaseCommand(new LeaseId(7)));
        _a.As("root", Delete("a"));
        _a.As("root", new PutOp(Bytes("w/9"), Bytes("1"), new LeaseId(7)));
        _a.As("root", new PutOp(Bytes("z"), Bytes("1"), new LeaseId(7)));
        _a.Denied("writer", new RevokeLeaseCommand(new LeaseId(7)));
        _a.As("root", Delete("z"));
        _a.Denied("reader", new RevokeLeaseCommand(new LeaseId(7)));
        Assert.Equal(CommandStatus.Ok, _a.As("writer", new RevokeLeaseCommand(new LeaseId(7))).Status);
    }

    [Fact]
    public void Locks_are_for_those_who_may_lock_their_name_and_their_places_too()
    {
        AcquireOp acquire = new(LockKind.Lock, Bytes("m1"), LockMode.Exclusive, new LeaseId(9), Bytes("me"), TtlMs: 500);
        _a.Denied("both", acquire);
        _a.Denied("locker", acquire with { Name = Bytes("n1") });
        Revision token = ((AcquireResult)_a.As("locker", acquire).Result!).Token;
        _a.Denied("both", new RevokeLeaseCommand(new LeaseId(9)));
        _a.Denied("both", new MutateCommand(Put("w/1", "1")) { Fences = [new Fence(LockKind.Lock, Bytes("m1"), token)] });
        byte[] place = LockKeys.KeyOf(LockKind.Lock, Bytes("m1").Span, LockMode.Exclusive, new LeaseId(9));
        _a.Denied("both", new DeleteRangeOp(KeyRange.Single(place)));
        Assert.Equal(CommandStatus.Ok, _a.As("locker", new DeleteRangeOp(KeyRange.Single(place))).Status);
        _a.Allowed("locker", new AcquireOp(
            LockKind.Semaphore, Bytes("m2"), LockMode.Counted, new LeaseId(10), Bytes("me"), Limit: 2, TtlMs: 500));
        _a.Allowed("locker", new AcquireOp(
            LockKind.Election, Bytes("m3"), LockMode.Exclusive, new LeaseId(11), Bytes("me"), TtlMs: 500));
    }

    [Fact]
    public void A_lock_is_not_taken_under_another_users_lease()
    {
        _a.As("root", new GrantLeaseCommand(new LeaseId(7), 500));
        _a.As("root", new PutOp(Bytes("x/2"), Bytes("1"), new LeaseId(7)));
        _a.Denied("locker", new AcquireOp(LockKind.Lock, Bytes("m1"), LockMode.Exclusive, new LeaseId(7), Bytes("me")));
    }

    [Fact]
    public void Operations_are_for_those_whose_role_has_them()
    {
        (KvCommand Command, OperationRights Needed)[] all =
        [
            (new CompactCommand(new Revision(2)), OperationRights.Compact),
            (new SetGuardCommand(Bytes("g/")), OperationRights.Limits),
            (new RemoveGuardCommand(Bytes("g/")), OperationRights.Limits),
            (new SetQuotaCommand(Bytes("g/"), new QuotaTerms(1, 1)), OperationRights.Limits),
            (new RemoveQuotaCommand(Bytes("g/")), OperationRights.Limits),
            (new SetStoreQuotaCommand(long.MaxValue), OperationRights.Limits),
            (new RaiseAlarmCommand(AlarmKind.NoSpace, default, AlarmCause.Hand), OperationRights.Alarms),
            (new ClearAlarmCommand(AlarmKind.NoSpace, default), OperationRights.Alarms),
        ];
        foreach ((KvCommand command, OperationRights needed) in all)
        {
            Assert.Equal(needed, _a.Denied("both", command).Operations);
            _a.Change(new SetOperations(Bytes("both"), needed));
            _a.Allowed("both", command);
            _a.Change(new SetOperations(Bytes("both"), OperationRights.All & ~needed));
            _a.Denied("both", command);
            _a.Change(new SetOperations(Bytes("both"), OperationRights.None));
        }
    }

    [Fact]
    public void Users_and_roles_are_changed_by_root_alone_and_tokens_by_their_users()
    {
        AccessChange[] changes =
        [
            new DisableAccess(), new AddUser(Bytes("u"), default), new RemoveUser(Bytes("reader")), new SetPassword(Bytes("both"), default),
            new GrantRole(Bytes("both"), Bytes("root")), new RevokeRole(Bytes("reader"), Bytes("reader")), new AddRole(Bytes("r")),
            new RemoveRole(Bytes("reader")), new GrantKeys(Bytes("both"), KeyRange.All, KeyRights.All),
            new RevokeKeys(Bytes("reader"), Prefix("w/")), new SetOperations(Bytes("both"), OperationRights.All), Token("reader", 1),
            new RemoveToken(new byte[16]),
        ];
        Assert.All(changes, change => _a.Denied("both", new ChangeAccessCommand(change)));
        Assert.Equal(CommandStatus.Ok, _a.As("both", new ChangeAccessCommand(Token("both", 2))).Status);
        _a.Denied("reader", new ChangeAccessCommand(new RemoveToken(Token("both", 2).Id)));
        Assert.Equal(CommandStatus.Ok, _a.As("both", new ChangeAccessCommand(new RemoveToken(Token("both", 2).Id))).Status);
    }

    /// <summary>Trap 23: a repeat shows its answer only to its author, and only while he has the right.</summary>
    [Fact]
    public void A_repeat_shows_its_answer_to_its_author_alone_and_not_after_his_right_is_gone()
    {
        CommandKey key = new(Bytes("k"), new byte[16]);
        MutateCommand keyed = new(Put("w/1", "9", wantsPrevious: true)) { Idempotency = key };
        Assert.False(_a.As("both", keyed).IsReplayed);
        Assert.True(_a.As("both", keyed).IsReplayed);
        _a.Denied("reader", keyed);
        Assert.False(_a.As("root", keyed).IsReplayed);
        _a.Change(new RevokeRole(Bytes("both"), Bytes("both")));
        _a.Denied("both", keyed);
    }

    [Fact]
    public void What_is_denied_is_not_kept_and_runs_once_the_right_is_there()
    {
        MutateCommand keyed = new(Put("x/1", "9")) { Idempotency = new CommandKey(Bytes("k2"), new byte[16]) };
        _a.Denied("writer", keyed);
        _a.Change(new GrantKeys(Bytes("writer"), Key("x/1"), KeyRights.Write));
        CommandResult now = _a.As("writer", keyed);
        Assert.Equal((CommandStatus.Ok, false), (now.Status, now.IsReplayed));
    }

    [Fact]
    public void A_session_of_one_user_is_not_another_ones()
    {
        ClientSessionId id = new(3);
        Assert.Equal(CommandStatus.Ok, _a.As("both", new OpenSessionCommand(id)).Status);
        Assert.Equal(CommandStatus.SessionUnknown, _a.As("writer", new CloseSessionCommand(id)).Status);
        Assert.Equal(CommandStatus.Ok, _a.As("both", new CloseSessionCommand(id)).Status);
    }

    [Fact]
    public void The_clusters_own_commands_pass_and_no_user_can_be_taken_for_it()
    {
        Assert.Equal(CommandStatus.Ok, _a.Store.Apply(new CompactCommand(new Revision(2)) { Principal = Principals.Cluster }).Status);
        _a.Allowed("", new AdvanceTimeCommand(5));
        Assert.False(Principals.IsName(Principals.Cluster.Span));
        Assert.Throws<ArgumentException>(() => KvCommandCodec.Encode(new ChangeAccessCommand(new AddUser(Principals.Cluster, default))));
    }

    [Fact]
    public void A_right_counts_from_its_entry_and_ends_with_it()
    {
        _a.Change(new RevokeKeys(Bytes("writer"), Prefix("w/")));
        _a.Denied("writer", Put("w/1", "1"));
        _a.Change(new GrantKeys(Bytes("writer"), Prefix("w/"), KeyRights.Write));
        _a.Allowed("writer", Put("w/1", "1"));
        _a.Change(new RemoveRole(Bytes("writer")));
        _a.Denied("writer", Put("w/1", "1"));
        _a.Change(new RemoveUser(Bytes("both")));
        _a.Denied("both", Put("w/1", "1"));
    }

    private static AddToken Token(string user, byte id) =>
        new(new byte[] { id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, Bytes(user), new byte[32], 1, 0, Bytes("label"));
}
