using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Leases;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>Leases in the replicated state: grant, attach, detach, end.</summary>
public sealed class LeaseTests
{
    [Fact]
    public void A_grant_makes_no_revision_and_a_second_one_of_the_same_id_is_refused()
    {
        StoreHarness store = new();
        Assert.Equal(new LeaseGrantedResult(new LeaseId(7), 1_500), store.Grant(7, 1_500).Result);
        Assert.Equal(CommandStatus.LeaseExists, store.Grant(7, 9_000).Status);
        Assert.Equal(1, store.Revision);
        Assert.Equal(new LeaseInfo(new LeaseId(7), 1_500, 0), store.View.GetLease(new LeaseId(7)));
        Assert.Null(store.View.GetLease(new LeaseId(8)));
    }

    [Fact]
    public void A_put_attaches_moves_and_detaches_and_a_delete_detaches()
    {
        StoreHarness store = new();
        store.Grant(7);
        store.Grant(8);
        Assert.Equal(CommandStatus.LeaseNotFound, store.Run(PutOn("a", 9)).Status);
        store.Run(PutOn("a", 7));
        store.Run(PutOn("b", 7));
        store.Run(PutOn("a/b", 7));
        Assert.Equal(["a", "a/b", "b"], KeysOf(store, 7));
        store.Run(PutOn("a", 8));
        store.Run(Put("b", "without"));
        store.Run(Delete("a/b"));
        Assert.Empty(KeysOf(store, 7));
        Assert.Equal(["a"], KeysOf(store, 8));
        Assert.Equal(DeleteReason.Deleted, Newest(store, "a/b").DeleteReason);
        Assert.True(Newest(store, "a/b").Lease.IsNone);
    }

    [Fact]
    public void An_increment_and_a_put_that_keeps_the_lease_keep_it()
    {
        StoreHarness store = new();
        store.Grant(7);
        store.Run(new PutOp(Bytes("n"), Bytes("1"), new LeaseId(7)));
        store.Run(Add("n", 4));
        store.Run(new PutOp(Bytes("n"), Bytes("9"), KeepsLease: true));
        Assert.Equal(["n"], KeysOf(store, 7));
        Assert.Equal(1, store.View.GetLease(new LeaseId(7))!.KeyCount);
    }

    [Theory]
    [InlineData(DeleteReason.Revoked)]
    [InlineData(DeleteReason.Expired)]
    public void The_end_of_a_lease_deletes_its_keys_in_one_revision_in_byte_order_and_says_why(DeleteReason reason)
    {
        StoreHarness store = new();
        store.Grant(7);
        store.Grant(8);
        foreach (string key in new[] { "c", "a", "b" })
        {
            store.Run(PutOn(key, 7));
        }

        store.Run(PutOn("other", 8));
        long before = store.Revision;
        CommandResult result = End(store, 7, reason);
        Assert.Equal(new LeaseEndedResult(new LeaseId(7), 3), result.Result);
        Assert.Equal(before + 1, store.Revision);

        List<KeyValue> changes = [];
        store.View.ReadChanges(new Revision(before + 1), 10, changes, out _);
        Assert.Equal(["a", "b", "c"], changes.Select(change => Text(change.Key)));
        Assert.All(changes, change => Assert.Equal((true, reason, 7), (change.IsTombstone, change.DeleteReason, change.Lease.Value)));
        Assert.Equal("v", store.Value("other"));
        Assert.Equal(CommandStatus.LeaseNotFound, End(store, 7, reason).Status);

        // A tombstone's reason is part of the state, and of what is saved.
        StoreHarness loaded = new(Load(Snapshot(store.View)));
        Assert.Equal(reason, Newest(loaded, "a").DeleteReason);
        Assert.Equal(7, Newest(loaded, "a").Lease.Value);
        Assert.Equal(store.View.StateHash, loaded.View.StateHash);
    }

    [Fact]
    public void The_end_of_a_lease_without_keys_makes_no_revision()
    {
        StoreHarness store = new();
        store.Grant(7);
        Assert.Equal(new LeaseEndedResult(new LeaseId(7), 0), End(store, 7, DeleteReason.Revoked).Result);
        Assert.Equal(1, store.Revision);
    }

    [Fact]
    public void E5_an_expiry_counts_only_in_an_entry_of_the_term_that_judged()
    {
        StoreHarness store = new();
        store.Grant(7);
        Assert.Equal(CommandStatus.StaleTerm, store.Apply(new ExpireLeaseCommand(new LeaseId(7), new Term(EntryTerm.Value - 1))).Status);
        Assert.Equal(CommandStatus.StaleTerm, store.Apply(new ExpireLeaseCommand(new LeaseId(7), new Term(EntryTerm.Value + 1))).Status);
        Assert.NotNull(store.View.GetLease(new LeaseId(7)));
        Assert.Equal(CommandStatus.Ok, store.Apply(new ExpireLeaseCommand(new LeaseId(7), EntryTerm)).Status);
    }

