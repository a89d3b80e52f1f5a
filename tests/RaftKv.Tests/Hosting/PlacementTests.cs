using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using RaftKv.Client;

namespace RaftKv.Tests.Hosting;

/// <summary>Where members stand, who leads before others, and learners that serve readers, on real processes (13.9).</summary>
public sealed class PlacementTests
{
    [Fact]
    public async Task Zones_and_priorities_are_told_by_the_nodes_and_changed_by_a_call()
    {
        await using var fleet = new NodeFleet(3);
        string list = string.Join(',', Enumerable.Range(0, 3).Select(i => $"n{i + 1}={fleet.PeerUrl(i)}"));
        fleet.Serve(0, "--cluster", list, "--zone", "a");
        fleet.Serve(1, "--cluster", list, "--zone", "b");
        fleet.Serve(2, "--cluster", list, "--priority", "5");

        for (int i = 0; i < 3; i++)
        {
            await fleet[i].WaitForOutputAsync("is ready");
        }

        // Every node tells where each stands. Who leads then is PriorityTests' and the simulator's: it takes a while in which
        // nothing is slow.
        await fleet.MembersAsync(0, static members => members.Count == 3 && ZoneOf(members, "n1") == "a"
            && ZoneOf(members, "n2") == "b" && ZoneOf(members, "n3") is null && PriorityOf(members, "n3") == 5);

        using HttpResponseMessage changed = await PatchAsync(fleet, "n1", new { zone = "c", priority = 9 });
        Assert.Equal(HttpStatusCode.Accepted, changed.StatusCode);
        await fleet.MembersAsync(1, static members => ZoneOf(members, "n1") == "c" && PriorityOf(members, "n1") == 9);

        foreach (object refused in (object[])[new { priority = 101 }, new { priority = -1 }, new { zone = "no zone" }, new { }])
        {
            using HttpResponseMessage answer = await PatchAsync(fleet, "n1", refused);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }

        // As a client is told it.
        await using RaftKvClient client = fleet.Client();
        ClusterInfo cluster = await client.ClusterAsync(fleet.Endpoints[1]);
        Assert.Equal(["c", "b", null], cluster.Members.OrderBy(static member => member.Name).Select(static member => member.Zone));
        Assert.Equal([9, 0, 5], cluster.Members.OrderBy(static member => member.Name).Select(static member => member.Priority));
    }

    [Fact]
    public async Task A_learner_serves_every_level()
    {
        await using var fleet = new NodeFleet(2);
        await fleet.FoundAsync(1);
        using HttpResponseMessage added = await fleet.Http.PostAsJsonAsync(
            fleet.Url(0, "/api/v1/cluster/members"), new { name = "n2", peerUrl = fleet.PeerUrl(1), learner = true });
        Assert.Equal(HttpStatusCode.Accepted, added.StatusCode);
        await fleet.JoinAsync(1);
        using HttpResponseMessage put = await fleet.Http.PutAsync(fleet.Url(0, "/api/v1/kv/k"), new StringContent("seen"));
        string token = put.Headers.GetValues("RaftKv-Session").Single();

        foreach (string level in (string[])
            ["linearizable", "sequential", "causal", "session", "read-your-writes", "monotonic-reads", "bounded", "consistent-prefix",
                "eventual", "all"])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, fleet.Url(1, "/api/v1/kv/k?raw"));
            request.Headers.Add("RaftKv-Consistency", level);
            request.Headers.Add("RaftKv-Session", token);
            if (level == "bounded")
            {
                request.Headers.Add("RaftKv-Max-Staleness", "10s");
            }

            using HttpResponseMessage answer = await fleet.Http.SendAsync(request);
            string body = await answer.Content.ReadAsStringAsync();
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{level}: {answer.StatusCode} {body}");
            Assert.Equal("seen", body);
            Assert.Equal(level, answer.Headers.GetValues("RaftKv-Consistency").Single());
            Assert.Equal("n2", answer.Headers.GetValues("RaftKv-Served-By").Single());
            Assert.Equal("learner", answer.Headers.GetValues("RaftKv-Role").Single());
        }
    }

    private static Task<HttpResponseMessage> PatchAsync(NodeFleet fleet, string name, object body) =>
        fleet.Http.PatchAsJsonAsync(fleet.Url(1, $"/api/v1/cluster/members/{name}"), body);

    private static string? ZoneOf(List<JsonElement> members, string name)
    {
        JsonElement member = members.Find(member => member.GetProperty("name").GetString() == name);
        return member.TryGetProperty("zone", out JsonElement zone) ? zone.GetString() : null;
    }

    private static int PriorityOf(List<JsonElement> members, string name) => members
        .Find(member => member.GetProperty("name").GetString() == name).TryGetProperty("priority", out JsonElement priority)
            ? priority.GetInt32() : 0;
}
