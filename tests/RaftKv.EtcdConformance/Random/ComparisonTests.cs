using RaftKv.EtcdConformance.Clients;
using RaftKv.Protocol.Etcd;

namespace RaftKv.EtcdConformance.Random;

/// <summary>The comparison itself must see differences.</summary>
public sealed class ComparisonTests
{
    [Fact]
    public void Answers_that_differ_in_a_value_a_revision_or_an_error_are_told_apart()
    {
        GrpcAnswer answer = Ok(revision: 5, more: false);

        Assert.Null(Comparison.Difference(answer, Ok(revision: 5, more: false)));
        Assert.NotNull(Comparison.Difference(answer, Ok(revision: 6, more: false)));
        Assert.NotNull(Comparison.Difference(answer, Ok(revision: 5, more: true)));
        Assert.NotNull(Comparison.Difference(answer, new GrpcAnswer(3, "x", null)));
        Assert.NotNull(Comparison.Difference(new GrpcAnswer(3, "y", null), new GrpcAnswer(3, "x", null)));
        Assert.NotNull(Comparison.Difference(new GrpcAnswer(5, "x", null), new GrpcAnswer(3, "x", null)));
    }

    [Fact]
    public void Which_cluster_answered_makes_no_difference()
    {
        GrpcAnswer other = Ok(revision: 5, more: false);
        ((RangeResponse)other.Message!).Header.ClusterId = 77;

        Assert.Null(Comparison.Difference(Ok(revision: 5, more: false), other));
    }

    private static GrpcAnswer Ok(long revision, bool more) =>
        new(0, "", new RangeResponse { Header = new ResponseHeader { Revision = revision, ClusterId = 1 }, More = more });
}
