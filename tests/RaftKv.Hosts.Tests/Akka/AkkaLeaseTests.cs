using System.Diagnostics;
using System.Globalization;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Configuration;
using Akka.Coordination;
using RaftKv.Akka;
using RaftKv.Client;
using RaftKv.Hosts.Tests.Support;
using RaftKv.Lab;

namespace RaftKv.Hosts.Tests.Akka;

/// <summary>
/// What Akka.Coordination 1.5.74 asks of a lease. No suite of it is published; these are the guarantees of
/// <see cref="Lease"/>'s documentation, and what the specs of Akka.Management's leases ask, on three real nodes.
/// </summary>
[Collection(ThreeNodesCollection.Name)]
public sealed class AkkaLeaseTests : IDisposable
{
    private readonly ThreeNodesFixture _nodes;
    private readonly ActorSystem _one;
    private readonly ActorSystem _two;

    public AkkaLeaseTests(ThreeNodesFixture nodes)
    {
        _nodes = nodes;
        Config config = AkkaOwner.ConfigOf(nodes.Cluster.Endpoints.Select(static endpoint => endpoint.ToString()));
        _one = ActorSystem.Create("one", config);
        _two = ActorSystem.Create("two", BootstrapSetup.Create().WithConfig(config).And(new RaftKvLeaseSetup(nodes.Client)));
    }

    public void Dispose()
    {
        _one.Dispose();
        _two.Dispose();
    }

    [Fact]
    public void The_provider_loads_the_lease_with_its_settings_once_for_each_name_and_owner()
    {
        string name = ThreeNodesFixture.NewName("loaded");
        RaftKvLease lease = AkkaOwner.LeaseOf(_one, name, "a");
        Assert.Equal((name, "a"), (lease.Settings.LeaseName, lease.Settings.OwnerName));
        Assert.Equal(TimeSpan.FromSeconds(60), lease.Settings.TimeoutSettings.HeartbeatTimeout);
        Assert.Same(lease, AkkaOwner.LeaseOf(_one, name, "a"));
        Assert.NotSame(lease, AkkaOwner.LeaseOf(_one, name, "b"));
        Assert.NotSame(lease, AkkaOwner.LeaseOf(_one, name + "x", "a"));
    }

    [Fact]
    public async Task One_owner_holds_it_and_another_one_after_its_release()
    {
        (RaftKvLease a, RaftKvLease b) = NewPair("turns");
        Assert.True(await a.Acquire());
        Assert.True(await a.Acquire());
        long first = a.FencingToken!.Value;
        Assert.False(await b.Acquire());
        Assert.Equal((true, false), (a.CheckLease(), b.CheckLease()));
        Assert.Null(b.Fence);

        Assert.True(await a.Release());
        Assert.False(a.CheckLease());
        Assert.True(await b.Acquire());
        Assert.True(b.FencingToken > first);
        Assert.False(await a.Acquire());
        Assert.True(await a.Release());
        Assert.True(b.CheckLease());
        Assert.True(await b.Release());
    }

    [Fact]
    public async Task A_release_of_what_is_not_held_is_no_failure_and_overlapping_acquisitions_are_one()
    {
        (RaftKvLease a, _) = NewPair("edges");
        Assert.True(await a.Release());
        Task<bool> first = a.Acquire();
        Task<bool> second = a.Acquire();
        Task<bool> third = a.Acquire(static _ => { });
        Assert.Same(first, second);
        Assert.Same(first, third);
        Assert.True(await first);
        Assert.True(await a.Release());
    }

    [Fact]
    public async Task A_loss_is_told_once_and_a_release_is_no_loss()
    {
        string name = ThreeNodesFixture.NewName("lost");
        using ActorSystem system = NewSystem("9s");
        RaftKvLease a = AkkaOwner.LeaseOf(system, name, "a");
        RaftKvLease b = AkkaOwner.LeaseOf(_two, name, "b");
        List<Exception?> told = [];
        TaskCompletionSource lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Tell(Exception? why)
        {
            told.Add(why);
            lost.TrySetResult();
        }

        Assert.True(await a.Acquire(Tell));
        Assert.True(await a.Acquire(Tell));
        LockState state = await _nodes.Client.Locks.GetAsync("akka/" + a.Settings.LeaseName);
        Assert.Equal("a", Assert.Single(state.Holders).Owner);
        await _nodes.Client.Leases.RevokeAsync(state.Holders[0].LeaseId!);
        await lost.Task.WaitAsync(ThreeNodesFixture.Patience);
        Assert.False(a.CheckLease());
        Assert.IsType<LeaseException>(Assert.Single(told));

        Assert.True(await b.Acquire(Tell));
        Assert.True(await b.Release());
        Assert.True(await a.Acquire(Tell));
        Assert.True(await a.Release());
        Assert.Single(told);
    }

