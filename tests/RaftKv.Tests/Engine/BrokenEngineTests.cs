using System.Reflection;
using RaftKv.Engine.Conformance;
using RaftKv.Engine.Conformance.Toy;

namespace RaftKv.Tests.Engine;

/// <summary>Each promise is broken once, and a conformance test of that promise notices it.</summary>
public sealed class BrokenEngineTests
{
    private const int MostTries = 20;

    [Theory]
    [InlineData(ToyFault.AnswersBeforeSync, "P1_what_was_acknowledged_outlives_the_loss_of_power_on_all_disks_amid_writes")]
    [InlineData(ToyFault.BarrierWithoutQuorum, "P2_P4_without_a_quorum_no_barrier_is_granted_and_no_write_is_called_applied")]
    [InlineData(ToyFault.AnswersBeforePublishing, "P3_a_write_that_is_answered_is_in_the_point_of_its_node")]
    [InlineData(ToyFault.SaysNoAndApplies, "P4_what_was_refused_in_any_way_never_happened")]
    [InlineData(ToyFault.AppliesTwice, "P5_P6_P8_writes_through_all_nodes_are_applied_once_each_and_alike")]
    [InlineData(ToyFault.Diverges, "P5_P6_P8_writes_through_all_nodes_are_applied_once_each_and_alike")]
    [InlineData(ToyFault.ProvesByContact, "P7_nothing_is_proven_before_a_quorum_answered")]
    [InlineData(ToyFault.ElectsDuringLease, "P7_nobody_else_leads_while_a_leaders_lease_holds")]
    [InlineData(ToyFault.RefusesWhereNotLed, "P5_P6_P8_writes_through_all_nodes_are_applied_once_each_and_alike")]
    [InlineData(ToyFault.ForgetsCallers, "P9_a_cancelled_write_ends_with_an_outcome_and_a_stopped_node_answers_everyone")]
    [InlineData(ToyFault.EndsLeasesEarly, "P10_a_lease_lives_its_whole_time_from_grant_and_from_renewal_also_under_the_next_leader")]
    public async Task A_broken_promise_is_noticed(ToyFault fault, string test)
    {
        EngineTests broken = typeof(EngineConformance).GetMethod(test) is not null ? new Broken(fault) : new BrokenInTime(fault);
        MethodInfo method = broken.GetType().GetMethod(test)!;

        // A machine that stands still can hide a fault of time, and never makes one up: then it is looked for again.
        Exception? noticed = null;
        for (int tries = 0; noticed is null && tries < MostTries; tries++)
        {
            noticed = await Record.ExceptionAsync(() => (Task)method.Invoke(broken, null)!);
        }

        Assert.True(noticed is Xunit.Sdk.XunitException or TimeoutException, $"{fault} passed, or fell otherwise: {noticed}");
    }

    [Fact]
    public void Every_fault_is_tried() =>
        Assert.Equal(
            Enum.GetValues<ToyFault>().Where(static fault => fault != ToyFault.None),
            typeof(BrokenEngineTests).GetMethod(nameof(A_broken_promise_is_noticed))!
                .GetCustomAttributes<InlineDataAttribute>().SelectMany(static data => data.GetData(null!))
                .Select(static row => (ToyFault)row[0]).Order());

    private sealed class Broken(ToyFault fault) : EngineConformance
    {
        protected override TimeSpan Patience => TimeSpan.FromSeconds(3);

        protected override IEngineCluster Make(int engines) => new ToyCluster(engines, fault);
    }

    private sealed class BrokenInTime(ToyFault fault) : EngineTimeConformance
    {
        protected override TimeSpan Patience => TimeSpan.FromSeconds(3);

        protected override IEngineCluster Make(int engines) => new ToyCluster(engines, fault);
    }
}
