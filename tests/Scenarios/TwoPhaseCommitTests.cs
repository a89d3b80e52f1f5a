using RaftKv.Client;
using RaftKv.Scenarios.Patterns;
using RaftKv.Scenarios.Support;

namespace RaftKv.Scenarios;

/// <summary>
/// Two-phase commit whose coordinator dies without blocking the others, because its decision is in the log.
/// docs/scenarios/two-phase-commit.md.
/// </summary>
[Collection(CalmCluster.Name)]
public sealed class TwoPhaseCommitTests(ThreeNodes cluster)
{
    private const string Trip = "trip-1";

    [Fact]
    public async Task Wherever_the_coordinator_dies_the_others_agree_and_are_free_again()
    {
        Dictionary<Decision, int> ends = new() { [Decision.Abort] = 0, [Decision.Commit] = 0 };
        foreach (bool isAfterIt in (bool[])[false, true])
        {
            for (int request = 1; await RunWithDeathAsync(new Death(request, isAfterIt)) is { } end; request++)
            {
                ends[end]++;
            }
        }

        // Deaths on both sides of the decision.
        Assert.All(ends.Values, static count => Assert.True(count >= 5, $"Only {count} deaths on one side."));
    }

    [Fact]
    public async Task A_participant_that_cannot_makes_all_of_them_abort()
    {
        (TwoPhaseCommit commit, Participant flight, Participant hotel, RaftKvClient client) = await OpenAsync();

        Decision decision = await commit.RunAsync(Trip, [(flight, 1), (hotel, 6)]);

        Assert.Equal(Decision.Abort, decision);
        Assert.Equal((5, 5), (await client.AmountAsync(flight.FreeKey), await client.AmountAsync(hotel.FreeKey)));
    }

    [Fact]
    public async Task A_slow_coordinator_that_wakes_up_bows_to_what_the_participants_decided()
    {
        (TwoPhaseCommit commit, Participant flight, Participant hotel, RaftKvClient client) = await OpenAsync();
        Assert.True(await flight.TryPrepareAsync(Trip, 1));

        // The flight waited long enough. The coordinator knows nothing of that and goes on.
        Assert.Equal(Decision.Abort, await commit.ResolveAsync(Trip, flight));
        Decision decision = await commit.RunAsync(Trip, [(hotel, 1), (flight, 1)]);

        Assert.Equal(Decision.Abort, decision);
        Assert.Equal((5, 5), (await client.AmountAsync(flight.FreeKey), await client.AmountAsync(hotel.FreeKey)));
        Assert.Equal((Decision.Abort, Decision.Abort), (await flight.EndOfAsync(Trip), await hotel.EndOfAsync(Trip)));
    }

    [Fact]
    public async Task Wrong_a_decision_in_the_coordinators_memory_leaves_the_others_to_wait_or_to_guess()
    {
        (_, Participant flight, Participant hotel, RaftKvClient client) = await OpenAsync();
        Assert.True(await flight.TryPrepareAsync(Trip, 5));
        Assert.True(await hotel.TryPrepareAsync(Trip, 5));

        // The coordinator decides, tells the flight, and dies. The decision dies with it.
        await flight.FinishAsync(Trip, Decision.Commit);

        // To wait: the hotel's rooms are promised to nobody, and no one else gets one.
        Assert.True(await hotel.IsWaitingAsync(Trip));
        Assert.False(await hotel.TryPrepareAsync("trip-2", 1));

        // To guess: a flight without a room.
        await hotel.FinishAsync(Trip, Decision.Abort);
        Assert.Equal((Decision.Commit, Decision.Abort), (await flight.EndOfAsync(Trip), await hotel.EndOfAsync(Trip)));
        Assert.Equal((0, 5), (await client.AmountAsync(flight.FreeKey), await client.AmountAsync(hotel.FreeKey)));
    }

    /// <summary>Null when the coordinator came to its end before that request.</summary>
    private async Task<Decision?> RunWithDeathAsync(Death death)
    {
        (TwoPhaseCommit commit, Participant flight, Participant hotel, RaftKvClient client, string prefix) = await OpenWithPrefixAsync();
        using var mortal = new DyingHandler(death);
        RaftKvClient dying = cluster.NewUser(mortal);
        try
        {
            await new TwoPhaseCommit(dying, prefix).RunAsync(
                Trip, [(new Participant(dying, prefix + "flight/"), 2), (new Participant(dying, prefix + "hotel/"), 2)]);
        }
        catch (DiedException)
        {
            // As planned.
        }

        // Each helps itself, without the coordinator and without the other.
        Decision[] decisions = [await commit.ResolveAsync(Trip, hotel), await commit.ResolveAsync(Trip, flight)];

        Assert.True(decisions[0] == decisions[1], $"{death}: {decisions[0]} and {decisions[1]}");
        Assert.Equal((decisions[0], decisions[0]), (await flight.EndOfAsync(Trip), await hotel.EndOfAsync(Trip)));
        long left = decisions[0] == Decision.Commit ? 3 : 5;
        Assert.True((left, left) == (await client.AmountAsync(flight.FreeKey), await client.AmountAsync(hotel.FreeKey)), $"{death}: wrong amounts.");
        Assert.Equal(Decision.Commit, await commit.RunAsync("trip-2", [(flight, left), (hotel, left)]));
        return mortal.IsDead ? decisions[0] : null;
    }

    private async Task<(TwoPhaseCommit Commit, Participant Flight, Participant Hotel, RaftKvClient Client)> OpenAsync()
    {
        (TwoPhaseCommit commit, Participant flight, Participant hotel, RaftKvClient client, _) = await OpenWithPrefixAsync();
        return (commit, flight, hotel, client);
    }

    private async Task<(TwoPhaseCommit Commit, Participant Flight, Participant Hotel, RaftKvClient Client, string Prefix)> OpenWithPrefixAsync()
    {
        RaftKvClient client = cluster.NewUser();
        string prefix = cluster.NewPrefix("2pc");
        var flight = new Participant(client, prefix + "flight/");
        var hotel = new Participant(client, prefix + "hotel/");
        await flight.OpenAsync(5);
        await hotel.OpenAsync(5);
        return (new TwoPhaseCommit(client, prefix), flight, hotel, client, prefix);
    }
}
