using RaftKv.Core.Identity;

namespace RaftKv.Core.Tests.Identity;

/// <summary>Trap 20: a founding needs every founding directory, each once.</summary>
public sealed class FoundingRulesTests
{
    private const ulong List = 0x11;
    private static readonly string[] Names = ["n1", "n2", "n3"];

    [Fact]
    public void Nothing_is_promised_before_every_listed_directory_was_heard()
    {
        FoundingStep step = FoundingRules.Next(Open("n1", 1), Names, [Open("n2", 2)]);

        Assert.Equal("n3", Assert.IsType<FoundingStep.Wait>(step).Missing);
    }

    [Fact]
    public void Who_has_heard_all_promises_itself_to_their_instances_and_founds_when_all_have()
    {
        FoundingStep first = FoundingRules.Next(Open("n1", 1), Names, [Open("n2", 2), Open("n3", 3)]);
        FoundingRoll roll = Assert.IsType<FoundingStep.Promise>(first).Roll;
        Assert.Equal([new NodeId(1), new NodeId(2), new NodeId(3)], roll.Seats.Select(seat => seat.Instance));

        FoundingStep second = FoundingRules.Next(Promised("n1", 1, roll), Names, [Promised("n2", 2, roll), Open("n3", 3)]);
        FoundingStep third = FoundingRules.Next(Promised("n1", 1, roll), Names, [Promised("n2", 2, roll), Promised("n3", 3, roll)]);

        Assert.Equal("n3", Assert.IsType<FoundingStep.Wait>(second).Missing);
        Assert.Equal(roll, Assert.IsType<FoundingStep.Found>(third).Roll);
    }

    [Fact]
    public void A_promise_that_names_this_directory_is_promised_here_too()
    {
        FoundingRoll roll = Roll(1, 2, 3);

        FoundingStep step = FoundingRules.Next(Open("n3", 3), Names, [Promised("n1", 1, roll)]);

        Assert.Equal(roll, Assert.IsType<FoundingStep.Promise>(step).Roll);
    }

    [Fact]
    public void One_founded_directory_of_the_roll_is_enough_for_who_has_promised()
    {
        FoundingRoll roll = Roll(1, 2, 3);

        FoundingStep step = FoundingRules.Next(Promised("n3", 3, roll), Names, [Founded("n1", 1, roll)]);

        Assert.Equal(roll, Assert.IsType<FoundingStep.Found>(step).Roll);
    }

    [Fact]
    public void An_emptied_directory_can_not_found_the_list_again()
    {
        // n2 was lost after the founding; n3 knows of its own promise only.
        FoundingRoll roll = Roll(1, 2, 3);

        FoundingStep empty = FoundingRules.Next(Open("n2", 22), Names, [Promised("n3", 3, roll)]);
        FoundingStep kept = FoundingRules.Next(Promised("n3", 3, roll), Names, [Open("n2", 22)]);
        FoundingStep told = FoundingRules.Next(Open("n2", 22), Names, [Founded("n1", 1, roll)]);

        Assert.Equal(FoundingRefusal.PromisedToAnother, Assert.IsType<FoundingStep.Refuse>(empty).Reason);
        Assert.IsType<FoundingStep.Wait>(kept);
        Assert.Equal(FoundingRefusal.AlreadyFounded, Assert.IsType<FoundingStep.Refuse>(told).Reason);
    }

    [Fact]
    public void Two_emptied_directories_of_three_are_refused()
    {
        FoundingStep step = FoundingRules.Next(Open("n2", 22), Names, [Open("n3", 33), Founded("n1", 1, Roll(1, 2, 3))]);

        Assert.Equal(FoundingRefusal.AlreadyFounded, Assert.IsType<FoundingStep.Refuse>(step).Reason);
    }

    [Fact]
    public void A_directory_that_forgot_its_promise_is_refused()
    {
        FoundingStep step = FoundingRules.Next(Open("n2", 2), Names, [Founded("n1", 1, Roll(1, 2, 3))]);

        Assert.Equal(FoundingRefusal.ForgotPromise, Assert.IsType<FoundingStep.Refuse>(step).Reason);
    }

    [Fact]
    public void A_member_that_joined_later_refuses_a_founding_with_its_address_in_the_list()
    {
        var joined = new FoundingWord("n3", new NodeId(3), 0x22, FoundingStage.Founded, null);

        FoundingStep step = FoundingRules.Next(Open("n1", 1), Names, [joined]);

        Assert.Equal(FoundingRefusal.AlreadyFounded, Assert.IsType<FoundingStep.Refuse>(step).Reason);
    }

    [Fact]
    public void A_directory_with_another_list_is_waited_for()
    {
        FoundingStep step = FoundingRules.Next(Open("n1", 1), Names, [Open("n2", 2), Open("n3", 3) with { List = 0x22 }]);

        Assert.Equal("n3", Assert.IsType<FoundingStep.Wait>(step).Missing);
    }

    [Fact]
    public void One_directory_under_two_names_founds_nothing()
    {
        Assert.IsType<FoundingStep.Wait>(FoundingRules.Next(Open("n1", 1), Names, [Open("n2", 2), Open("n3", 2)]));
    }

    [Fact]
    public void A_list_of_one_needs_nobody()
    {
        FoundingRoll roll = Assert.IsType<FoundingStep.Promise>(FoundingRules.Next(Open("n1", 1), ["n1"], [])).Roll;

        Assert.IsType<FoundingStep.Found>(FoundingRules.Next(Promised("n1", 1, roll), ["n1"], []));
    }

    private static FoundingRoll Roll(params ulong[] instances) =>
        new(instances.Select((instance, i) => new FoundingSeat(Names[i], new NodeId(instance))));

    private static FoundingWord Open(string name, ulong instance) => new(name, new NodeId(instance), List, FoundingStage.Open, null);

    private static FoundingWord Promised(string name, ulong instance, FoundingRoll roll) =>
        new(name, new NodeId(instance), List, FoundingStage.Promised, roll);

    private static FoundingWord Founded(string name, ulong instance, FoundingRoll roll) =>
        new(name, new NodeId(instance), List, FoundingStage.Founded, roll);
}
