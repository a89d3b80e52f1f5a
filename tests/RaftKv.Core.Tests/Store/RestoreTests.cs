using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Quotas;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>
/// Trap 16: what a cluster begins with that is restored from another one's state. Nothing that the old one handed out means
/// anything in it, and nothing that it hands out itself was ever handed out before.
/// </summary>
public sealed class RestoreTests
{
    private const long Begin = 5_000_000_000;
    private static readonly ReadOnlyMemory<byte> Hash = new byte[KvLimits.PayloadHashBytes];
    private readonly StoreHarness _store = new();

    [Fact]
    public void Revisions_go_on_past_all_that_were_handed_out_and_everything_before_is_compacted()
    {
        for (int i = 0; i < 20; i++)
        {
            _store.Run(Put("k", $"{i}"));
        }

        StoreHarness restored = Restore();
        Assert.Equal(Begin, restored.Revision);
        Assert.Equal(Begin, restored.View.CompactedRevision.Value);
        Assert.False(restored.View.IsCompacting);
        Assert.Equal(1, restored.View.VersionCount);
        Assert.Equal("19", restored.Value("k"));
        Assert.Equal(ReadStatus.Compacted, restored.View.ReadChanges(new Revision(21), 1, [], out _));
        Assert.Equal(ReadStatus.Compacted, restored.StatusAt("k", 21));
        Assert.Equal(ReadStatus.Compacted, restored.StatusAt("k", Begin - 1));
        Assert.Equal(ReadStatus.Ok, restored.StatusAt("k", Begin));
        restored.Run(Put("k", "new"));
        Assert.Equal(Begin + 1, restored.Revision);
    }

    [Fact]
    public void Leases_and_locks_end_in_the_first_revision_all_at_once_and_a_watch_from_there_sees_it()
    {
        Populate();
        StoreHarness restored = Restore();
        Assert.Equal(0, restored.View.LeaseCount);
        Assert.Null(restored.Value("on-lease"));
        Assert.Equal("1", restored.Value("stays"));
        List<KeyValue> changes = [];
        Assert.Equal(ReadStatus.Ok, restored.View.ReadChanges(new Revision(Begin), 1, changes, out _));
        Assert.Equal(5, changes.Count);
        Assert.All(changes, change => Assert.Equal(
            (Begin, true, DeleteReason.Revoked), (change.ModRevision.Value, change.IsTombstone, change.DeleteReason)));
        Assert.Equal(CommandStatus.Ok, restored.Grant(1).Status);
    }

    [Fact]
    public void Fencing_tokens_grow_across_a_restore_also_for_a_lock_that_was_granted_after_the_backup()
    {
        Populate();
        byte[] backup = Snapshot(_store.View);
        _store.Grant(9);
        long after = Token(_store.Lock("other", 9));
        StoreHarness restored = Restore(new StoreHarness(Load(backup)), new RestoreTerms(new Revision(Begin)));
        restored.Grant(9);
        Assert.True(Token(restored.Lock("other", 9)) > after);
        Assert.True(Token(restored.Lock("m", 9)) > after);
    }

    [Fact]
    public void With_kept_leases_holders_stay_and_the_next_token_is_larger()
    {
        Populate();
        StoreHarness restored = Restore(_store, new RestoreTerms(new Revision(Begin), KeepsLeases: true));
        Assert.Equal(3, restored.View.LeaseCount);
        Assert.Equal("1", restored.Value("on-lease"));
        Assert.Equal(CommandStatus.LockHeld, restored.Lock("m", 3, isTry: true).Status);
        Assert.Equal(Begin, restored.Revision);
        restored.Apply(new RevokeLeaseCommand(new LeaseId(1)));
        restored.Apply(new RevokeLeaseCommand(new LeaseId(2)));
        Assert.True(Token(restored.Lock("m", 3)) > Begin);
    }

