using RaftKv.Core.Raft.Roles;
using RaftKv.Core.Replica;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Replica.Levels;

/// <summary>How far a follower is behind, in entries and in time.</summary>
public sealed class LagTests
{
    [Fact]
    public void A_follower_that_has_everything_does_not_lag()
    {
        var script = new LevelScript();
        script.Cluster.Write(1);
        script.Pass(1_000_000);

        Assert.All(script.Cluster[1].Replica.Status.Followers, follower => Assert.Equal((0, 0), (follower.LagEntries, follower.LagMs)));
    }

    [Fact]
    public void The_lag_is_how_long_the_oldest_entry_it_lacks_has_been_in_the_log()
    {
        var script = new LevelScript();
        script.Cluster.Isolate(3);
        script.Pass(50_000);
        script.Cluster.Write(1);
        script.Pass(300_000);
        script.Cluster.Write(1);
        script.Pass(200_000);

        FollowerStatus follower = script.Cluster[1].Replica.Status.Followers.Single(f => f.Node == N(3));
        Assert.Equal(2, follower.LagEntries);
        Assert.Equal(500, follower.LagMs);
    }

    [Fact]
    public void A_follower_that_does_not_answer_is_unreachable_and_last_seen_then()
    {
        var script = new LevelScript();
        script.Cluster.Isolate(3);
        script.Cluster.Tick(300);

        ReplicaStatus status = script.Cluster[1].Replica.Status;
        FollowerStatus silent = status.Followers.Single(f => f.Node == N(3));
        FollowerStatus heard = status.Followers.Single(f => f.Node == N(2));
        Assert.Equal(FollowerStatus.Unreachable, silent.State);
        Assert.Equal(silent.SilentTicks * 10, silent.LastSeenMs);
        Assert.True(heard.LastSeenMs < silent.LastSeenMs);
        Assert.Equal("replicate", heard.State);
    }

    [Fact]
    public void Entries_of_a_time_that_is_forgotten_count_from_the_oldest_known()
    {
        var times = new AppendTimes();
        for (int i = 1; i <= 5000; i++)
        {
            times.Appended(I(i), new MonotonicTime(i * AppendTimes.SampleUs));
        }

        Assert.Equal(new MonotonicTime(5000 * AppendTimes.SampleUs), times.At(I(6000)));
        Assert.Equal(new MonotonicTime(3000 * AppendTimes.SampleUs), times.At(I(3000)));
        Assert.Equal(new MonotonicTime(905 * AppendTimes.SampleUs), times.At(I(1)));
    }

    [Fact]
    public void Entries_appended_close_together_share_the_earliest_time()
    {
        var times = new AppendTimes();
        times.Appended(I(1), new MonotonicTime(100));
        times.Appended(I(2), new MonotonicTime(9_000));
        times.Appended(I(3), new MonotonicTime(10_100));

        Assert.Equal(new MonotonicTime(100), times.At(I(2)));
        Assert.Equal(new MonotonicTime(10_100), times.At(I(3)));
    }
}
