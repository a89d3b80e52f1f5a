using System.Diagnostics;
using RaftKv.Client;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.Scenarios.Patterns;
using RaftKv.Scenarios.Support;

namespace RaftKv.Scenarios;

/// <summary>
/// A saga whose coordinator is killed half-way and resumed by another: each step exactly once, and undone in reverse
/// order. docs/scenarios/saga.md.
/// </summary>
[Collection(CalmCluster.Name)]
public sealed class SagaTests(ThreeNodes cluster)
{
    private static readonly SagaRecord[] WayToTheEnd =
    [
        new(SagaPhase.Forward, 0), new(SagaPhase.Forward, 1), new(SagaPhase.Forward, 2), new(SagaPhase.Forward, 3), new(SagaPhase.Done, 3),
    ];

    private static readonly SagaRecord[] WayBack =
    [
        new(SagaPhase.Forward, 0), new(SagaPhase.Forward, 1), new(SagaPhase.Forward, 2),
        new(SagaPhase.Back, 2, "no courier"), new(SagaPhase.Back, 1, "no courier"), new(SagaPhase.Back, 0, "no courier"),
        new(SagaPhase.Undone, 0, "no courier"),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public async Task Wherever_its_coordinator_dies_another_finishes_the_saga_with_each_step_once(int courierCount)
    {
        int deathCount = 0;
        foreach (bool isAfterIt in (bool[])[false, true])
        {
            for (int request = 1; ; request++)
            {
                var death = new Death(request, isAfterIt);
                if (!await RunWithDeathAsync(death, courierCount))
                {
                    break;
                }

                deathCount++;
            }
        }

        // Fewer would mean that the coordinator was not caught in the midst of its work.
        Assert.True(deathCount > 20, $"Only {deathCount} deaths.");
    }

    [Fact]
    public async Task A_coordinator_process_killed_with_SIGKILL_is_resumed_by_another()
    {
        RaftKvClient other = cluster.NewUser();
        string prefix = cluster.NewPrefix("saga");
        await OrderSaga.PrepareAsync(other, prefix, courierCount: 0);

        using (Process coordinator = StartCoordinator(cluster.Nodes[0], prefix, stopBefore: 2))
        {
            Assert.Equal(SagaCoordinator.Reached, await coordinator.StandardOutput.ReadLineAsync());
            coordinator.Kill();
            await coordinator.WaitForExitAsync();
        }

        // Half-way: the lamp is taken and the money too.
        Assert.Equal((1, 100 - OrderSaga.Price, 0), await OrderSaga.LeftAsync(other, prefix));
        SagaRecord end = await new Saga(other, prefix + "saga", OrderSaga.Steps(prefix)).RunAsync();

        Assert.Equal(new SagaRecord(SagaPhase.Undone, 0, "no courier"), end);
        Assert.Equal((2, 100, 0), await OrderSaga.LeftAsync(other, prefix));
        Assert.Equal(WayBack, await Saga.HistoryAsync(other, prefix + "saga"));
    }

    [Fact]
    public async Task Three_coordinators_of_one_saga_at_the_same_time_do_each_step_once()
    {
        RaftKvClient[] nodes = cluster.NewUserOfEachNode();
        string prefix = cluster.NewPrefix("saga");
        await OrderSaga.PrepareAsync(nodes[0], prefix, courierCount: 1);

        SagaRecord[] ends = await Task.WhenAll(nodes.Select(node => new Saga(node, prefix + "saga", OrderSaga.Steps(prefix)).RunAsync()));

        Assert.All(ends, static end => Assert.Equal(WayToTheEnd[^1], end));
        Assert.Equal((1, 100 - OrderSaga.Price, 0), await OrderSaga.LeftAsync(nodes[0], prefix));
        Assert.Equal(WayToTheEnd, await Saga.HistoryAsync(nodes[0], prefix + "saga"));
    }

    [Fact]
    public async Task Wrong_a_step_and_its_note_in_two_writes_charges_the_customer_twice()
    {
        RaftKvClient other = cluster.NewUser();
        string prefix = cluster.NewPrefix("saga");
        await other.PutAsync(prefix + "customer", "200");

        // It looks, opens its client session, and charges.
        using var mortal = new DyingHandler(new Death(AtRequest: 3, IsAfterIt: true));

        await Assert.ThrowsAsync<DiedException>(() => ChargeAndNoteAsync(cluster.NewUser(mortal), prefix));
        await ChargeAndNoteAsync(other, prefix);

        Assert.Equal(200 - (2 * OrderSaga.Price), await other.AmountAsync(prefix + "customer"));
    }

    /// <summary>The charge and the note that it was made are two writes, and a coordinator can die between them.</summary>
    private static async Task ChargeAndNoteAsync(RaftKvClient client, string prefix)
    {
        if (await client.GetAsync(prefix + "charged") is null)
        {
            await client.IncrementAsync(prefix + "customer", -OrderSaga.Price);
            await client.PutAsync(prefix + "charged", "yes");
        }
    }

    /// <summary>False when the coordinator came to the end before that request.</summary>
    private async Task<bool> RunWithDeathAsync(Death death, int courierCount)
    {
        RaftKvClient other = cluster.NewUser();
        string prefix = cluster.NewPrefix("saga");
        await OrderSaga.PrepareAsync(other, prefix, courierCount);
        using var mortal = new DyingHandler(death);
        try
        {
            await new Saga(cluster.NewUser(mortal), prefix + "saga", OrderSaga.Steps(prefix)).RunAsync();
        }
        catch (DiedException)
        {
            // As planned.
        }

        SagaRecord end = await new Saga(other, prefix + "saga", OrderSaga.Steps(prefix)).RunAsync();

        SagaRecord[] way = courierCount > 0 ? WayToTheEnd : WayBack;
        var left = courierCount > 0 ? (1, 100 - OrderSaga.Price, 0) : (2L, 100L, 0L);
        Assert.True(end == way[^1], $"{death}: {end}");
        Assert.True(left == await OrderSaga.LeftAsync(other, prefix), $"{death}: an effect is missing, or there twice.");
        Assert.Equal(way, await Saga.HistoryAsync(other, prefix + "saga"));
        return mortal.IsDead;
    }

    private static Process StartCoordinator(Node node, string prefix, int stopBefore)
    {
        var info = new ProcessStartInfo(BuiltServer.Host) { RedirectStandardOutput = true, UseShellExecute = false };
        info.ArgumentList.Add(typeof(SagaTests).Assembly.Location);
        foreach (string word in (string[])["saga", node.Endpoint.ToString(), prefix, Numbers.Text(stopBefore)])
        {
            info.ArgumentList.Add(word);
        }

        return Process.Start(info)!;
    }
}
