using Microsoft.Extensions.Time.Testing;
using RaftKv.Api.Etcd;

namespace RaftKv.Tests.Etcd;

public sealed class LeaseIdSourceTests
{
    private const int Many = 1000;

    [Fact]
    public void Ids_of_a_node_are_positive_and_grow()
    {
        var source = new LeaseIdSource(ulong.MaxValue, new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56)));
        List<long> ids = [.. Enumerable.Range(0, Many).Select(_ => source.Next())];
        Assert.All(ids, id => Assert.True(id > 0));
        Assert.Equal(ids.Order(), ids);
        Assert.Equal(Many, ids.Distinct().Count());
    }

    [Fact]
    public void Ids_after_a_restart_are_beyond_those_before()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        long before = new LeaseIdSource(7, time).Next();
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(new LeaseIdSource(7, time).Next() > before);
    }

    [Fact]
    public void Two_nodes_give_out_different_ids()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        Assert.NotEqual(new LeaseIdSource(1, time).Next(), new LeaseIdSource(2, time).Next());
    }
}