    [Fact]
    public void Client_sessions_are_unknown_and_a_keyed_repeat_still_gets_its_first_answer()
    {
        _store.Apply(new OpenSessionCommand(new ClientSessionId(1)));
        KvCommand stamped = new MutateCommand(Add("n", 1)) { Session = new SessionStamp(new ClientSessionId(1), 1, 0, Hash) };
        KvCommand keyed = new MutateCommand(Add("n", 1)) { Idempotency = new CommandKey(Bytes("key"), Hash) };
        _store.Apply(stamped);
        _store.Apply(keyed);
        StoreHarness restored = Restore();
        Assert.Equal(CommandStatus.SessionUnknown, restored.Apply(stamped).Status);
        Assert.True(restored.Apply(keyed).IsReplayed);
        Assert.Equal("2", restored.Value("n"));
        Assert.Equal(0, restored.View.Once.Sessions);
    }

    [Fact]
    public void What_signed_tokens_and_what_was_said_of_members_goes_and_what_users_set_stays()
    {
        _store.Apply(new SetClusterKeyCommand(new byte[KvLimits.ClusterKeyBytes]));
        _store.Run(Put("g/x", "1"));
        _store.Apply(new SetGuardCommand(Bytes("g/")));
        _store.Apply(new ReportBudgetCommand(new NodeId(1), 1_000_000));
        _store.Apply(new RaiseAlarmCommand(AlarmKind.NoSpace, new NodeId(1), AlarmCause.Disk));
        _store.Apply(new RaiseAlarmCommand(AlarmKind.NoSpace, NodeId.None, AlarmCause.Hand));
        _store.Apply(new SetStoreQuotaCommand(2_000_000));
        _store.Apply(new SetQuotaCommand(Bytes("a/"), new QuotaTerms(5, KvLimits.NoQuota)));
        StoreHarness restored = Restore();
        Assert.True(restored.View.ClusterKey.IsEmpty);
        Assert.Empty(restored.View.ListMemberBudgets());
        Assert.Equal([NodeId.None], restored.View.ListAlarms().Select(static alarm => alarm.Node));
        Assert.Equal(2_000_000, restored.View.StoreQuotaBytes);
        Assert.NotNull(restored.View.GetQuota(Bytes("a/").Span));
        Assert.Equal(CommandStatus.FenceRequired, restored.Run(Delete("g/x")).Status);
        Assert.Equal(_store.Store.ClusterVersion, restored.Store.ClusterVersion);
    }

    [Fact]
    public void Rights_that_were_in_force_are_in_force_and_users_and_tokens_are_those_of_the_backup()
    {
        var access = new AccessHarness();
        access.User("ann", (KeyRange.Single(Bytes("a")), KeyRights.Write));
        byte[] id = new byte[KvLimits.TokenIdBytes];
        access.Change(new AddToken(id, Bytes("ann"), new byte[KvLimits.TokenHashBytes], CreatedMs: 1, ExpiresMs: 0, default));
        StoreHarness restored = Restore(access.Store, new RestoreTerms(new Revision(Begin)));
        CommandResult As(string user, string key) => restored.Apply(new MutateCommand(Put(key, "1")) with { Principal = Bytes(user) });
        Assert.Equal(CommandStatus.AccessDenied, As("", "a").Status);
        Assert.Equal(CommandStatus.AccessDenied, As("ann", "b").Status);
        Assert.Equal(CommandStatus.Ok, As("ann", "a").Status);
        Assert.Equal(CommandStatus.Ok, As("root", "b").Status);
        Assert.Equal(CommandStatus.Ok, restored.Apply(
            new ChangeAccessCommand(new RemoveToken(id)) with { Principal = Bytes("root") }).Status);
    }

    [Fact]
    public void Each_restore_is_an_incarnation_of_its_own()
    {
        Assert.Equal(0, _store.View.Incarnation);
        StoreHarness first = Restore();
        Assert.Equal(1, first.View.Incarnation);
        StoreHarness second = Restore(first, new RestoreTerms(new Revision(2 * Begin)));
        Assert.Equal(2, second.View.Incarnation);
    }

