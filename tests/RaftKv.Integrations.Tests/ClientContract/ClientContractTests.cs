using RaftKv.Client;
using RaftKv.Client.Testing.InMemory;
using RaftKv.Integrations.Tests.Support;
using static RaftKv.Client.Compare;

namespace RaftKv.Integrations.Tests.ClientContract;

/// <summary>What <see cref="IRaftKvClient"/> promises, asked of the double in memory and of three real nodes alike.</summary>
public abstract class ClientContractTests
{
    /// <summary>What is asked.</summary>
    private protected abstract IRaftKvClient Kv { get; }

    /// <summary>Keys of one test begin so.</summary>
    private protected abstract string At { get; }

    [Fact]
    public async Task A_key_is_created_overwritten_and_deleted_with_its_revisions()
    {
        string key = At + "life";
        Assert.Null(await Kv.GetAsync(key));
        PutResult first = await Kv.PutAsync(key, "1");
        PutResult second = await Kv.PutAsync(key, "2");
        KeyValueEntry entry = (await Kv.GetAsync(key))!;
        DeleteResult deleted = await Kv.DeleteAsync(key);
        DeleteResult nothing = await Kv.DeleteAsync(key);
        GetResult gone = await Kv.TryGetAsync(key);
        PutResult again = await Kv.PutAsync(key, "3");

        Assert.True(first.IsCreated && !second.IsCreated && again.IsCreated);
        Assert.Equal(
            (first.CreateRevision, second.ModRevision, 2, "2"),
            (entry.CreateRevision, entry.ModRevision, entry.Version, entry.GetString()));
        Assert.True(second.ModRevision > first.ModRevision);
        Assert.Equal((1, 0), (deleted.DeletedCount, nothing.DeletedCount));
        Assert.Equal(deleted.Metadata.Revision, nothing.Metadata.Revision);
        Assert.False(gone.Found);
        Assert.Equal((again.ModRevision, 1), (again.CreateRevision, again.Version));
        Assert.Equal("2", await Kv.GetStringAsync(key, new ReadOptions { Revision = second.ModRevision }));
    }

    [Fact]
    public async Task Text_is_written_with_options_that_name_no_type()
    {
        PutResult put = await Kv.PutAsync(At + "text", "1", new() { IsIdempotent = false });
        await Kv.PutAsync(At + "number", 7, Numbers.Default.Int32, new() { IsIdempotent = false });

        Assert.True(put.IsCreated);
        Assert.Equal("7", await Kv.GetStringAsync(At + "number"));
    }

    [Fact]
    public async Task Preconditions_decide_and_say_what_is_there()
    {
        string key = At + "cas";
        CompareAndSetResult created = await Kv.TryCompareAndSetAsync(key, Precondition.Missing, "1");
        CompareAndSetResult refused = await Kv.TryCompareAndSetAsync(key, Precondition.Missing, "2");
        CompareAndSetResult changed = await Kv.TryCompareAndSetAsync(key, Precondition.AtRevision(created.ModRevision), "3");
        var e = await Assert.ThrowsAsync<RaftKvPreconditionException>(
            () => Kv.CompareAndSetAsync(key, Precondition.AtRevision(created.ModRevision), "4"));
        var kept = await Assert.ThrowsAsync<RaftKvPreconditionException>(
            () => Kv.DeleteAsync(key, new WriteOptions { Precondition = Precondition.AtRevision(created.ModRevision) }));

        Assert.True(created.Succeeded && changed.Succeeded && !refused.Succeeded);
        Assert.Equal(created.ModRevision, refused.CurrentRevision);
        Assert.Equal(("precondition-failed", Outcome.NotApplied, 412), (e.Code, e.Outcome, e.Status));
        Assert.Equal("precondition-failed", kept.Code);
        Assert.Equal("3", await Kv.GetStringAsync(key));
    }

    [Fact]
    public async Task Counters_add_and_refuse_what_is_no_number_or_would_be_none()
    {
        Assert.Equal(5, (await Kv.IncrementAsync(At + "n", 5)).Value);
        IncrementResult less = await Kv.IncrementAsync(At + "n", -7);
        Assert.Equal(-2, less.Value);
        Assert.Equal(less.Revision, (await Kv.GetAsync(At + "n"))!.ModRevision);
        await Kv.PutAsync(At + "text", "x");
        var text = await Assert.ThrowsAsync<RaftKvRequestException>(() => Kv.IncrementAsync(At + "text"));
        await Kv.PutAsync(At + "most", long.MaxValue.ToString(System.Globalization.CultureInfo.InvariantCulture));
        var most = await Assert.ThrowsAsync<RaftKvRequestException>(() => Kv.IncrementAsync(At + "most"));

        Assert.Equal(("not-a-counter", Outcome.NotApplied), (text.Code, text.Outcome));
        Assert.Equal(("counter-overflow", Outcome.NotApplied), (most.Code, most.Outcome));
    }

