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
    private const long Places = 5;

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
        var agency = new Agency(cluster.NewUser(), cluster.NewPrefix("2pc"));
        await agency.OpenAsync();

        Decision decision = await agency.Commit.RunAsync(Trip, [(agency.Flight, 1), (agency.Hotel, Places + 1)]);

        Assert.Equal(Decision.Abort, decision);
        Assert.Equal((Places, Places), await agency.FreeAsync());
    }

    [Fact]
    public async Task A_slow_coordinator_that_wakes_up_bows_to_what_the_participants_decided()
    {
        var agency = new Agency(cluster.NewUser(), cluster.NewPrefix("2pc"));
        await agency.OpenAsync();
        Assert.True(await agency.Flight.TryPrepareAsync(Trip, 1));

        // The flight waited long enough. The coordinator knows nothing of that and goes on.
        Assert.Equal(Decision.Abort, await agency.Commit.ResolveAsync(Trip, agency.Flight));
        Decision decision = await agency.Commit.RunAsync(Trip, [(agency.Hotel, 1), (agency.Flight, 1)]);

        Assert.Equal(Decision.Abort, decision);
        Assert.Equal((Decision.Abort, Decision.Abort), await agency.EndsAsync());
        Assert.Equal((Places, Places), await agency.FreeAsync());
    }

    [Fact]
    public async Task Wrong_a_decision_in_the_coordinators_memory_leaves_the_others_to_wait_or_to_guess()
    {
        var agency = new Agency(cluster.NewUser(), cluster.NewPrefix("2pc"));
        await agency.OpenAsync();
        Assert.True(await agency.Flight.TryPrepareAsync(Trip, Places));
        Assert.True(await agency.Hotel.TryPrepareAsync(Trip, Places));

        // The coordinator decides, tells the flight, and dies. The decision dies with it.
        await agency.Flight.FinishAsync(Trip, Decision.Commit);

        // To wait: the hotel's rooms are promised to nobody, and no one else gets one.
        Assert.True(await agency.Hotel.IsWaitingAsync(Trip));
        Assert.False(await agency.Hotel.TryPrepareAsync("trip-2", 1));

        // To guess: a flight without a room.
        await agency.Hotel.FinishAsync(Trip, Decision.Abort);
        Assert.Equal((Decision.Commit, Decision.Abort), await agency.EndsAsync());
        Assert.Equal((0, Places), await agency.FreeAsync());
    }

    /// <summary>Null when the coordinator came to its end before that request.</summary>
    private async Task<Decision?> RunWithDeathAsync(Death death)
    {
        var agency = new Agency(cluster.NewUser(), cluster.NewPrefix("2pc"));
        await agency.OpenAsync();
        using var mortal = new DyingHandler(death);
        Agency dying = agency with { Client = cluster.NewUser(mortal) };
        try
        {
            await dying.Commit.RunAsync(Trip, [(dying.Flight, 2), (dying.Hotel, 2)]);
        }
        catch (DiedException)
        {
            // As planned.
        }

        // Each helps itself, without the coordinator and without the other.
        Decision ofHotel = await agency.Commit.ResolveAsync(Trip, agency.Hotel);
        Decision ofFlight = await agency.Commit.ResolveAsync(Trip, agency.Flight);

        Assert.True(ofHotel == ofFlight, $"{death}: {ofHotel} and {ofFlight}");
        Assert.Equal((ofFlight, ofHotel), await agency.EndsAsync());
        long left = ofHotel == Decision.Commit ? Places - 2 : Places;
        (long Flight, long Hotel) free = await agency.FreeAsync();
        Assert.True(free == (left, left), $"{death}: {free} are free, and not {left}.");

        // All that is left can be taken by the next one: nothing stays blocked.
        Assert.Equal(Decision.Commit, await agency.Commit.RunAsync("trip-2", [(agency.Flight, left), (agency.Hotel, left)]));
        return mortal.IsDead ? ofHotel : null;
    }

    /// <summary>A flight and a hotel with a few places each, seen through one client.</summary>
    private sealed record Agency(RaftKvClient Client, string Prefix)
    {
        public TwoPhaseCommit Commit => new(Client, Prefix);

        public Participant Flight => new(Client, Prefix + "flight/");

        public Participant Hotel => new(Client, Prefix + "hotel/");

        public Task OpenAsync() => Task.WhenAll(Flight.OpenAsync(Places), Hotel.OpenAsync(Places));

        public async Task<(long Flight, long Hotel)> FreeAsync() =>
            (await Client.AmountAsync(Flight.FreeKey), await Client.AmountAsync(Hotel.FreeKey));

        public async Task<(Decision? Flight, Decision? Hotel)> EndsAsync() => (await Flight.EndOfAsync(Trip), await Hotel.EndOfAsync(Trip));
    }
}
