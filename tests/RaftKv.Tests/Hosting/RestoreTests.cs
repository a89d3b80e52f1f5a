using System.Net;
using System.Text.Json;

namespace RaftKv.Tests.Hosting;

/// <summary>
/// Trap 16 on real processes: a cluster is backed up while it is written to, goes on, is lost with all its directories, and is
/// restored. What was in the backup is there, and nothing that the old cluster handed out means anything any more.
/// </summary>
public sealed class RestoreTests
{
    private const int Bad = 4;
    private const int Settings = 2;

    [Fact]
    public async Task A_lost_cluster_comes_back_from_a_backup_taken_under_load_and_tokens_leases_locks_and_watches_are_the_new_ones()
    {
        await using var nodes = new NodeProcesses();
        for (int i = 0; i < 3; i++)
        {
            nodes.Start(i, "--cluster", nodes.List);
        }

        await Task.WhenAll(nodes.ReadyAsync(0), nodes.ReadyAsync(1), nodes.ReadyAsync(2));
        await nodes.PutAsync(0, "before", "1");
        JsonElement oldLock = await LockAsync(nodes, "m");
        string session = await SessionAsync(nodes);
        string clientSession = (await nodes.JsonAsync(HttpMethod.Post, 0, "/api/v1/client-sessions", "{}")).GetProperty("id").GetString()!;

        using var stop = new CancellationTokenSource();
        Task<long> load = WriteAsync(nodes, stop.Token);
        string backup = nodes.File("backup.snap");
        (int saved, string said) = await DownloadAsync(nodes, backup);
        await stop.CancelAsync();
        long lastRevision = await load;
        Assert.Equal((200, ""), (saved, said));
        (int verified, string verdict) = await NodeProcesses.RunAsync("backup", "verify", backup);
        Assert.True(verified == 0, verdict);
        Assert.Contains("whole and sound", verdict, StringComparison.Ordinal);

        // What came after the backup, and is lost with the cluster: a key, and a larger token.
        await nodes.PutAsync(0, "after", "1");
        JsonElement lateLock = await LockAsync(nodes, "late");
        for (int i = 0; i < 3; i++)
        {
            await nodes.KillAsync(i);
            Directory.Delete(nodes.DataOf(i), recursive: true);
        }

        (int restored, string report) = await NodeProcesses.RunAsync("restore", "--from", backup, "--data-dir", nodes.DataOf(0));
        Assert.True(restored == 0, report);
        nodes.Start(0);
        await nodes.ReadyAsync(0);
        Assert.Equal("1", await nodes.ValueAsync(0, "before"));
        Assert.Null(await nodes.ValueAsync(0, "after"));
        await RequireANewClusterAsync(nodes, session, clientSession, lastRevision);

        // The old lock ended with its lease; tokens go on past what the backup had, and past what it had not.
        Assert.Equal(
            HttpStatusCode.PreconditionFailed,
            (await nodes.SendAsync(HttpMethod.Delete, 0, $"/api/v1/locks/m?token={Token(oldLock)}")).StatusCode);
        Assert.True(Token(await LockAsync(nodes, "m")) > Token(lateLock));
        Assert.True(Token(await LockAsync(nodes, "late")) > Token(lateLock));
        JsonElement leases = await nodes.JsonAsync(HttpMethod.Get, 0, "/api/v1/leases");
        Assert.Equal(2, leases.GetProperty("leases").GetArrayLength());

        // It grows to three again, and goes on without the one that was restored.
        nodes.Start(1, "--join", nodes.Url(0));
        nodes.Start(2, "--join", nodes.Url(0));
        await Task.WhenAll(nodes.ReadyAsync(1), nodes.ReadyAsync(2));
        Assert.Equal("1", await nodes.ValueAsync(2, "before"));
    }

