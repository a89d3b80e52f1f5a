using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Leases;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Reading;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>Locks, semaphores and elections: queues, tokens and tries (K1 to K5 of CORRECTNESS.md).</summary>
public sealed class LockTests
{
    [Fact]
    public void K5_an_exclusive_lock_goes_from_one_to_the_next_in_the_order_of_their_revisions()
    {
        StoreHarness store = WithLeases(3);
        AcquireResult[] places = [.. Enumerable.Range(1, 3).Select(lease => Place(store.Lock("m", lease)))];
        Assert.Equal([(true, 0), (false, 1), (false, 2)], places.Select(place => (place.IsHolder, place.Position)));
        Assert.Equal([places[0].Token], Holders(store, "m"));

        // The second gives up while it waits: it never holds.
        Release(store, places[1]);
        Release(store, places[0]);
        Assert.Equal([places[2].Token], Holders(store, "m"));
        Assert.False(store.View.IsHolder(LockKind.Lock, Bytes("m"), places[1].Token));
    }

    [Fact]
    public void K2_tokens_grow_over_releases_deletions_and_snapshots()
    {
        StoreHarness store = WithLeases(1);
        long last = 0;
        for (int i = 0; i < 10; i++)
        {
            AcquireResult place = Place(store.Lock("m", 1));
            Assert.True(place.Token.Value > last);
            last = place.Token.Value;
            Release(store, place);
            store = new StoreHarness(Load(Snapshot(store.View)));
        }
    }

    [Fact]
    public void A_lease_that_asks_again_gets_its_place_and_its_token_at_a_newer_revision()
    {
        StoreHarness store = WithLeases(2);
        AcquireResult first = Place(store.Lock("m", 1));
        store.Lock("m", 2);
        long before = store.Revision;
        AcquireResult again = Place(store.Lock("m", 1));
        Assert.Equal((first.Token, true, 0, 1), (again.Token, again.IsHolder, again.Position, again.HolderCount));
        Assert.Equal((before + 1, 2), (again.Entry.ModRevision.Value, again.Entry.Version));
        Assert.True(again.Entry.Value.Span.SequenceEqual(first.Entry.Value.Span));
        Assert.Equal((false, 1), (Place(store.Lock("m", 2)).IsHolder, Place(store.Lock("m", 2)).Position));
        Assert.Equal(before + 3, store.Revision);
        Assert.Equal(CommandStatus.LockHeld, store.Lock("m", 2, isTry: true).Status);
        Assert.Equal(CommandStatus.LimitMismatch, store.Lock("m", 1, mode: LockMode.Shared).Status);
    }

    [Fact]
    public void Shared_holders_share_and_nobody_overtakes_a_waiting_exclusive_one()
    {
        StoreHarness store = WithLeases(5);
        AcquireResult a = Place(store.Lock("m", 1, mode: LockMode.Shared));
        AcquireResult b = Place(store.Lock("m", 2, mode: LockMode.Shared));
        AcquireResult writer = Place(store.Lock("m", 3));
        AcquireResult late = Place(store.Lock("m", 4, mode: LockMode.Shared));
        Assert.Equal((true, true, false, false), (a.IsHolder, b.IsHolder, writer.IsHolder, late.IsHolder));
        Assert.Equal((2, 2), (b.HolderCount, late.HolderCount));
        Assert.Equal(CommandStatus.LockHeld, store.Lock("m", 5, mode: LockMode.Shared, isTry: true).Status);
        Release(store, a);
        Assert.Equal([b.Token], Holders(store, "m"));
        Release(store, b);
        Assert.Equal([writer.Token], Holders(store, "m"));
        Release(store, writer);
        Assert.Equal([late.Token], Holders(store, "m"));
    }

    [Fact]
    public void A_semaphore_has_as_many_holders_as_its_limit_which_all_have_to_agree_on()
    {
        StoreHarness store = WithLeases(4);
        Assert.True(Place(store.Semaphore("s", 1, limit: 2)).IsHolder);
        Assert.True(Place(store.Semaphore("s", 2, limit: 2)).IsHolder);
        Assert.False(Place(store.Semaphore("s", 3, limit: 2)).IsHolder);
        Assert.Equal(CommandStatus.LimitMismatch, store.Semaphore("s", 4, limit: 3).Status);
        Assert.Equal(CommandStatus.LockHeld, store.Semaphore("s", 4, limit: 2, isTry: true).Status);
        LockQueue queue = store.View.GetLockQueue(LockKind.Semaphore, Bytes("s"));
        Assert.Equal((2, 2, 1), (queue.Limit, queue.HolderCount, queue.WaiterCount));
        Assert.All(queue.Entries, entry => Assert.Equal(("who", LockMode.Counted), (Text(entry.Owner), entry.Mode)));
        Assert.Equal("2 who", Text(queue.Entries[0].Pair.Value));
    }