    [Fact]
    public async Task Without_a_cluster_an_acquisition_fails_and_nothing_is_held()
    {
        using ActorSystem alone = ActorSystem.Create("alone", AkkaOwner.ConfigOf(["http://127.0.0.1:1"], operationTimeout: "200ms"));
        RaftKvLease lease = AkkaOwner.LeaseOf(alone, "nowhere", "a");
        await Assert.ThrowsAnyAsync<LeaseException>(lease.Acquire);
        Assert.False(lease.CheckLease());

        using ActorSystem unset = ActorSystem.Create("unset", RaftKvLease.DefaultConfig);
        Exception refused = Assert.ThrowsAny<Exception>(() => AkkaOwner.LeaseOf(unset, "nowhere", "a"));
        Assert.Contains("endpoints is empty", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_owners_no_two_hold_it_at_once_while_the_leader_is_killed()
    {
        // Brief leases: one that was acquired during the election without its owner's hearing of it ends soon.
        string name = ThreeNodesFixture.NewName("crowd");
        string key = name + "/owner";
        using ActorSystem one = NewSystem("3s");
        using ActorSystem two = NewSystem("3s");
        await _nodes.WithoutLeaderAsync(() => Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
        {
            RaftKvLease lease = AkkaOwner.LeaseOf(i % 2 == 0 ? one : two, name, $"owner {i}");
            for (int turn = 0; turn < 5; turn++)
            {
                await ThreeNodesFixture.UntilAsync(() => TryAsync(lease.Acquire), "a turn");
                if (lease.Fence is { } fence)
                {
                    await WriteAsync(key, fence);
                    await WriteAsync(key, fence);
                }

                await ThreeNodesFixture.UntilAsync(() => TryAsync(lease.Release), "a release");
            }
        })));

        // Every write that the cluster took, newest first: the token of an owner never comes after that of a later one.
        HistoryResult history = await _nodes.Client.HistoryAsync(key);
        long[] tokens = [.. history.Versions.Select(static version => long.Parse(version.GetString(), CultureInfo.InvariantCulture))];
        Assert.True(AreTurns(tokens), string.Join(' ', tokens));
        Assert.True(tokens.Distinct().Count() > 1, "Only one owner ever wrote.");
    }

    [Fact]
    public void A_history_with_two_owners_at_once_is_rejected()
    {
        Assert.True(AreTurns([9, 9, 4, 4, 2]));
        Assert.False(AreTurns([9, 4, 9]));
    }

    [Fact]
    public async Task An_owner_that_stands_still_is_no_owner_when_it_wakes_and_its_late_write_is_refused()
    {
        string name = ThreeNodesFixture.NewName("paused");
        string key = name + "/value";
        using Process owner = await StartHoldingOwnerAsync(name, key);
        try
        {
            ProcessPause.Pause(owner.Id);
            RaftKvLease next = AkkaOwner.LeaseOf(_one, name, "next");
            await ThreeNodesFixture.UntilAsync(() => next.Acquire(), "the lease of the one that stands still ends");
            await _nodes.Client.PutAsync(key, "next", new WriteOptions { Fence = next.Fence });
            ProcessPause.Resume(owner.Id);

            Assert.Equal("False fence-lost", await AskAsync(owner));
            Assert.Equal("next", await _nodes.Client.GetStringAsync(key));
            Assert.True(next.CheckLease());
            Assert.True(await next.Release());
        }
        finally
        {
            owner.Kill();
        }
    }

    private (RaftKvLease OfOne, RaftKvLease OfTwo) NewPair(string stem)
    {
        string name = ThreeNodesFixture.NewName(stem);
        return (AkkaOwner.LeaseOf(_one, name, "a"), AkkaOwner.LeaseOf(_two, name, "b"));
    }

    private static async Task<bool> TryAsync(Func<Task<bool>> call)
    {
        try
        {
            return await call();
        }
        catch (LeaseException)
        {
            // An election: once more.
            return false;
        }
    }

    private static bool AreTurns(IReadOnlyList<long> newestFirst) =>
        newestFirst.Zip(newestFirst.Skip(1)).All(static pair => pair.First >= pair.Second);

    private async Task WriteAsync(string key, Fence fence)
    {
        try
        {
            string token = fence.Token.ToString(CultureInfo.InvariantCulture);
            await _nodes.Client.PutAsync(key, token, new WriteOptions { Fence = fence });
        }
        catch (RaftKvPreconditionException)
        {
            // Lost during the election; nothing is written.
        }
    }

    private ActorSystem NewSystem(string timeout) => ActorSystem.Create(
        "brief", AkkaOwner.ConfigOf(_nodes.Cluster.Endpoints.Select(static endpoint => endpoint.ToString()), timeout: timeout));

    /// <summary>An owner that holds the lease; one that has lost it before it was asked is followed by another.</summary>
    private async Task<Process> StartHoldingOwnerAsync(string name, string key)
    {
        while (true)
        {
            Process owner = StartOwner(name, key);
            Assert.Equal("holding", await AnswerAsync(owner));
            string? said = await AskAsync(owner);
            if (said == "True written")
            {
                return owner;
            }

            Assert.StartsWith("False", said, StringComparison.Ordinal);
            owner.Kill();
            owner.Dispose();
        }
    }

    private Process StartOwner(string name, string key)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true };
        string endpoints = string.Join(',', _nodes.Cluster.Endpoints);
        foreach (string argument in (string[])[typeof(AkkaOwner).Assembly.Location, "akka-owner", endpoints, name, key])
        {
            start.ArgumentList.Add(argument);
        }

        return Process.Start(start)!;
    }

    private static async Task<string?> AskAsync(Process owner)
    {
        await owner.StandardInput.WriteLineAsync("?");
        return await AnswerAsync(owner);
    }

    private static async Task<string?> AnswerAsync(Process owner) =>
        await owner.StandardOutput.ReadLineAsync().WaitAsync(ThreeNodesFixture.Patience);
}