    [Fact]
    public async Task Three_nodes_that_restored_the_same_found_one_cluster_and_one_that_did_not_is_waited_for()
    {
        await using var nodes = new NodeProcesses();
        nodes.Start(0);
        await nodes.ReadyAsync(0);
        await nodes.PutAsync(0, "k", "v");
        string backup = nodes.File("backup.snap");
        Assert.Equal(200, (await DownloadAsync(nodes, backup)).Status);
        await nodes.KillAsync(0);
        Directory.Delete(nodes.DataOf(0), recursive: true);

        // The third one is empty: a founding with it would found without the data.
        await RestoreAsync(nodes, 0, backup, "7000000000");
        await RestoreAsync(nodes, 1, backup, "7000000000");
        for (int i = 0; i < 3; i++)
        {
            nodes.Start(i, "--cluster", nodes.List);
        }

        await nodes[0].WaitForOutputAsync("waiting for n3, which was started with another --cluster list, or was not restored");
        await nodes.KillAsync(2);
        Directory.Delete(nodes.DataOf(2), recursive: true);

        // Restored from the same, but to begin elsewhere: still not the same.
        await RestoreAsync(nodes, 2, backup, "7000000001");
        nodes.Start(2, "--cluster", nodes.List);
        await nodes[2].WaitForOutputAsync("was not restored from the same backup");
        await nodes.KillAsync(2);
        Directory.Delete(nodes.DataOf(2), recursive: true);
        await RestoreAsync(nodes, 2, backup, "7000000000");
        nodes.Start(2, "--cluster", nodes.List);
        await Task.WhenAll(nodes.ReadyAsync(0), nodes.ReadyAsync(1), nodes.ReadyAsync(2));
        Assert.Equal("v", await nodes.ValueAsync(2, "k"));
        Assert.Equal(7_000_000_001, (await nodes.PutAsync(1, "k", "w")).GetProperty("modRevision").GetInt64());

        // A later start needs no list and no backup, and finds what was written since.
        for (int i = 0; i < 3; i++)
        {
            await nodes.KillAsync(i);
            Assert.False(File.Exists(Path.Combine(nodes.DataOf(i), "restored.snap")));
        }

        nodes.Start(0);
        nodes.Start(2);
        await Task.WhenAll(nodes.ReadyAsync(0), nodes.ReadyAsync(2));
        Assert.Equal("w", await nodes.ValueAsync(0, "k"));
    }