    [Fact]
    public void The_same_terms_give_the_same_bytes_on_every_node_and_others_do_not()
    {
        Populate();
        byte[] backup = Snapshot(_store.View);
        byte[] first = Snapshot(Load(backup).RestoreAs(new RestoreTerms(new Revision(Begin))));
        Assert.Equal(first, Snapshot(Load(backup).RestoreAs(new RestoreTerms(new Revision(Begin)))));
        Assert.NotEqual(first, Snapshot(Load(backup).RestoreAs(new RestoreTerms(new Revision(Begin + 1)))));
        Assert.NotEqual(first, Snapshot(Load(backup).RestoreAs(new RestoreTerms(new Revision(Begin), KeepsLeases: true))));
    }

    [Fact]
    public void A_begin_that_the_old_cluster_can_have_reached_is_refused()
    {
        _store.Run(Put("a", "1"));
        long nearest = _store.Revision + RestoreTerms.MinGap;
        Assert.Throws<InvariantViolationException>(() => _store.Store.RestoreAs(new RestoreTerms(new Revision(nearest - 1))));
        Assert.Equal(nearest, Restore(_store, new RestoreTerms(new Revision(nearest))).Revision);
    }

    [Fact]
    public void Two_restores_of_one_backup_begin_apart_by_more_than_a_cluster_writes_in_between()
    {
        Revision saved = new(1_000);
        long first = RestoreTerms.BeginAt(saved, 10_000).Value;
        long second = RestoreTerms.BeginAt(saved, 10_060).Value;
        Assert.Equal(60_000_000, second - first);
        Assert.Equal(1_000 + RestoreTerms.MinGap, RestoreTerms.BeginAt(saved, 0).Value);
        Assert.Equal(1_000 + RestoreTerms.MinGap, RestoreTerms.BeginAt(saved, -5).Value);
        Assert.True(RestoreTerms.BeginAt(new Revision(first), 10_000).Value >= first + RestoreTerms.MinGap);
    }

    [Fact]
    public void Whatever_was_done_before_a_restored_store_is_whole_and_has_every_key_that_hung_on_no_lease()
    {
        for (ulong seed = 1; seed <= 40; seed++)
        {
            StoreHarness store = new();
            var random = new DeterministicRandom(seed);
            var commands = new CoordinationCommands(random);
            for (int i = 0; i < 150; i++)
            {
                store.Apply(random.Chance(100) ? SpaceCommands.Next(random, store.View) : commands.Next(store.View));
            }

            List<KeyValue> expected = [.. All(store.View).Where(static pair => pair.Lease.IsNone)];
            StoreHarness restored = Restore(store, new RestoreTerms(new Revision(Begin)));
            Assert.Equal(expected.Select(Told), All(restored.View).Select(Told));
            Assert.Equal([], KeyTreeInvariants.FindBroken(restored.View.Root));
            Assert.Equal((0L, Begin), (restored.View.LeaseCount, restored.Revision));
        }
    }

    private static IReadOnlyList<KeyValue> All(StoreView view) => view.Range(new RangeRequest { Keys = KeyRange.All }).Pairs;

    private static (string, string, long, long, long) Told(KeyValue pair) => (
        Text(pair.Key), Text(pair.Value), pair.CreateRevision.Value, pair.ModRevision.Value, pair.Version);

    private static long Token(CommandResult acquired) => Assert.IsType<AcquireResult>(acquired.Result).Entry.CreateRevision.Value;

    private static StoreHarness Restore(StoreHarness store, RestoreTerms terms) => new(Load(Snapshot(store.Store.RestoreAs(terms))));

    // Of a copy, so that the store itself can be looked at again.
    private StoreHarness Restore() => Restore(new StoreHarness(Load(Snapshot(_store.View))), new RestoreTerms(new Revision(Begin)));

    // Three leases: a key and a place in a lock on each of two, and a third place.
    private void Populate()
    {
        for (int lease = 1; lease <= 3; lease++)
        {
            _store.Grant(lease);
        }

        _store.Run(Put("stays", "1"));
        _store.Run(new PutOp(Bytes("on-lease"), Bytes("1"), new LeaseId(1)));
        _store.Run(new PutOp(Bytes("on-lease-2"), Bytes("1"), new LeaseId(2)));
        _store.Lock("m", 1);
        _store.Lock("m", 2);
        _store.Lock("n", 3);
    }
}