    [Fact]
    public void An_election_has_one_leader_whose_value_it_is_and_who_may_change_it()
    {
        StoreHarness store = WithLeases(2);
        AcquireOp campaign = new(LockKind.Election, Bytes("e"), LockMode.Exclusive, new LeaseId(1), Bytes("n1:80"));
        AcquireResult first = Place(store.Run(campaign));
        store.Run(campaign with { Lease = new LeaseId(2), Value = Bytes("n2:80") });
        KeyRange key = KeyRange.Single(first.Entry.Key);
        Compare mine = new(key, CompareTarget.CreateRevision, CompareOperator.Equal, first.Token.Value, default);
        store.Run(new PutOp(first.Entry.Key, Bytes("n1:81"), KeepsLease: true), mine);
        LockEntry leader = store.View.GetLockQueue(LockKind.Election, Bytes("e")).Entries[0];
        Assert.Equal(("n1:81", first.Token, true), (Text(leader.Owner), leader.Token, leader.IsHolder));
    }

    [Fact]
    public void K4_the_end_of_a_lease_passes_its_lock_on()
    {
        StoreHarness store = WithLeases(2);
        store.Lock("m", 1);
        AcquireResult second = Place(store.Lock("m", 2));
        store.Apply(new ExpireLeaseCommand(new LeaseId(1), EntryTerm));
        Assert.Equal([second.Token], Holders(store, "m"));
        Assert.Equal(CommandStatus.LeaseNotFound, store.Lock("m", 1).Status);
    }

    [Fact]
    public void A_try_with_a_lease_of_its_own_leaves_no_lease_behind_when_it_fails()
    {
        StoreHarness store = WithLeases(1);
        store.Lock("m", 1);
        Assert.Equal(CommandStatus.LockHeld, store.Lock("m", 5, ttlMs: 1_000, isTry: true).Status);
        Assert.Equal(CommandStatus.QueueFull, store.Lock("m", 5, ttlMs: 1_000, maxQueue: 1).Status);
        Assert.Null(store.View.GetLease(new LeaseId(5)));
        Assert.Equal(CommandStatus.LeaseExists, store.Lock("n", 1, ttlMs: 1_000).Status);
        AcquireResult place = Place(store.Lock("n", 5, ttlMs: 1_000));
        Assert.Equal(new LeaseInfo(new LeaseId(5), 1_000, 1), store.View.GetLease(new LeaseId(5)));
        Assert.Equal(5, place.Entry.Lease.Value);
        Assert.Equal(LockKeys.KeyOf(LockKind.Lock, Bytes("n").Span, LockMode.Exclusive, new LeaseId(5)), place.Entry.Key.ToArray());
    }

    [Fact]
    public void Names_are_listed_in_pages_one_descent_each()
    {
        StoreHarness store = WithLeases(3);
        foreach (string name in new[] { "b", "a", "a\u0001", "ab", "a/b" })
        {
            store.Lock(name, 1);
            store.Lock(name, 2);
        }

        Release(store, Place(store.Lock("gone", 3)));
        store.Semaphore("s", 1, limit: 1);
        Assert.Equal(["a", "a\u0001", "a/b"], store.View.ListLockNames(LockKind.Lock, default, 3).Select(Text));
        Assert.Equal(["ab", "b"], store.View.ListLockNames(LockKind.Lock, Bytes("a/b").Span, 9).Select(Text));
        Assert.Equal(["s"], store.View.ListLockNames(LockKind.Semaphore, default, 9).Select(Text));
        Assert.Empty(store.View.ListLockNames(LockKind.Election, default, 9));
        Assert.Empty(store.View.GetLockQueue(LockKind.Lock, Bytes("gone")).Entries);
    }

