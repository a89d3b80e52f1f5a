using RaftKv.Doors.Etcd.Calls;

namespace RaftKv.Tests.Etcd;

public sealed class LeaseIdSourceTests
{
    private const int Many = 1000;

    private static readonly DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddYears(56);

    [Fact]
    public void Ids_of_a_node_are_positive_and_grow()
    {
        var source = new LeaseIdSource(ulong.MaxValue, _now);
        List<long> ids = [.. Enumerable.Range(0, Many).Select(_ => source.Next())];
        Assert.All(ids, id => Assert.True(id > 0));
        Assert.Equal(ids.Order(), ids);
        Assert.Equal(Many, ids.Distinct().Count());
    }

    [Fact]
    public void Ids_after_a_restart_are_beyond_those_before()
    {
        long before = new LeaseIdSource(7, _now).Next();
        Assert.True(new LeaseIdSource(7, _now.AddMilliseconds(1)).Next() > before);
    }

    [Fact]
    public void Two_nodes_give_out_different_ids()
    {
        Assert.NotEqual(new LeaseIdSource(1, _now).Next(), new LeaseIdSource(2, _now).Next());
    }
}
