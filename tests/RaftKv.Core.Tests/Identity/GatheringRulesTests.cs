using RaftKv.Core.Identity;

namespace RaftKv.Core.Tests.Identity;

/// <summary>Trap 20 without a list: a number of directories founds a cluster, once.</summary>
public sealed class GatheringRulesTests
{
    private const ulong Plan = 0x33;

    [Fact]
    public void Nothing_is_promised_before_as_many_as_expected_were_heard()
    {
        FoundingStep step = GatheringRules.Next(Open("n1", 1), 3, [Open("n2", 2)]);

        Assert.Equal("", Assert.IsType<FoundingStep.Wait>(step).Missing);
        Assert.Null(GatheringRules.Say(Open("n1", 1), 3, [Open("n2", 2)]).Offer);
    }

    [Fact]
    public void Nothing_is_promised_before_the_others_offer_the_same()
    {
        FoundingRoll roll = Roll(1, 2, 3);
        FoundingRoll another = Roll(1, 2, 4);

        FoundingStep silent = GatheringRules.Next(Open("n1", 1), 3, [Open("n2", 2, roll), Open("n3", 3)]);
        FoundingStep other = GatheringRules.Next(Open("n1", 1), 3, [Open("n2", 2, another), Open("n3", 3, roll)]);
        FoundingStep moved = GatheringRules.Next(
            Open("n1", 1), 3, [Open("n2", 2, roll), Open("n3", 3, roll) with { Url = "http://n3:9999" }]);
        FoundingStep agreed = GatheringRules.Next(Open("n1", 1), 3, [Open("n2", 2, roll), Open("n3", 3, roll)]);

        Assert.Equal("n3", Assert.IsType<FoundingStep.Wait>(silent).Missing);
        Assert.Equal("n2", Assert.IsType<FoundingStep.Wait>(other).Missing);
        Assert.IsType<FoundingStep.Wait>(moved);
        Assert.Equal(roll, Assert.IsType<FoundingStep.Promise>(agreed).Roll);
    }

    [Fact]
    public void Who_knows_enough_offers_them_with_their_addresses()
    {
        FoundingWord said = GatheringRules.Say(Open("n1", 1), 3, [Open("n3", 3), Open("n1", 1), Open("n2", 2), Open("n2", 2)]);

        Assert.Equal(Roll(1, 2, 3), said.Offer);
        Assert.Equal(["http://n1:2380", "http://n2:2380", "http://n3:2380"], said.Offer!.Seats.Select(static seat => seat.Url));
        Assert.NotEqual(Roll(1, 2, 3), new FoundingRoll(said.Offer.Seats.Select(static seat => seat with { Url = "" })));
    }

    [Fact]
    public void More_than_expected_are_refused_and_nothing_is_promised()
    {
        FoundingRoll roll = Roll(1, 2, 3);

        FoundingStep step = GatheringRules.Next(Open("n1", 1), 3, [Open("n2", 2, roll), Open("n3", 3, roll), Open("n4", 4)]);

        Assert.Equal(FoundingRefusal.TooMany, Assert.IsType<FoundingStep.Refuse>(step).Reason);
        Assert.Null(GatheringRules.Say(Open("n1", 1), 3, [Open("n2", 2), Open("n3", 3), Open("n4", 4)]).Offer);
    }

    [Fact]
    public void Who_was_started_with_another_number_does_not_count()
    {
        FoundingStep step = GatheringRules.Next(Open("n1", 1), 2, [Open("n2", 2, Roll(1, 2)) with { List = 0x44 }]);

        Assert.IsType<FoundingStep.Wait>(step);
    }

    [Fact]
    public void Two_directories_of_one_name_found_nothing()
    {
        FoundingStep mine = GatheringRules.Next(Open("n1", 1), 3, [Open("n2", 2), Open("n1", 11)]);
        FoundingStep others = GatheringRules.Next(Open("n1", 1), 3, [Open("n2", 2), Open("n2", 22)]);

        Assert.Equal(FoundingRefusal.NameTwice, Assert.IsType<FoundingStep.Refuse>(mine).Reason);
        Assert.IsType<FoundingStep.Wait>(others);
    }

    [Fact]
    public void A_promise_that_names_this_directory_is_promised_here_with_the_addresses_in_it()
    {
        FoundingRoll roll = Roll(1, 2, 3);

        FoundingStep step = GatheringRules.Next(Open("n3", 3) with { Url = "http://moved:2380" }, 3, [Promised("n1", 1, roll)]);

        Assert.Equal(roll, Assert.IsType<FoundingStep.Promise>(step).Roll);
    }

    [Fact]
    public void A_promise_without_this_directory_refuses_it()
    {
        FoundingRoll roll = Roll(1, 2, 3);

        FoundingStep promised = GatheringRules.Next(Open("n4", 4), 3, [Promised("n1", 1, roll)]);
        FoundingStep founded = GatheringRules.Next(Open("n4", 4), 3, [Promised("n1", 1, roll) with { Stage = FoundingStage.Founded }]);

        Assert.Equal(FoundingRefusal.PromisedToAnother, Assert.IsType<FoundingStep.Refuse>(promised).Reason);
        Assert.Equal(FoundingRefusal.AlreadyFounded, Assert.IsType<FoundingStep.Refuse>(founded).Reason);
    }

    [Fact]
    public void All_promises_found_and_an_offer_is_no_promise()
    {
        FoundingRoll roll = Roll(1, 2, 3);

        FoundingStep early = GatheringRules.Next(Promised("n1", 1, roll), 3, [Promised("n2", 2, roll), Open("n3", 3, roll)]);
        FoundingStep all = GatheringRules.Next(Promised("n1", 1, roll), 3, [Promised("n2", 2, roll), Promised("n3", 3, roll)]);

        Assert.Equal("n3", Assert.IsType<FoundingStep.Wait>(early).Missing);
        Assert.Equal(roll, Assert.IsType<FoundingStep.Found>(all).Roll);
    }

    [Fact]
    public void One_needs_nobody()
    {
        Assert.IsType<FoundingStep.Promise>(GatheringRules.Next(Open("n1", 1), 1, []));
    }

    private static FoundingRoll Roll(params ulong[] instances) =>
        new(instances.Select(static id => new FoundingSeat($"n{id}", new NodeId(id), $"http://n{id}:2380")));

    private static FoundingWord Open(string name, ulong instance, FoundingRoll? offer = null) =>
        new(name, new NodeId(instance), Plan, FoundingStage.Open, null) { Url = $"http://{name}:2380", Offer = offer };

    private static FoundingWord Promised(string name, ulong instance, FoundingRoll roll) =>
        new(name, new NodeId(instance), Plan, FoundingStage.Promised, roll) { Url = $"http://{name}:2380" };
}
