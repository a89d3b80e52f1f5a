using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace RaftKv.Tests.Hosting;

/// <summary>Members come and go on real processes, under load (13.2, 13.3; R10, R15, L4).</summary>
public sealed class MemberLifeTests
{
    private const int RemovedExit = 8;
    private const int MemberExit = 7;

    [Fact]
    public async Task A_cluster_grows_from_one_to_three_to_five_and_back_under_load_and_no_client_sees_an_error()
    {
        await using var fleet = new NodeFleet(5);
        await fleet.FoundAsync(1);
        await using var load = new CountingLoad(fleet.Client(), clients: 4);
        await load.MoreAsync(20);
        await fleet.AddAsync(1);
        await fleet.AddAsync(2, at: 1);

        // Two at once, as one change.
        object change = new { add = new[] { 3, 4 }.Select(i => new { name = $"n{i + 1}", peerUrl = fleet.PeerUrl(i) }) };
        using HttpResponseMessage added = await NodeFleet.OnceThereIsALeaderAsync(
            () => fleet.Http.PostAsJsonAsync(fleet.Url(2, "/api/v1/cluster/members/change"), change));
        Assert.Equal(HttpStatusCode.Accepted, added.StatusCode);
        await Task.WhenAll(fleet.JoinAsync(3), fleet.JoinAsync(4));
        await fleet.MembersAsync(4, static members => members.Count == 5 && members.TrueForAll(IsVoter));
        await load.MoreAsync(50);

        // And back, each time the one that leads, asked at itself, until one is left.
        List<int> left = [0, 1, 2, 3, 4];
        while (left.Count > 1)
        {
            int leader = await fleet.LeaderAsync(left[0]);
            using HttpResponseMessage removed = await NodeFleet.OnceThereIsALeaderAsync(
                () => fleet.Http.DeleteAsync(fleet.Url(leader, $"/api/v1/cluster/members/n{leader + 1}")));
            Assert.Equal(HttpStatusCode.Accepted, removed.StatusCode);
            Assert.Equal(RemovedExit, await fleet[leader].WaitForExitAsync());
            Assert.Contains("was removed from the cluster", fleet[leader].Output);
            left.Remove(leader);
            await fleet.MembersAsync(left[0], members => members.Count == left.Count);
            await load.MoreAsync(20);
        }

        await load.EndAsync();
    }

    [Fact]
    public async Task A_machine_is_replaced_under_load_by_one_command()
    {
        await using var fleet = new NodeFleet(4);
        await fleet.FoundAsync(3);
        await using var load = new CountingLoad(fleet.Client(), clients: 4);
        await load.MoreAsync(20);

        await fleet.AddAsync(3, at: 0, "replace", "n2", "--with", "n4");

        Assert.Equal(RemovedExit, await fleet[1].WaitForExitAsync());
        await fleet.MembersAsync(0, static members => members.Count == 3 && members.TrueForAll(IsVoter)
            && members.TrueForAll(static member => NameOf(member) != "n2"));
        await load.MoreAsync(20);
        await load.EndAsync();
    }

    [Fact]
    public async Task A_dead_machine_is_replaced_under_its_own_name_and_address()
    {
        await using var fleet = new NodeFleet(3);
        await fleet.FoundAsync(3);
        await fleet.KillAsync(1);
        Directory.Delete(fleet.DataOf(1), recursive: true);

        await fleet.AddAsync(1, at: 0, "replace", "n2");

        await fleet.MembersAsync(0, static members => members.Count == 3 && members.TrueForAll(IsVoter));
    }

    [Fact]
    public async Task A_place_belongs_to_the_first_directory_that_takes_it()
    {
        await using var fleet = new NodeFleet(2);
        await fleet.FoundAsync(1);
        Assert.Equal(0, (await fleet.MemberAsync(0, "add", "n2", "--peer", fleet.PeerUrl(1), "--learner", "--no-wait")).Code);
        (int _, string before) = await fleet.MemberAsync(0, "list");
        Assert.Contains("waits for its node", before);
        await fleet.JoinAsync(1);
        (int _, string list) = await fleet.MemberAsync(0, "list");
        Assert.Matches(@"n2 +[0-9a-f]{16} learner +no", list);

        // The same directory again is welcome, another one is not.
        await fleet.KillAsync(1);
        await fleet.JoinAsync(1);
        await fleet.KillAsync(1);
        Directory.Delete(fleet.DataOf(1), recursive: true);
        fleet.Serve(1, "--join", fleet.Url(0));
        Assert.Equal(MemberExit, await fleet[1].WaitForExitAsync());
        Assert.Contains("with another data directory", fleet[1].Output);
    }

    [Fact]
    public async Task What_would_leave_the_cluster_stuck_is_refused_and_a_dead_member_goes_at_once()
    {
        await using var fleet = new NodeFleet(3);
        await fleet.FoundAsync(3);
        int leader = await fleet.LeaderAsync(0);
        int[] others = [.. Enumerable.Range(0, 3).Where(node => node != leader)];
        await fleet.KillAsync(others[1]);
        await fleet.MembersAsync(leader, members => members.Exists(member =>
            member.TryGetProperty("unreachable", out JsonElement isSilent) && isSilent.GetBoolean()
            && NameOf(member) == $"n{others[1] + 1}"));

        (int code, string output) = await fleet.MemberAsync(leader, "remove", $"n{others[0] + 1}");
        Assert.Equal(1, code);
        Assert.Contains("member-unsafe", output);
        (code, output) = await fleet.MemberAsync(others[0], "remove", $"n{others[1] + 1}");
        Assert.True(code == 0, output);
        (code, output) = await fleet.MemberAsync(leader, "remove", "n9");
        Assert.Equal(1, code);
        Assert.Contains("member-not-found", output);
        (code, output) = await fleet.MemberAsync(leader, "add", "n1", "--peer", "http://127.0.0.1:9");
        Assert.Equal(1, code);
        Assert.Contains("member-conflict", output);
    }

    private static bool IsVoter(JsonElement member) => member.GetProperty("voter").GetBoolean();

    private static string NameOf(JsonElement member) => member.GetProperty("name").GetString()!;
}
