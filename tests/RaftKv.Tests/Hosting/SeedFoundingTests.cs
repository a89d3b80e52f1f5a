using System.Net;
using System.Text.Json;
using RaftKv.Core;
using RaftKv.Core.Identity;
using RaftKv.Hosting;
using RaftKv.Hosting.Formation;

namespace RaftKv.Tests.Hosting;

/// <summary>Trap 20 on real processes, without a list: as many directories as expected found a cluster, once.</summary>
public sealed class SeedFoundingTests : IAsyncLifetime
{
    private const int MemberExit = 7;
    private const int Node1 = 0;
    private const int Node2 = 1;
    private const int Node3 = 2;
    private const int Node4 = 3;
    private readonly NodeFleet _fleet = new(5);

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _fleet.DisposeAsync().AsTask();

    [Fact]
    public async Task Three_that_know_one_name_found_one_cluster_and_a_fourth_is_told_to_join()
    {
        string[] flags = ["--bootstrap-expect", "3", "--seeds", $"localhost:{new Uri(_fleet.PeerUrl(Node1)).Port}"];
        _fleet.Serve(Node1, flags);
        await _fleet[Node1].WaitForOutputAsync("waiting for 2 more of 3 nodes (n1 so far)");
        _fleet.Serve(Node2, flags);
        await _fleet[Node1].WaitForOutputAsync("waiting for 1 more of 3 nodes (n1, n2 so far)");

        // It comes back elsewhere before anything is promised: the address counts that it has now, the directory is the same.
        await _fleet.KillAsync(Node2);
        _fleet.ServeAt(Node2, _fleet.PeerUrl(4), flags);
        _fleet.Serve(Node3, flags);
        for (int i = Node1; i <= Node3; i++)
        {
            await _fleet[i].WaitForOutputAsync("is ready");
        }

        JsonElement cluster = await _fleet.MembersAsync(Node3, static members => members.Count == 3);
        Assert.Equal(
            [_fleet.PeerUrl(Node1), _fleet.PeerUrl(4), _fleet.PeerUrl(Node3)],
            cluster.GetProperty("members").EnumerateArray().OrderBy(static member => member.GetProperty("name").GetString())
                .Select(static member => member.GetProperty("peerUrl").GetString()));

        _fleet.Serve(Node4, flags);
        Assert.Equal(MemberExit, await _fleet[Node4].WaitForExitAsync());
        Assert.Contains("founded without a node n4", _fleet[Node4].Output);
        Assert.Contains("--join", _fleet[Node4].Output);

        // An emptied one is another, and a founder that is started again needs no seeds.
        await _fleet.KillAsync(Node3);
        Directory.Delete(_fleet.DataOf(Node3), recursive: true);
        _fleet.Serve(Node3, flags);
        Assert.Equal(MemberExit, await _fleet[Node3].WaitForExitAsync());
        Assert.Contains("was founded with another data directory of n3", _fleet[Node3].Output);
        await _fleet.KillAsync(Node1);
        _fleet.Serve(Node1);
        await _fleet[Node1].WaitForOutputAsync("is ready");
    }

    [Fact]
    public async Task Names_of_a_service_are_looked_up_until_all_are_there()
    {
        await using var dns = new SmallDnsServer();
        string[] flags = ["--bootstrap-expect", "3", "--seeds", $"dns:_raftkv-peer._tcp.raftkv.test@{dns.Address}"];
        _fleet.Serve(Node1, flags);
        await _fleet[Node1].WaitForOutputAsync("No address of a node at dns:_raftkv-peer");
        Assert.True(dns.QuestionCount > 0);
        _fleet.Serve(Node2, flags);
        _fleet.Serve(Node3, flags);
        dns.Say([.. Enumerable.Range(0, 3).Select(node => new Uri(_fleet.PeerUrl(node)).Port)]);
        for (int i = Node1; i <= Node3; i++)
        {
            await _fleet[i].WaitForOutputAsync("is ready");
        }

        await _fleet.MembersAsync(Node2, static members => members.Count == 3);
    }

    [Fact]
    public async Task More_than_expected_are_refused_by_name_and_nothing_is_promised()
    {
        string[] flags = ["--bootstrap-expect", "2", "--seeds", $"{Address(Node2)},{Address(Node3)}"];

        // Two that are there from the first, so that nobody can be founded with before the third is known.
        await using FormationDoor second = await OpenAsync(Node2);
        await using FormationDoor third = await OpenAsync(Node3);
        _fleet.Serve(Node1, flags);

        Assert.Equal(MemberExit, await _fleet[Node1].WaitForExitAsync());
        Assert.Contains("--bootstrap-expect 2 waits for 2 nodes, and there are more: n1, n2, n3", _fleet[Node1].Output);
        Assert.Equal(FoundingStage.Open, RaftKv.Storage.DirectoryIdentity.Read(Path.Combine(_fleet.DataOf(Node1), "identity.json")).Stage);
    }

    [Fact]
    public async Task One_needs_no_seeds()
    {
        _fleet.Serve(Node1, "--bootstrap-expect", "1");
        await _fleet[Node1].WaitForOutputAsync("is ready");

        using HttpResponseMessage put = await _fleet.Http.PutAsync(_fleet.Url(Node1, "/api/v1/kv/k"), new ByteArrayContent([1]));
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
    }

    private string Address(int node) => new Uri(_fleet.PeerUrl(node)).Authority;

    private async Task<FormationDoor> OpenAsync(int node)
    {
        NodeOptions options = new()
        {
            Name = $"n{node + 1}",
            ClientUrls = [ServerUrl.Parse(_fleet.Url(node), "", out _)!],
            PeerUrl = ServerUrl.Parse(_fleet.PeerUrl(node), "", out _),
        };
        var word = new FoundingWord(
            options.Name, new NodeId(100 + (ulong)node), Identities.ListDigestOf(["expected=2"]), FoundingStage.Open, null)
        {
            Url = _fleet.PeerUrl(node),
        };
        using var loggers = new Microsoft.Extensions.Logging.LoggerFactory();
        NodeTls tls = NodeTls.Open(options, TimeProvider.System, loggers.CreateLogger("test"));
        var door = new FormationDoor(options, tls, () => word);
        await door.OpenAsync();
        return door;
    }
}
