using RaftKv.Doors.Etcd.Calls;
using RaftKv.Doors.Grpc;
using RaftKv.Engine;
using RaftKv.Service.Refusals;

namespace RaftKv.Tests.Etcd;

/// <summary>Each reason not to change members has etcd's own code and text, where etcd has one; clients match on both.</summary>
public sealed class MemberErrorsTests
{
    [Theory]
    [InlineData(MemberProblem.NotFound, 5, "etcdserver: member not found")]
    [InlineData(MemberProblem.Exists, 9, "etcdserver: Peer URLs already exists")]
    [InlineData(MemberProblem.NotALearner, 9, "etcdserver: can only promote a learner member")]
    [InlineData(MemberProblem.NoVoterLeft, 9, "etcdserver: re-configuration failed due to not enough started members")]
    [InlineData(MemberProblem.TooMany, 9, "etcdserver: too many learner members in cluster")]
    [InlineData(MemberProblem.Unhealthy, 14, "etcdserver: unhealthy cluster")]
    [InlineData(MemberProblem.Behind, 9, "etcdserver: can only promote a learner member which is in sync with leader")]
    [InlineData(MemberProblem.NotStarted, 9, "etcdserver: can only promote a learner member which is in sync with leader")]
    [InlineData(MemberProblem.TooSmall, 9, "etcdserver: can only promote a learner member which is in sync with leader")]
    public void A_problem_that_etcd_knows_has_its_words(MemberProblem problem, int code, string text)
    {
        GrpcException error = EtcdErrors.FromMembers(problem, MemberErrors.Of(problem));
        Assert.Equal((code, text), ((int)error.Code, error.Detail));
    }

    [Theory]
    [InlineData(MemberChangeOutcome.NoLeader, "etcdserver: no leader")]
    [InlineData(MemberChangeOutcome.Unknown, "etcdserver: request timed out")]
    public void What_became_of_no_change_is_said_as_of_any_other_write(MemberChangeOutcome outcome, string text)
    {
        ApiError error = MemberErrors.Of(new MemberChangeAnswer(outcome), NodePhase.Ready)!;
        Assert.Equal(text, EtcdErrors.FromMembers(MemberProblem.None, error).Detail);
    }

    [Fact]
    public void A_problem_that_etcd_does_not_know_is_said_in_our_words()
    {
        ApiError error = MemberErrors.Of(MemberProblem.Bound);
        Assert.StartsWith("raftkv: member-conflict: ", EtcdErrors.FromMembers(MemberProblem.Bound, error).Detail);
    }
}