    [Fact]
    public async Task What_can_not_be_restored_is_refused_with_a_sentence_and_no_node_starts_on_half_a_restore()
    {
        await using var nodes = new NodeProcesses();
        nodes.Start(0);
        await nodes.ReadyAsync(0);
        await nodes.PutAsync(0, "k", "v");
        string backup = nodes.File("backup.snap");
        Assert.Equal(200, (await DownloadAsync(nodes, backup)).Status);

        // A node's own directory, running or not, is not touched.
        (int code, string said) = await NodeProcesses.RunAsync("restore", "--from", backup, "--data-dir", nodes.DataOf(0));
        Assert.True(code == Settings, said);
        await nodes.KillAsync(0);
        (code, said) = await NodeProcesses.RunAsync("restore", "--from", backup, "--data-dir", nodes.DataOf(0));
        Assert.True(code == Settings && said.Contains("holds the data of a node", StringComparison.Ordinal), said);

        // A damaged backup is no backup, and leaves a directory that says so until the restore is done.
        byte[] bytes = await File.ReadAllBytesAsync(backup);
        byte[] damaged = [.. bytes];
        damaged[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(nodes.File("damaged.snap"), damaged);
        (code, said) = await NodeProcesses.RunAsync("restore", "--from", nodes.File("damaged.snap"), "--data-dir", nodes.DataOf(1));
        Assert.True(code == Bad, said);
        nodes.Start(1);
        Assert.Equal(Settings, await nodes[1].WaitForExitAsync());
        Assert.Contains("was interrupted", nodes[1].Output, StringComparison.Ordinal);
        await nodes.KillAsync(1);
        (code, said) = await NodeProcesses.RunAsync("restore", "--from", $"file:{backup}", "--data-dir", nodes.DataOf(1));
        Assert.True(code == 0, said);

        // What was restored is not forgotten by joining.
        nodes.Start(1, "--join", nodes.Url(0));
        Assert.Equal(Settings, await nodes[1].WaitForExitAsync());
        Assert.Contains("was restored from a backup", nodes[1].Output, StringComparison.Ordinal);

        // No backup, no directory: not of a file that is not there, and not of an address that gives none.
        foreach (string nowhere in (string[])[nodes.File("missing.snap"), nodes.Url(2), nodes.Url(2, "/nothing")])
        {
            (code, said) = await NodeProcesses.RunAsync("restore", "--from", nowhere, "--data-dir", nodes.DataOf(2));
            Assert.True(code == Settings, said);
            Assert.False(Directory.Exists(nodes.DataOf(2)), said);
        }

        (code, said) = await NodeProcesses.RunAsync(
            "restore", "--from", backup, "--data-dir", nodes.DataOf(2), "--begin-revision", "1000000001");
        Assert.True(code == Settings && said.Contains("too near", StringComparison.Ordinal), said);
    }

    [Fact]
    public async Task A_survivor_goes_on_alone_with_all_that_reached_it_when_it_is_told_to_and_not_before()
    {
        await using var nodes = new NodeProcesses();
        for (int i = 0; i < 3; i++)
        {
            nodes.Start(i, "--cluster", nodes.List);
        }

        await Task.WhenAll(nodes.ReadyAsync(0), nodes.ReadyAsync(1), nodes.ReadyAsync(2));
        await LockAsync(nodes, "m");
        string session = await SessionAsync(nodes);
        string clientSession = (await nodes.JsonAsync(HttpMethod.Post, 0, "/api/v1/client-sessions", "{}")).GetProperty("id").GetString()!;
        (await nodes.SendAsync(HttpMethod.Put, 0, "/api/v1/kv/everywhere", "v", ("RaftKv-Write-Concern", "all"))).EnsureSuccessStatusCode();
        for (int i = 0; i < 3; i++)
        {
            await nodes.KillAsync(i);
        }

        // A survivor alone does not lead; and without --yes nothing changes.
        string[] recover = ["recover", "--force-new-cluster", "--data-dir", nodes.DataOf(2)];
        (int code, string said) = await NodeProcesses.RunAsync(recover);
        Assert.True(code == 1 && said.Contains("may be lost", StringComparison.Ordinal), said);
        Assert.Contains("n1, n2", said, StringComparison.Ordinal);
        Assert.Contains("of the latest term, and of those the one with the most entries", said, StringComparison.Ordinal);
        nodes.Start(2);
        await nodes[2].WaitForOutputAsync("Clients are served at");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await nodes.Http.GetAsync(nodes.Url(2, "/readyz"))).StatusCode);
        (code, said) = await NodeProcesses.RunAsync([.. recover, "--yes"]);
        Assert.True(code == Settings && said.Contains("in use", StringComparison.Ordinal), said);
        await nodes.KillAsync(2);

        // What was said of its state stays with the state of before; the new cluster begins without.
        string divergence = Path.Combine(nodes.DataOf(2), "diverged.txt");
        await File.WriteAllTextAsync(divergence, "It differs from the others after entry 7.\n");
        (code, said) = await NodeProcesses.RunAsync([.. recover, "--yes"]);
        Assert.True(code == 0, said);
        Assert.Contains("not to be believed: It differs from the others after entry 7.", said, StringComparison.Ordinal);
        Assert.False(File.Exists(divergence));
        Assert.True(File.Exists(Path.Combine(nodes.DataOf(2), "raft.before-recover", "diverged.txt")));
        nodes.Start(2, "--cluster", nodes.List);
        await nodes.ReadyAsync(2);
        Assert.Equal("v", await nodes.ValueAsync(2, "everywhere"));
        Assert.True(Directory.Exists(Path.Combine(nodes.DataOf(2), "raft.before-recover")));
        await RequireANewClusterAsync(nodes, session, clientSession, lastRevision: 10, node: 2);

