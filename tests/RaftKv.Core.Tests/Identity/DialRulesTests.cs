using RaftKv.Core.Identity;

namespace RaftKv.Core.Tests.Identity;

/// <summary>Who is let in at a peer port.</summary>
public sealed class DialRulesTests
{
    private const ulong Cluster = 7;
    private static readonly NodeId _self = new(1);
    private static readonly NodeId _peer = new(2);

    [Fact]
    public void A_member_that_means_this_node_is_welcome() => Judge(DialVerdict.Welcome, new DialClaim(Cluster, _peer, _self));

    [Fact]
    public void Who_is_of_another_cluster_is_refused_whomever_it_means_and_says_it_is()
    {
        Judge(DialVerdict.OtherCluster, new DialClaim(Cluster + 1, _peer, _self));
        Judge(DialVerdict.OtherCluster, new DialClaim(Cluster + 1, _self, _self));
        Judge(DialVerdict.OtherCluster, new DialClaim(0, _peer, new NodeId(9)), wasRemoved: true);
    }

    [Fact]
    public void Who_means_another_directory_is_refused() =>
        Judge(DialVerdict.OtherNode, new DialClaim(Cluster, _peer, new NodeId(9)));

    [Fact]
    public void Who_says_that_it_is_this_node_is_refused() => Judge(DialVerdict.Itself, new DialClaim(Cluster, _self, _self));

    [Fact]
    public void Who_was_removed_is_refused() => Judge(DialVerdict.Removed, new DialClaim(Cluster, _peer, _self), wasRemoved: true);

    private static void Judge(DialVerdict expected, DialClaim claim, bool wasRemoved = false) =>
        Assert.Equal(expected, DialRules.Judge(Cluster, _self, claim, wasRemoved));
}