    [Fact]
    public void Keys_that_were_written_past_the_doors_hold_nothing_and_are_no_token()
    {
        StoreHarness store = WithLeases(2);
        byte[] key = LockKeys.KeyOf(LockKind.Lock, Bytes("m").Span, LockMode.Exclusive, new LeaseId(1));
        store.Run(new PutOp(key, Bytes("raw"), new LeaseId(2)));
        store.Run(Put("_raftkv/locks/m\0rubbish", "raw"));
        Assert.Empty(store.View.GetLockQueue(LockKind.Lock, Bytes("m")).Entries);
        Assert.Equal(CommandStatus.LimitMismatch, store.Lock("m", 1).Status);
        Assert.True(Place(store.Lock("m", 2)).IsHolder);
    }

    [Theory]
    [InlineData("_raftkv/locks/\0x\00000000000000001")]
    [InlineData("_raftkv/locks/a\0y\00000000000000001")]
    [InlineData("_raftkv/locks/a\0x\00000000000000000")]
    [InlineData("_raftkv/locks/a\0x\0ffffffffffffffff")]
    [InlineData("_raftkv/locks/a\0x\0000000000000001")]
    [InlineData("_raftkv/locks/a\0b\0x\00000000000000001")]
    [InlineData("_raftkv/semaphores/a\0x\00000000000000001")]
    public void What_is_no_key_of_a_lock_is_not_read_as_one(string key) =>
        Assert.False(LockKeys.TryParse(LockKind.Lock, Bytes(key).Span, out _, out _, out _));

    [Fact]
    public void A_key_reads_back_as_it_was_made()
    {
        byte[] key = LockKeys.KeyOf(LockKind.Semaphore, Bytes("a/b").Span, LockMode.Counted, new LeaseId(0x1F));
        Assert.Equal("_raftkv/semaphores/a/b\0n\0000000000000001f", Text(key));
        Assert.True(LockKeys.TryParse(LockKind.Semaphore, key, out Range name, out LockMode mode, out LeaseId lease));
        Assert.Equal(("a/b", LockMode.Counted, 0x1F), (Text(key.AsMemory(name)), mode, lease.Value));
        Assert.True(LockKeys.IsReserved(key));
        Assert.False(LockKeys.IsReserved(Bytes("_raftkv").Span));
    }

    public static TheoryData<string> BadAcquires => ["name", "zero", "long", "mode", "limit", "lease", "ttl", "queue", "value", "kind"];

    [Theory]
    [MemberData(nameof(BadAcquires))]
    public void An_acquire_that_breaks_a_bound_is_no_command(string what)
    {
        AcquireOp good = new(LockKind.Lock, Bytes("m"), LockMode.Exclusive, new LeaseId(1), Bytes("me"));
        AcquireOp bad = what switch
        {
            "name" => good with { Name = default },
            "zero" => good with { Name = Bytes("a\0b") },
            "long" => good with { Name = new byte[KvLimits.MaxLockNameBytes + 1] },
            "mode" => good with { Mode = LockMode.Counted },
            "limit" => good with { Limit = 1 },
            "lease" => good with { Lease = default },
            "ttl" => good with { TtlMs = 99 },
            "queue" => good with { MaxQueue = 0 },
            "value" => good with { Value = new byte[KvLimits.MaxOwnerBytes + 1] },
            _ => good with { Kind = (LockKind)3 },
        };
        Assert.Throws<ArgumentException>(() => KvCommandCodec.Encode(new MutateCommand(bad)));
        Assert.Throws<ArgumentException>(() => KvCommandCodec.Encode(new MutateCommand(Txn([], [good]))));
    }

    private static StoreHarness WithLeases(int count)
    {
        StoreHarness store = new();
        for (int lease = 1; lease <= count; lease++)
        {
            store.Grant(lease);
        }

        return store;
    }

    private static AcquireResult Place(CommandResult result) => Assert.IsType<AcquireResult>(result.Result);

    private static Revision[] Holders(StoreHarness store, string name) => [.. store.View.GetLockQueue(LockKind.Lock, Bytes(name)).Entries
        .Where(entry => entry.IsHolder).Select(entry => entry.Token)];

    private static void Release(StoreHarness store, AcquireResult place)
    {
        KeyRange key = KeyRange.Single(place.Entry.Key);
        Compare mine = new(key, CompareTarget.CreateRevision, CompareOperator.Equal, place.Token.Value, default);
        Assert.Equal(CommandStatus.Ok, store.Run(new DeleteRangeOp(key), mine).Status);
    }
}
