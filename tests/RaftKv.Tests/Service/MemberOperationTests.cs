using RaftKv.Core;
using RaftKv.Engine;
using RaftKv.Service.Members;
using RaftKv.Tests.Api;

namespace RaftKv.Tests.Service;

/// <summary>What goes on with a member is read from the membership alone, so that every node tells the same.</summary>
public sealed class MemberOperationTests
{
    private static readonly NodeId Other = new(0xAB);

    [Fact]
    public void Its_name_is_read_back_and_nothing_else_is_one()
    {
        foreach (MemberVerb verb in Enum.GetValues<MemberVerb>())
        {
            var operation = new MemberOperation(verb, Other);
            Assert.Equal(operation, MemberOperation.Parse(operation.ToString()));
        }

        string[] others =
        [
            "", "member-", "member-add", "member-add-", "member-add-ab", "member-grow-00000000000000ab", "add-00000000000000ab",
            "member--00000000000000ab", "member-add-00000000000000ag", "member-add-00000000000000ab1", "member-add-00000000000000ab-1",
        ];
        Assert.All(others, static other => Assert.Null(MemberOperation.Parse(other)));
    }

    [Fact]
    public void How_far_it_is_follows_the_member()
    {
        var place = new MemberInfo("n2", Other, "http://h:1", null, IsSelf: false) { IsPending = true, IsJoining = true };
        MemberInfo learner = place with { IsPending = false, IsJoining = false };
        Assert.Equal(MemberStep.Waiting, StepOf(MemberVerb.Add, place));
        Assert.Equal(MemberStep.CatchingUp, StepOf(MemberVerb.Add, place with { IsPending = false }));
        Assert.Equal(MemberStep.Done, StepOf(MemberVerb.Add, learner));
        Assert.Equal(MemberStep.Given, StepOf(MemberVerb.Add, null));
        Assert.Equal(MemberStep.CatchingUp, StepOf(MemberVerb.Promote, place with { IsPending = false }));
        Assert.Equal(MemberStep.Given, StepOf(MemberVerb.Promote, learner));
        Assert.Equal(MemberStep.Done, StepOf(MemberVerb.Demote, learner));
        Assert.Equal(MemberStep.Leaving, StepOf(MemberVerb.Remove, learner with { IsLeaving = true }));
        Assert.Equal(MemberStep.Given, StepOf(MemberVerb.Remove, learner));
        Assert.Equal(MemberStep.Done, StepOf(MemberVerb.Remove, null));
    }

    private static MemberStep StepOf(MemberVerb verb, MemberInfo? member)
    {
        var node = new SingleNodeFake();
        node.Members = member is null ? node.Members : [.. node.Members, member];
        return new MemberOperation(verb, Other).StepOn(node);
    }
}
