using System.Net;
using RaftKv.Dashboard.Api;
using RaftKv.Dashboard.Cluster;
using RaftKv.Dashboard.Hosting;
using RaftKv.Dashboard.Lessons;
using RaftKv.Dashboard.Tests.Cluster;

namespace RaftKv.Dashboard.Tests.Lessons;

/// <summary>
/// A lesson judges what it sees: on nodes that don't do what the lesson is about, it says so and does not teach.
/// </summary>
public sealed class LessonTests
{
    private static readonly ClusterPicture _three = ClusterPictureTests.Of(
        ClusterPictureTests.Up("n1", leads: true), ClusterPictureTests.Up("n2"), ClusterPictureTests.Up("n3"));

    [Fact]
    public void Each_lesson_has_an_address_of_its_own() =>
        Assert.Equal(Lesson.All.Count, Lesson.All.Select(static lesson => lesson.Id).Distinct().Count());

    [Fact]
    public async Task A_held_node_that_answers_with_the_newest_value_teaches_nothing_and_is_let_go()
    {
        // Every write is shown by every node at once: no stale read to be had.
        string value = "";
        var nodes = new StubNodes(request =>
        {
            if (request.Method == HttpMethod.Put)
            {
                value = request.Content!.ReadAsStringAsync().Result;
            }

            return request.RequestUri!.AbsolutePath == "/lab" ? StubNodes.Json("{}")
                : StubNodes.Json($$"""{"value":"{{value}}","encoding":"utf-8","modRevision":4}""");
        });
        LessonStage stage = Stage(nodes, hasLab: true);
        var failure = await Assert.ThrowsAsync<LessonException>(() => Play("stale-read", stage));
        await stage.DisposeAsync();

        Assert.Contains("was to show what it had", failure.Message, StringComparison.Ordinal);
        Assert.Empty(stage.Verdicts);
        Assert.Equal("POST /lab", nodes.Asked[^1]);
        Assert.NotNull(Assert.Single(stage.Held).ToMs);
    }

    [Fact]
    public async Task Without_a_lab_nothing_is_held_and_without_three_nodes_nothing_begins()
    {
        var nodes = new StubNodes(_ => StubNodes.Json("""{"value":"open","encoding":"utf-8","modRevision":4}"""));
        LessonStage stage = Stage(nodes, hasLab: false);
        var failure = await Assert.ThrowsAsync<LessonException>(() => Play("stale-read", stage));
        await stage.DisposeAsync();
        Assert.Contains("raftkv dev --lab", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("POST /lab", nodes.Asked);

        LessonStage two = Stage(nodes, hasLab: true, ClusterPictureTests.Of(
            ClusterPictureTests.Up("n1", leads: true), ClusterPictureTests.Up("n2"), ClusterPictureTests.Down("n3")));
        failure = await Assert.ThrowsAsync<LessonException>(() => Play("going-backwards", two));
        Assert.Contains("three nodes", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_takes_any_compare_and_set_teaches_nothing_about_it()
    {
        var nodes = new StubNodes(_ => StubNodes.Json("""{"value":"120","encoding":"utf-8","modRevision":4}"""));
        LessonStage stage = Stage(nodes, hasLab: false);
        var failure = await Assert.ThrowsAsync<LessonException>(() => Play("lost-update", stage));

        Assert.Contains("was to be refused", failure.Message, StringComparison.Ordinal);
        Assert.True(stage.Verdicts.ContainsKey(LessonSide.Wrong));
        Assert.False(stage.Verdicts.ContainsKey(LessonSide.Right));
        Assert.Contains(nodes.Asked, static asked => asked.EndsWith("If-Match: \"4\"", StringComparison.Ordinal));
        Assert.All(
            stage.Steps.Where(static step => step.Kind != "say"),
            static step => Assert.Contains("curl", step.Curl, StringComparison.Ordinal));
        Assert.Equal(Enumerable.Range(1, stage.Steps.Count), stage.Steps.Select(static step => step.Number));
    }

    [Fact]
    public async Task A_refused_write_ends_the_lesson_with_the_nodes_own_sentence()
    {
        var nodes = new StubNodes(_ => StubNodes.Json(
            """{"status":503,"detail":"No leader.","code":"no-leader"}""", HttpStatusCode.ServiceUnavailable));
        LessonStage stage = Stage(nodes, hasLab: false);
        var failure = await Assert.ThrowsAsync<LessonException>(() => Play("write-skew", stage));
        Assert.Contains("No leader.", failure.Message, StringComparison.Ordinal);
        Assert.Equal("refused", Assert.Single(stage.Steps).Kind);
    }

    [Fact]
    public async Task A_node_has_the_time_of_a_slow_machine_for_what_it_can_do_and_little_for_what_it_can_not()
    {
        HashSet<string> timeouts = [];
        string value = "";
        int commandCount = 0;
        var nodes = new StubNodes(request =>
        {
            if (request.RequestUri!.AbsolutePath == "/lab")
            {
                commandCount++;
                return StubNodes.Json("{}");
            }

            string? level = Header(request, HeaderNames.Consistency);
            bool isHeld = commandCount == 1 && request.RequestUri.Host == "n2.test";
            timeouts.Add($"{level ?? "write"} {(isHeld ? "held" : "free")} {Header(request, HeaderNames.Timeout)}");
            value = level is null ? request.Content!.ReadAsStringAsync().Result : value;
            return isHeld && level == ReadLevelNames.Linearizable
                ? StubNodes.Json("""{"status":503,"detail":"Cut off."}""", HttpStatusCode.ServiceUnavailable)
                : StubNodes.Json($$"""{"value":"{{(isHeld ? "open" : value)}}","encoding":"utf-8","modRevision":4}""");
        });
        await using LessonStage stage = Stage(nodes, hasLab: true);
        await Play("stale-read", stage);

        Assert.Equal(
            ["eventual held 10s", "linearizable free 10s", "linearizable held 700ms", "write free 10s"],
            timeouts.Order(StringComparer.Ordinal));
    }

    private static string? Header(HttpRequestMessage request, string name) =>
        request.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.Single() : null;

    private static Task Play(string id, LessonStage stage) => Lesson.All.Single(lesson => lesson.Id == id).PlayAsync(stage);

    private static LessonStage Stage(StubNodes nodes, bool hasLab, ClusterPicture? picture = null)
    {
        NodeClient client = nodes.Client();
        var settings = new DashboardSettings(StubNodes.Self, null!, null!) { LabUrl = hasLab ? new Uri("http://lab.test:1") : null };
        return new LessonStage(client, new LabClient(client, settings), () => picture ?? _three, TimeProvider.System, TimeSpan.Zero);
    }
}
