using Bunit;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using RaftKv.Dashboard.Api;
using RaftKv.Dashboard.Cluster;
using RaftKv.Dashboard.Components.Parts;
using RaftKv.Dashboard.Lessons;
using RaftKv.Dashboard.Metrics;
using RaftKv.Dashboard.Playground;
using RaftKv.Dashboard.Tests.Cluster;

namespace RaftKv.Dashboard.Tests.Components;

/// <summary>What the parts of the page say, to eyes and to readers alike.</summary>
public sealed class PartsTests : BunitContext
{
    public PartsTests()
    {
        Services.AddMudServices();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    [Fact]
    public void A_node_that_is_down_shows_when_it_was_seen_and_not_what_it_lags()
    {
        NodeSight node = ClusterPictureTests.Down("n3");
        ClusterPicture picture = ClusterPictureTests.Of(node) with { At = DateTimeOffset.UnixEpoch.AddSeconds(12) };

        string text = Render<NodeCard>(card => card.Add(c => c.Node, node).Add(c => c.Picture, picture)).Find("article").TextContent;

        Assert.Contains("no answer", text, StringComparison.Ordinal);
        Assert.Contains("12 s ago", text, StringComparison.Ordinal);
        Assert.DoesNotContain("follower", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_follower_shows_what_the_leader_says_that_it_lacks()
    {
        NodeSight leader = ClusterPictureTests.Up("n1", leads: true);
        leader = leader with
        {
            Status = leader.Status! with { Followers = [new FollowerBody { Name = "n2", LagEntries = 3, LagMs = 40 }] },
        };
        NodeSight follower = ClusterPictureTests.Up("n2");

        IRenderedComponent<NodeCard> card = Render<NodeCard>(
            parameters => parameters.Add(c => c.Node, follower).Add(c => c.Picture, ClusterPictureTests.Of(leader, follower)));

        Assert.Equal("3 entries, 40 ms", card.Find(".warn-text").TextContent);
    }

    [Fact]
    public void Disk_and_memory_stand_against_their_bounds()
    {
        NodeSight node = ClusterPictureTests.Up("n1");
        var disk = new DiskBody { UsedBytes = 512, BoundBytes = 1024, FreeBytes = 4096, Low = true };
        node = node with { Status = node.Status! with { Disk = disk } };

        IRenderedComponent<NodeCard> card = Render<NodeCard>(
            parameters => parameters.Add(c => c.Node, node).Add(c => c.Picture, ClusterPictureTests.Of(node)));

        Assert.Contains(
            "Disk: 512 B / 1 KiB, 50 percent", card.FindAll("svg.meter").Select(static meter => meter.GetAttribute("aria-label")));
        Assert.Equal("4 KiB disk free", card.Find(".node-foot .bad-text").TextContent);
    }

    [Fact]
    public void A_replacement_shows_its_steps_and_how_its_node_is_started()
    {
        var member = new MemberBody { Name = "n4", Id = "a", PeerUrl = "http://h4:2380", Joining = true, Replaces = "b" };
        MemberCourse waiting = new("member-add-a", member, null);
        IRenderedComponent<CourseView> view = Render<CourseView>(parameters => parameters
            .Add(v => v.Course, waiting).Add(v => v.Replaced, "n2").Add(v => v.Seed, new Uri("http://n1.test:1/")));

        Assert.Equal("n4 replaces n2", view.Find("h3").TextContent);
        Assert.Contains("--name n4 --data-dir", view.Find("code").TextContent, StringComparison.Ordinal);
        Assert.EndsWith("--peer http://h4:2380 --join http://n1.test:1", view.Find("code").TextContent, StringComparison.Ordinal);
        Assert.Equal("place", view.Find("li[aria-current=step]").TextContent);

        var progress = new MemberProgressBody { Phase = MemberPhases.CatchingUp, Percent = 40 };
        MemberCourse going = waiting with { Answer = new OperationAnswer { State = OperationStates.Pending, Progress = progress } };
        view.Render(parameters => parameters.Add(v => v.Course, going));
        Assert.Equal("learner, catches up", view.Find("li[aria-current=step]").TextContent);
        Assert.Equal("40", view.Find("progress").GetAttribute("value"));

        var done = new OperationAnswer { State = OperationStates.Applied, Progress = new MemberProgressBody { Phase = MemberPhases.Done } };
        view.Render(parameters => parameters.Add(v => v.Course, waiting with { Answer = done }));
        Assert.Equal(3, view.FindAll("li.done").Count);
        Assert.Empty(view.FindAll("li[aria-current]"));
    }

    [Fact]
    public void Bars_are_read_out_in_words()
    {
        ClusterPicture picture = ClusterPictureTests.Of(ClusterPictureTests.Up("n1"), ClusterPictureTests.Down("n2"));
        IRenderedComponent<LogBars> bars = Render<LogBars>(parameters => parameters.Add(b => b.Picture, picture));

        Assert.Equal("n1: log up to 10, committed up to 10, applied up to 10", bars.FindAll("svg")[0].GetAttribute("aria-label"));
        Assert.EndsWith("when it last answered", bars.FindAll("svg")[1].GetAttribute("aria-label")!, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(7, 8, "old")]
    [InlineData(8, 8, "good")]
    public void A_cell_says_whether_the_answer_is_old(long revision, long newest, string kind)
    {
        ReadOutcome outcome = ReadOutcome.Of(
            new ApiAnswer(200, """{"value":"5"}"""u8.ToArray(), TimeSpan.Zero)
            {
                Headers = new Dictionary<string, string> { [HeaderNames.Revision] = $"{revision}", [HeaderNames.StalenessMs] = "40" },
            },
            "n1",
            newest);

        IRenderedComponent<ReadCell> cell = Render<ReadCell>(parameters => parameters
            .Add(c => c.Level, "eventual").Add(c => c.Node, "n1").Add(c => c.Outcome, outcome).Add(c => c.Curl, "curl"));

        Assert.Contains(kind, cell.Find(".cell").ClassList);
        Assert.Equal(kind == "old", cell.Markup.Contains("misses an acknowledged write", StringComparison.Ordinal));
        Assert.Contains("≤ 40 ms", cell.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_chart_says_its_newest_values_and_breaks_its_lines_where_there_is_none()
    {
        IRenderedComponent<Chart> chart = Render<Chart>(parameters => parameters
            .Add(c => c.Title, "Reads").Add(c => c.Format, static value => $"{value}/s")
            .Add(c => c.Lines, [new ChartLine("eventual", [1, 2, null, 4]), new ChartLine("lease", [null, null, 3, null])]));

        Assert.Equal("Reads, now: eventual 4/s, lease nothing", chart.Find("svg").GetAttribute("aria-label"));
        Assert.Equal(3, chart.FindAll("polyline").Count);
        Assert.Equal("top 4/s", chart.FindAll(".chart-axis span")[1].TextContent);
        Assert.Contains("Nothing was refused.", Render<Chart>(parameters => parameters
            .Add(c => c.Title, "Refusals").Add(c => c.Format, static _ => "").Add(c => c.Lines, [])
            .Add(c => c.Nothing, "Nothing was refused.")).Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_timeline_names_its_nodes_and_who_is_held()
    {
        LessonStep step = new(1, LessonSide.Wrong, 40, "A", "n2", "reads", "old", "curl", "old");
        IRenderedComponent<Timeline> line = Render<Timeline>(parameters => parameters
            .Add(t => t.Nodes, ["n1", "n2"]).Add(t => t.Steps, [step, step with { Number = 2, Node = "" }])
            .Add(t => t.Held, [new HeldTime("n2", 10, null)]));

        Assert.Equal("2 steps on n1, n2; the links of n2 are held for a while", line.Find("svg").GetAttribute("aria-label"));
        Assert.Single(line.FindAll("circle"));
        Assert.Single(line.FindAll(".held"));
    }

    [Fact]
    public void A_difference_is_told_without_colours()
    {
        IRenderedComponent<DiffView> diff = Render<DiffView>(parameters => parameters.Add(d => d.Before, "a").Add(d => d.After, "b"));

        Assert.Equal("removed: ", diff.Find(".removed .sr-only").TextContent);
        Assert.Equal("added: ", diff.Find(".added .sr-only").TextContent);
    }

    [Fact]
    public void Text_of_a_value_is_never_markup() => Assert.Empty(
        Render<DiffView>(parameters => parameters.Add(d => d.Before, "").Add(d => d.After, "<script>alert(1)</script>")).FindAll("script"));
}