    [Fact]
    public async Task Ranges_are_in_byte_order_and_bounded()
    {
        foreach (string name in (string[])["b", "a", "c", "ü", "B"])
        {
            await Kv.PutAsync(At + "range/" + name, name);
        }

        RaftKvRange all = RaftKvRange.Prefix(At + "range/");

        Assert.Equal(["B", "a", "b", "c", "ü"], await ValuesAsync(all));
        Assert.Equal(["ü", "c", "b", "a", "B"], await ValuesAsync(all, new RangeOptions { Descending = true, PageSize = 2 }));
        Assert.Equal(["a", "b"], await ValuesAsync(RaftKvRange.Between(At + "range/a", At + "range/c")));
        Assert.Equal(["b"], await ValuesAsync(RaftKvRange.Single(At + "range/b")));
        Assert.All(await ValuesAsync(all, new RangeOptions { KeysOnly = true }), static value => Assert.Empty(value));
        Assert.Equal(5, (await Kv.CountAsync(all)).Count);
        Assert.Equal(5, (await Kv.DeletePrefixAsync(At + "range/")).DeletedCount);
        Assert.Equal(0, (await Kv.CountAsync(all)).Count);
    }

    [Fact]
    public async Task A_txn_is_one_revision_and_its_conditions_see_the_state_before()
    {
        string a = At + "txn/a";
        string b = At + "txn/b";
        TxnResult first = await Kv.CommitAsync(new TxnBuilder().When(Key(a).IsMissing, Key(b).ModRevision == 0).Then(
            Op.Put(a, "1"), Op.Get(a), Op.Increment(b, 2),
            Op.Txn(new TxnBuilder().When(Key(a).Exists).Then(Op.Put(At + "x", "1")).Else(Op.Get(b)))));
        TxnResult second = await Kv.CommitAsync(new TxnBuilder().When(Key(a).Value == "2").Then(Op.Delete(a)).Else(Op.Get(b)));
        TxnResult third = await Kv.CommitAsync(new TxnBuilder()
            .When(Key(a).Value == "1", Key(a).Version > 0, Key(At + "missing").Value != "1").Then(Op.Delete(a)));
        TxnResult fourth = await Kv.CommitAsync(new TxnBuilder().When(Key(a).Value < "2").Then(Op.Delete(RaftKvRange.Prefix(At + "txn/"))));

        Assert.True(first.Succeeded);
        Assert.Equal(first.Revision, Assert.IsType<TxnPutResult>(first.Responses[0]).ModRevision);
        Assert.Equal("1", Assert.IsType<TxnGetResult>(first.Responses[1]).Entry!.GetString());
        Assert.Equal(2, Assert.IsType<TxnIncrementResult>(first.Responses[2]).Value);
        var nested = Assert.IsType<TxnNestedResult>(first.Responses[3]);
        Assert.False(nested.Succeeded);
        Assert.Equal("2", Assert.IsType<TxnGetResult>(Assert.Single(nested.Responses)).Entry!.GetString());
        Assert.False(second.Succeeded);
        Assert.Equal(first.Revision, second.Revision);
        Assert.False(third.Succeeded);
        Assert.Equal(2, Assert.IsType<TxnDeleteResult>(Assert.Single(fourth.Responses)).DeletedCount);
        Assert.Equal(first.Revision + 1, fourth.Revision);
    }

    [Fact]
    public async Task A_txn_that_writes_a_key_twice_is_refused_and_changes_nothing()
    {
        var e = await Assert.ThrowsAsync<RaftKvRequestException>(
            () => Kv.CommitAsync(new TxnBuilder().Then(Op.Put(At + "twice", "1"), Op.Put(At + "twice", "2"))));

        Assert.Equal(("invalid-request", Outcome.NotApplied), (e.Code, e.Outcome));
        Assert.Null(await Kv.GetAsync(At + "twice"));
    }