    [Fact]
    public void Two_reasons_for_one_deletion_are_two_states()
    {
        ulong[] hashes = [.. new[] { DeleteReason.Revoked, DeleteReason.Expired }.Select(reason =>
        {
            StoreHarness store = new();
            store.Grant(7);
            store.Run(PutOn("a", 7));
            End(store, 7, reason);
            return store.View.StateHash;
        })];
        Assert.NotEqual(hashes[0], hashes[1]);
    }

    [Fact]
    public void The_longest_key_that_can_hang_on_a_lease_does_and_a_longer_one_is_no_command()
    {
        StoreHarness store = new();
        store.Grant(7);
        byte[] key = new byte[KvLimits.MaxLeasedKeyBytes];
        Assert.Equal(CommandStatus.Ok, store.Run(new PutOp(key, default, new LeaseId(7))).Status);
        Assert.Equal(key.Length, store.View.GetLeaseKeys(new LeaseId(7), 9)[0].Length);
        PutOp longer = new(new byte[KvLimits.MaxLeasedKeyBytes + 1], default, new LeaseId(7));
        Assert.Throws<ArgumentException>(() => KvCommandCodec.Encode(new MutateCommand(longer)));

        // The same bytes with the lease written over: past the doors.
        byte[] bytes = KvCommandCodec.Encode(new MutateCommand(longer with { Lease = LeaseId.None }));
        bytes[5] = 7;
        Assert.Equal(CommandStatus.Malformed, store.ApplyBytes(bytes).Status);
    }

    [Theory]
    [InlineData(0, 1_000)]
    [InlineData(-1, 1_000)]
    [InlineData(1, 99)]
    [InlineData(1, 0)]
    [InlineData(1, KvLimits.MaxTtlMs + 1)]
    public void An_id_or_a_ttl_out_of_range_is_no_command(long id, long ttlMs)
    {
        Assert.Throws<ArgumentException>(() => KvCommandCodec.Encode(new GrantLeaseCommand(new LeaseId(id), ttlMs)));
        byte[] bytes = KvCommandCodec.Encode(new GrantLeaseCommand(new LeaseId(1), 1_000));
        BitConverter.TryWriteBytes(bytes.AsSpan(2), id);
        BitConverter.TryWriteBytes(bytes.AsSpan(10), ttlMs);
        Assert.Equal(CommandStatus.Malformed, new StoreHarness().ApplyBytes(bytes).Status);
    }

    [Fact]
    public void Leases_are_listed_in_pages_by_id()
    {
        StoreHarness store = new();
        long[] ids = [5, 1, long.MaxValue, 300, 2];
        Array.ForEach(ids, id => store.Grant(id));
        store.Run(PutOn("k", long.MaxValue));
        Assert.Equal(5, store.View.LeaseCount);
        Assert.Equal([1, 2], store.View.ListLeases(LeaseId.None, 2).Select(lease => lease.Id.Value));
        Assert.Equal([5, 300], store.View.ListLeases(new LeaseId(2), 2).Select(lease => lease.Id.Value));
        LeaseInfo last = Assert.Single(store.View.ListLeases(new LeaseId(300), 9));
        Assert.Equal((long.MaxValue, 1), (last.Id.Value, last.KeyCount));
        Assert.Empty(store.View.ListLeases(new LeaseId(long.MaxValue), 9));
        Assert.Equal(["k"], KeysOf(store, long.MaxValue));
    }

    [Fact]
    public void Who_asked_is_told_of_every_grant_and_end()
    {
        StoreHarness store = new();
        store.Grant(1);
        LeaseChange there = LeaseTable.GrantIn((KeyValue)store.Store.WalkLeases().Slot!);
        List<LeaseChange> changes = [];
        store.Store.LeaseChanges = changes;
        store.Grant(2, 500);
        store.Run(new AcquireOp(LockKind.Lock, Bytes("m"), LockMode.Exclusive, new LeaseId(3), default, TtlMs: 700));
        End(store, 1, DeleteReason.Revoked);
        store.Grant(3);
        Assert.Equal(new LeaseChange(new LeaseId(1), 10_000), there);
        Assert.Equal([new(new LeaseId(2), 500), new(new LeaseId(3), 700), new(new LeaseId(1), 0)], changes);
    }

    private static PutOp PutOn(string key, long lease) => new(Bytes(key), Bytes("v"), new LeaseId(lease));

    private static CommandResult End(StoreHarness store, long lease, DeleteReason reason) => store.Apply(
        reason == DeleteReason.Expired
            ? new ExpireLeaseCommand(new LeaseId(lease), EntryTerm)
            : new RevokeLeaseCommand(new LeaseId(lease)));

    private static string[] KeysOf(StoreHarness store, long lease) =>
        [.. store.View.GetLeaseKeys(new LeaseId(lease), 100).Select(Text)];

    private static KeyValue Newest(StoreHarness store, string key) => store.View.History(Bytes(key).Span, 1)[0];
}
