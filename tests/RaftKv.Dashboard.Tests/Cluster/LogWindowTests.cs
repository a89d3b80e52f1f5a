using RaftKv.Dashboard.Cluster;

namespace RaftKv.Dashboard.Tests.Cluster;

/// <summary>Logs as bars on one scale.</summary>
public sealed class LogWindowTests
{
    [Fact]
    public void Equal_logs_show_their_end_and_differ_in_nothing()
    {
        ClusterPicture picture = ClusterPictureTests.Of(Node(1, 500, 500, 500, 500), Node(1, 500, 500, 500, 500));
        LogWindow window = LogWindow.Of(picture);

        Assert.Equal((460, 500), (window.First, window.Last));
        Assert.Equal(new LogPart("applied", 0, 1000), Assert.Single(window.PartsOf(picture.Nodes[0])));
    }

    [Fact]
    public void A_follower_far_behind_stretches_the_window_to_three_times_what_it_lacks()
    {
        ClusterPicture picture = ClusterPictureTests.Of(Node(1, 1000, 1000, 1000, 1000), Node(1, 900, 900, 900, 900));
        LogWindow window = LogWindow.Of(picture);

        Assert.Equal((700, 1000), (window.First, window.Last));
        Assert.Equal(666.7, Assert.Single(window.PartsOf(picture.Nodes[1])).To);
    }

    [Fact]
    public void The_parts_follow_each_other_from_the_snapshot_to_what_is_in_memory_only()
    {
        NodeSight node = Node(first: 21, last: 100, persisted: 90, committed: 80, applied: 60, snapshot: 20);
        IReadOnlyList<LogPart> parts = new LogWindow(0, 100).PartsOf(node);

        Assert.Equal(["snapshot", "applied", "committed", "durable", "volatile"], parts.Select(part => part.Kind));
        Assert.Equal([200, 600, 800, 900, 1000], parts.Select(part => part.To));
        Assert.All(parts.Zip(parts.Skip(1)), pair => Assert.Equal(pair.First.To, pair.Second.From));
    }

    [Fact]
    public void What_is_committed_but_not_here_yet_is_not_drawn() =>
        Assert.Equal(1000, new LogWindow(0, 50).PartsOf(Node(1, 50, 50, 70, 50))[^1].To);

    [Fact]
    public void A_node_of_which_nothing_is_known_has_no_bar()
    {
        var unknown = new NodeSight { Name = "n9" };

        Assert.Empty(LogWindow.Of(ClusterPictureTests.Of(unknown)).PartsOf(unknown));
    }

    private static NodeSight Node(long first, long last, long persisted, long committed, long applied, long snapshot = 0) => new()
    {
        Name = "n1",
        IsUp = true,
        Status = new StatusAnswer
        {
            FirstIndex = first,
            LastIndex = last,
            PersistedIndex = persisted,
            CommitIndex = committed,
            AppliedIndex = applied,
            Snapshot = new SnapshotRef { Index = snapshot },
        },
    };
}
