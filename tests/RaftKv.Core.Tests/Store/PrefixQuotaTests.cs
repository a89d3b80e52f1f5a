using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Quotas;
using RaftKv.Core.Store.Reading;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>Q3, Q4: quotas of prefixes, nested ones too; who is refused is told which, and nobody else notices.</summary>
public sealed class PrefixQuotaTests
{
    [Fact]
    public void A_new_key_beyond_the_quota_is_refused_with_its_prefix_and_an_old_one_is_overwritten()
    {
        StoreHarness store = new();
        SetQuota(store, "a/", keys: 2);
        store.Run(Put("a/1", "v"));
        store.Run(Put("a/2", "v"));
        CommandResult refused = store.Run(Put("a/3", "v"));
        Assert.Equal(CommandStatus.QuotaExceeded, refused.Status);
        QuotaExceededResult why = Assert.IsType<QuotaExceededResult>(refused.Result);
        Assert.Equal("a/", Text(why.Prefix));
        Assert.Equal((2, 2), (why.Use.Keys, why.Terms.MaxKeys));
        Assert.Equal(CommandStatus.Ok, store.Run(Put("a/1", "other")).Status);
    }

    [Fact]
    public void Other_prefixes_notice_nothing_and_no_alarm_is_raised()
    {
        StoreHarness store = new();
        SetQuota(store, "a/", keys: 0);
        Assert.Equal(CommandStatus.QuotaExceeded, store.Run(Put("a/1", "v")).Status);
        Assert.Equal(CommandStatus.Ok, store.Run(Put("a", "v")).Status);
        Assert.Equal(CommandStatus.Ok, store.Run(Put("b/1", "v")).Status);
        Assert.Empty(store.View.ListAlarms());
    }

    [Fact]
    public void All_nested_quotas_count_and_the_one_that_is_reached_is_named()
    {
        StoreHarness store = new();
        SetQuota(store, "a/", keys: 3);
        SetQuota(store, "a/b/", keys: 1);
        Assert.Equal(CommandStatus.Ok, store.Run(Put("a/b/1", "v")).Status);
        Assert.Equal("a/b/", Text(((QuotaExceededResult)store.Run(Put("a/b/2", "v")).Result!).Prefix));
        store.Run(Put("a/x", "v"));
        store.Run(Put("a/y", "v"));
        Assert.Equal("a/", Text(((QuotaExceededResult)store.Run(Put("a/z", "v")).Result!).Prefix));
    }

    [Fact]
    public void What_one_txn_writes_under_a_prefix_counts_together()
    {
        StoreHarness store = new();
        SetQuota(store, "a/", keys: 2);
        TxnOp three = Txn([], [Put("a/1", ""), Put("a/2", ""), Put("b", ""), Put("a/3", "")]);
        Assert.Equal(CommandStatus.QuotaExceeded, store.Run(three).Status);
        Assert.Equal(0, store.View.KeyCount);
        Assert.Equal(CommandStatus.Ok, store.Run(Txn([], [Put("a/1", ""), Put("a/2", ""), Put("b", "")])).Status);
    }

    [Fact]
    public void Bytes_count_all_kept_versions_so_that_overwriting_ends_too_and_compaction_makes_room()
    {
        StoreHarness store = new();
        SetQuota(store, "a/", bytes: 5_000);
        int writes = 0;
        while (store.Run(Put("a/1", new string('v', 100))).Status == CommandStatus.Ok)
        {
            writes++;
        }

        Assert.InRange(writes, 5, 50);
        Assert.True(store.View.UseOf(Bytes("a/")).Bytes <= 5_000);
        store.Compact(store.Revision);
        store.FinishCompaction();
        Assert.Equal(CommandStatus.Ok, store.Run(Put("a/1", "v")).Status);
    }

    [Fact]
    public void A_deletion_goes_on_and_gives_back_its_key_at_once()
    {
        StoreHarness store = new();
        SetQuota(store, "a/", keys: 1);
        store.Run(Put("a/1", "v"));
        Assert.Equal(CommandStatus.QuotaExceeded, store.Run(Put("a/2", "v")).Status);
        Assert.Equal(CommandStatus.Ok, store.Run(Delete("a/1")).Status);
        Assert.Equal(CommandStatus.Ok, store.Run(Put("a/2", "v")).Status);
    }

    [Fact]
    public void Counters_and_places_in_queues_count_too()
    {
        StoreHarness store = new();
        SetQuota(store, "n", keys: 0);
        SetQuota(store, "_raftkv/locks/l", keys: 0);
        Assert.Equal(CommandStatus.QuotaExceeded, store.Run(Add("n1", 1)).Status);
        Assert.Equal(CommandStatus.QuotaExceeded, store.Lock("l", lease: 5, ttlMs: 10_000).Status);
        Assert.Equal(0, store.View.LeaseCount);
    }

    [Fact]
    public void A_quota_over_what_is_there_keeps_it_and_is_looked_up_with_its_use()
    {
        StoreHarness store = new();
        store.Run(Put("a/1", "v"));
        store.Run(Put("a/2", "v"));
        SetQuota(store, "a/", keys: 1);
        SetQuota(store, "b/", bytes: 10);
        QuotaInfo quota = store.View.ListQuotas(default, 10)[0];
        Assert.Equal(("a/", 1, 2), (Text(quota.Prefix), quota.Terms.MaxKeys, quota.Use.Keys));
        Assert.Equal("b/", Text(Assert.Single(store.View.ListQuotas(Bytes("a/").Span, 10)).Prefix));
        Assert.Equal(new QuotaTerms(KvLimits.NoQuota, 10), store.View.GetQuota(Bytes("b/").Span));
        Assert.Null(store.View.GetQuota(Bytes("b").Span));
        Assert.Equal(CommandStatus.Ok, store.Apply(new RemoveQuotaCommand(Bytes("a/"))).Status);
        Assert.Equal(CommandStatus.QuotaNotFound, store.Apply(new RemoveQuotaCommand(Bytes("a/"))).Status);
        Assert.Equal(CommandStatus.Ok, store.Run(Put("a/3", "v")).Status);
    }

    [Fact]
    public void There_are_so_many_quotas_and_no_more()
    {
        StoreHarness store = new();
        for (int i = 0; i < KvLimits.MaxQuotas; i++)
        {
            SetQuota(store, "p" + i, keys: 1);
        }

        Assert.Equal(CommandStatus.Overloaded, store.Apply(new SetQuotaCommand(Bytes("more"), new QuotaTerms(1, 1))).Status);
        SetQuota(store, "p7", keys: 2);
    }

    private static void SetQuota(StoreHarness store, string prefix, long keys = KvLimits.NoQuota, long bytes = KvLimits.NoQuota) =>
        Assert.Equal(CommandStatus.Ok, store.Apply(new SetQuotaCommand(Bytes(prefix), new QuotaTerms(keys, bytes))).Status);
}