    [Fact]
    public async Task A_watch_tells_each_change_once_and_in_order_from_where_it_is_asked()
    {
        string prefix = At + "watch/";
        PutResult before = await Kv.PutAsync(prefix + "a", "1");
        await Kv.PutAsync(At + "elsewhere", "1");
        await Kv.CommitAsync(new TxnBuilder().Then(Op.Put(prefix + "a", "2"), Op.Put(prefix + "b", "1")));
        await Kv.DeleteAsync(prefix + "a");
        WatchOptions options = new() { StartRevision = before.ModRevision + 1, WithPreviousValues = true };
        using CancellationTokenSource stop = new(ThreeNodes.Patience);

        List<WatchEvent> events = [];
        await foreach (WatchEvent change in Kv.WatchAsync(RaftKvRange.Prefix(prefix), options, stop.Token))
        {
            events.Add(change);
            if (events.Count == 3)
            {
                break;
            }
        }

        Assert.Equal(["a", "b", "a"], events.Select(change => change.Key.ToString()[prefix.Length..]));
        Assert.Equal([WatchEventType.Put, WatchEventType.Put, WatchEventType.Delete], events.Select(static change => change.Type));
        Assert.Equal(["1", null, "2"], events.Select(static change => change.Previous?.GetString()));
        Assert.Equal(events[0].Revision, events[1].Revision);
        Assert.Equal(WatchEventReason.Deleted, events[2].Reason);
    }

    [Fact]
    public async Task Updates_of_many_lose_none_and_arguments_are_checked()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Kv.UpdateAsync(At + "sum", static n => n + 1, Numbers.Default.Int32)));
        Assert.Equal(8, await Kv.GetAsync(At + "sum", Numbers.Default.Int32));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Kv.GetAsync(default(RaftKvKey)));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Kv.TryCompareAndSetAsync(At + "x", default, "1"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Kv.PutAsync(At + "cancelled", "1", cancellationToken: new CancellationToken(canceled: true)));
        Assert.Null(await Kv.GetAsync(At + "cancelled"));
    }

    private async Task<List<string>> ValuesAsync(RaftKvRange range, RangeOptions? options = null)
    {
        List<string> values = [];
        await foreach (KeyValueEntry entry in Kv.RangeAsync(range, options))
        {
            values.Add(entry.GetString());
        }

        return values;
    }
}

/// <summary>Numbers as JSON, without reflection.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(int))]
internal sealed partial class Numbers : System.Text.Json.Serialization.JsonSerializerContext;

/// <summary>The real thing.</summary>
[Collection(ThreeNodes.Name)]
public sealed class RealClientTests(ThreeNodes nodes) : ClientContractTests
{
    private static int s_test;

    private protected override IRaftKvClient Kv => nodes.Client;

    private protected override string At { get; } = $"contract/{Interlocked.Increment(ref s_test)}/";
}

/// <summary>The double, and what only it can do.</summary>
public sealed class InMemoryKvTests : ClientContractTests
{
    private readonly InMemoryKv _kv = new();

    private protected override IRaftKvClient Kv => _kv;

    private protected override string At => "";

    [Fact]
    public async Task Failures_come_when_asked_for_and_an_unknown_outcome_is_applied_or_not()
    {
        _kv.FailNext(TestFailures.Unavailable());
        _kv.FailNextWrite(isApplied: false);
        _kv.FailNextWrite(isApplied: true);

        var unavailable = await Assert.ThrowsAsync<RaftKvUnavailableException>(() => _kv.GetAsync("a"));
        var lost = await Assert.ThrowsAsync<RaftKvOutcomeUnknownException>(() => _kv.PutAsync("a", "1"));
        Assert.Null(await _kv.GetAsync("a"));
        await Assert.ThrowsAsync<RaftKvOutcomeUnknownException>(() => _kv.PutAsync("a", "2"));

        Assert.Equal(Outcome.NotApplied, unavailable.Outcome);
        Assert.Equal(Outcome.Unknown, lost.Outcome);
        Assert.Equal("2", await _kv.GetStringAsync("a"));
        Assert.Equal(2, _kv.Revision);
    }

    [Fact]
    public async Task A_lost_fence_refuses_and_an_ended_lease_takes_its_keys_in_one_revision()
    {
        Fence fence = new("lock", 7);
        await _kv.PutAsync("a", "1", new WriteOptions { Fence = fence, Lease = "1f" });
        await _kv.PutAsync("b", "1", new WriteOptions { Lease = "1f" });
        long before = _kv.Revision;
        _kv.LoseFence(fence);
        _kv.EndLease("1f");

        var lost = await Assert.ThrowsAsync<RaftKvPreconditionException>(() => _kv.PutAsync("a", "2", new WriteOptions { Fence = fence }));

        Assert.Equal("fence-lost", lost.Code);
        Assert.Null(await _kv.GetAsync("a"));
        Assert.Equal(before + 1, _kv.Revision);
    }
}
