using System.Net;
using System.Text.Json;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;
using RaftKv.Tests.Node;
using RaftKv.Tests.Support;

namespace RaftKv.Tests.Api.Coordination;

/// <summary>Locks and keyed writes at real nodes: over followers, expiries and a node that leaves.</summary>
public sealed class CoordinationClusterTests
{
    [Fact]
    public async Task A_waiter_at_a_follower_gets_the_lock_when_the_holders_lease_expires()
    {
        await using var cluster = new TestCluster(3);
        cluster.StartAll();
        int leader = await cluster.LeaderAsync();
        await using ApiHost atLeader = await ApiHost.StartAsync(cluster[leader]);
        await using ApiHost atFollower = await ApiHost.StartAsync(cluster[(leader + 1) % 3]);
        JsonElement first = await (await atLeader.PostAsync("/api/v1/locks/a", """{"ttl":"300ms"}""")).JsonAsync();
        HttpResponseMessage second = await atFollower.PostAsync("/api/v1/locks/a", """{"ttl":"60s","wait":"60s"}""");
        Assert.True(second.StatusCode == HttpStatusCode.Created, await second.Content.ReadAsStringAsync());
        long old = first.GetProperty("fencingToken").GetInt64();
        long token = (await second.JsonAsync()).GetProperty("fencingToken").GetInt64();
        Assert.True(token > old);
        HttpResponseMessage late = await atFollower.SendAsync("PUT", "/api/v1/kv/x", "v", headers: ("RaftKv-Fence", $"a;token={old}"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.StatusCode);
        Assert.True((await atLeader.SendAsync("PUT", "/api/v1/kv/x", "v", headers: ("RaftKv-Fence", $"a;token={token}"))).IsSuccessStatusCode);
    }

    [Fact]
    public async Task A_node_that_drains_takes_the_places_of_its_waiters_out_of_the_queue()
    {
        await using var cluster = new TestCluster(3);
        cluster.StartAll();
        int leader = await cluster.LeaderAsync();
        int follower = (leader + 1) % 3;
        await using ApiHost atLeader = await ApiHost.StartAsync(cluster[leader]);
        await using ApiHost atFollower = await ApiHost.StartAsync(cluster[follower]);
        await atLeader.PostAsync("/api/v1/locks/a", """{"ttl":"60s"}""");
        Task<HttpResponseMessage> waiting = atFollower.PostAsync("/api/v1/locks/a", """{"ttl":"60s","wait":"60s"}""");
        await Eventually.TrueAsync(() => Queue(cluster, leader).WaiterCount > 0);
        await cluster[follower].DrainAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await waiting).StatusCode);
        await Eventually.TrueAsync(() => Queue(cluster, leader).WaiterCount == 0);
        Assert.Equal(1, cluster[leader].View.LeaseCount);
    }

    [Fact]
    public async Task A_lock_waited_for_again_under_its_key_at_another_node_outlives_the_first_connection()
    {
        await using var cluster = new TestCluster(3);
        cluster.StartAll();
        int leader = await cluster.LeaderAsync();
        await using ApiHost one = await ApiHost.StartAsync(cluster[leader]);
        await using ApiHost two = await ApiHost.StartAsync(cluster[(leader + 1) % 3]);
        JsonElement held = await (await one.PostAsync("/api/v1/locks/a", """{"ttl":"60s"}""")).JsonAsync();
        using var hangUp = new CancellationTokenSource();
        using var asked = new HttpRequestMessage(HttpMethod.Post, "/api/v1/locks/a") { Headers = { { "Idempotency-Key", "k" } } };
        Task first = one.Client.SendAsync(asked, hangUp.Token);
        await Eventually.TrueAsync(() => Queue(cluster, leader).WaiterCount == 1);
        Task<HttpResponseMessage> second = two.SendAsync("POST", "/api/v1/locks/a", headers: ("Idempotency-Key", "k"));
        await Eventually.TrueAsync(() => Queue(cluster, leader).Entries[1].Pair.Version == 2);
        hangUp.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        await Eventually.TrueAsync(() => cluster[leader].Watches.OpenCount == 0);
        await one.SendAsync("DELETE", $"/api/v1/locks/a?token={held.GetProperty("fencingToken")}");
        Assert.Equal((HttpStatusCode.Created, "true"), ((await second).StatusCode, (await second).Header("RaftKv-Replayed")));
        Assert.NotNull(cluster[leader].View.GetLease(Queue(cluster, leader).Entries[0].Lease));
    }

    [Fact]
    public async Task A_keyed_increment_repeated_at_other_nodes_counts_once()
    {
        await using var cluster = new TestCluster(3);
        cluster.StartAll();
        await cluster.LeaderAsync();
        await using ApiHost one = await ApiHost.StartAsync(cluster[0]);
        await using ApiHost two = await ApiHost.StartAsync(cluster[1]);
        await using ApiHost three = await ApiHost.StartAsync(cluster[2]);
        ApiHost[] hosts = [one, two, three];
        for (int i = 0; i < 60; i++)
        {
            HttpResponseMessage[] answers = await Task.WhenAll(hosts.Select(host =>
                host.SendAsync("POST", "/api/v1/counters/n", headers: ("Idempotency-Key", $"key-{i}"))));
            string[] bodies = await Task.WhenAll(answers.Select(a => a.Content.ReadAsStringAsync()));
            Assert.All(bodies, body => Assert.Equal(bodies[0], body));
            Assert.Equal(2, answers.Count(a => a.Header("RaftKv-Replayed") == "true"));
        }

        Assert.Equal("60", await (await two.SendAsync("GET", "/api/v1/kv/n?raw")).Content.ReadAsStringAsync());
    }

    private static LockQueue Queue(TestCluster cluster, int node) => cluster[node].View.GetLockQueue(LockKind.Lock, "a"u8.ToArray());
}