        // The others are the old cluster's, and this one is not of it any more.
        nodes.Start(0, "--cluster", nodes.List);
        await nodes[0].WaitForOutputAsync("Clients are served at");
        JsonElement cluster = await nodes.JsonAsync(HttpMethod.Get, 2, "/api/v1/cluster");
        Assert.Equal(1, cluster.GetProperty("members").GetArrayLength());
    }

    private static async Task RequireANewClusterAsync(
        NodeProcesses nodes, string session, string clientSession, long lastRevision, int node = 0)
    {
        using HttpResponseMessage old = await nodes.SendAsync(
            HttpMethod.Get, node, "/api/v1/kv/before", null, ("RaftKv-Session", session), ("RaftKv-Consistency", "session"));
        Assert.Equal(HttpStatusCode.BadRequest, old.StatusCode);
        Assert.Contains("session-mismatch", await old.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        using HttpResponseMessage stamped = await nodes.SendAsync(
            HttpMethod.Put, node, "/api/v1/kv/once", "1", ("RaftKv-Client-Session", $"{clientSession};seq=1;ack=0"));
        Assert.Contains("client-session-unknown", await stamped.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Null(await nodes.ValueAsync(node, "once"));
        using HttpResponseMessage watch = await nodes.SendAsync(
            HttpMethod.Get, node, $"/api/v1/watch?prefix=&startRevision={lastRevision}");
        Assert.Equal(HttpStatusCode.Gone, watch.StatusCode);
        JsonElement status = await nodes.JsonAsync(HttpMethod.Get, node, "/api/v1/status");
        Assert.True(status.GetProperty("revision").GetInt64() >= lastRevision + 1_000_000_000);
    }

    private static async Task RestoreAsync(NodeProcesses nodes, int node, string backup, string begin)
    {
        (int code, string said) = await NodeProcesses.RunAsync(
            "restore", "--from", backup, "--data-dir", nodes.DataOf(node), "--begin-revision", begin);
        Assert.True(code == 0, said);
    }

    private static async Task<(int Status, string Problem)> DownloadAsync(NodeProcesses nodes, string path)
    {
        using HttpResponseMessage answer = await nodes.SendAsync(HttpMethod.Get, 0, "/api/v1/snapshot");
        byte[] bytes = await answer.Content.ReadAsByteArrayAsync();
        await File.WriteAllBytesAsync(path, bytes);
        return ((int)answer.StatusCode, answer.IsSuccessStatusCode ? "" : System.Text.Encoding.UTF8.GetString(bytes));
    }

    // Writes until it is told to stop; the newest revision.
    private static async Task<long> WriteAsync(NodeProcesses nodes, CancellationToken stop)
    {
        long revision = 0;
        for (int i = 0; !stop.IsCancellationRequested || i < 50; i++)
        {
            revision = (await nodes.PutAsync(1, $"load/{i % 40}", $"{i}")).GetProperty("modRevision").GetInt64();
        }

        return revision;
    }

    private static Task<JsonElement> LockAsync(NodeProcesses nodes, string name) =>
        nodes.JsonAsync(HttpMethod.Post, 0, $"/api/v1/locks/{name}", """{"ttl":"60s","wait":"5s","owner":"o"}""");

    private static long Token(JsonElement acquired) => acquired.GetProperty("fencingToken").GetInt64();

    private static async Task<string> SessionAsync(NodeProcesses nodes)
    {
        using HttpResponseMessage answer = await nodes.SendAsync(HttpMethod.Put, 0, "/api/v1/kv/s", "1");
        return answer.Headers.GetValues("RaftKv-Session").Single();
    }
}
