using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using RaftKv.Backups;
using RaftKv.Backups.Targets;

namespace RaftKv.Tests.Hosting;

/// <summary>Backups of running nodes: on demand, by schedule, by the command line; and what a node does when they fail.</summary>
public sealed class BackupTests
{
    [Fact]
    public async Task A_backup_on_demand_is_told_of_until_it_is_whole_with_its_digest_beside_it()
    {
        await using var nodes = new NodeProcesses();
        nodes.Start(0, "--backup-to", $"file:{nodes.File("backups")}");
        await nodes.ReadyAsync(0);
        await nodes.PutAsync(0, "k", "v");
        using HttpResponseMessage begun = await nodes.SendAsync(HttpMethod.Post, 0, "/api/v1/backups");
        Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
        JsonElement done = await DoneAsync(nodes, begun.Headers.Location!.OriginalString);
        string file = done.GetProperty("file").GetString()!;
        Assert.Equal(done.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file))));
        Assert.Equal(new FileInfo(file).Length, done.GetProperty("writtenBytes").GetInt64());
        Assert.Equal(2, done.GetProperty("revision").GetInt64());
        (int code, string said) = await NodeProcesses.RunAsync("backup", "verify", file);
        Assert.True(code == 0, said);
        JsonElement list = await nodes.JsonAsync(HttpMethod.Get, 0, "/api/v1/backups");
        Assert.Equal(done.GetProperty("id").GetString(), list.GetProperty("backups")[0].GetProperty("id").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await nodes.SendAsync(HttpMethod.Get, 0, "/api/v1/backups/none")).StatusCode);
    }

    [Fact]
    public async Task The_leader_alone_fills_a_shared_directory_by_schedule_and_the_newest_stay()
    {
        await using var nodes = new NodeProcesses();
        string directory = nodes.File("backups");
        for (int i = 0; i < 3; i++)
        {
            nodes.Start(i, "--cluster", nodes.List, "--backup-to", $"file:{directory}", "--backup-every", "1s", "--backup-keep", "2");
        }

        await Task.WhenAll(nodes.ReadyAsync(0), nodes.ReadyAsync(1), nodes.ReadyAsync(2));
        Directory.CreateDirectory(directory);
        string foreign = Path.Combine(directory, new BackupName(1, 1, DateTimeOffset.UnixEpoch).File);
        await File.WriteAllTextAsync(foreign, "another cluster's");
        JsonElement members = await nodes.JsonAsync(HttpMethod.Get, 0, "/api/v1/cluster");
        ulong cluster = Convert.ToUInt64(members.GetProperty("clusterId").GetString(), 16);
        HashSet<string> seen = [];
        await NodeProcesses.UntilAsync(async () =>
        {
            await nodes.PutAsync(0, "k", $"{seen.Count}");
            seen.UnionWith((await ListAsync(directory, cluster)).Select(static backup => backup.Name.Id));
            return seen.Count >= 4;
        });

        // One that is new is there before the oldest goes.
        Assert.InRange((await ListAsync(directory, cluster)).Count, 1, 3);
        Assert.True(File.Exists(foreign));
        Assert.All(await ListAsync(directory, cluster), static backup => Assert.NotNull(backup.Sha256));
    }

    [Fact]
    public async Task A_node_whose_backups_fail_goes_on_and_says_so_and_one_without_a_place_for_them_says_that()
    {
        await using var nodes = new NodeProcesses();
        await File.WriteAllTextAsync(nodes.File("no-directory"), "");
        nodes.Start(0, "--backup-to", $"file:{nodes.File("no-directory")}");
        nodes.Start(1);
        await Task.WhenAll(nodes.ReadyAsync(0), nodes.ReadyAsync(1));
        using HttpResponseMessage begun = await nodes.SendAsync(HttpMethod.Post, 0, "/api/v1/backups");
        Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
        await nodes[0].WaitForOutputAsync("failed:");
        JsonElement failed = await nodes.JsonAsync(HttpMethod.Get, 0, begun.Headers.Location!.OriginalString);
        Assert.Equal("failed", failed.GetProperty("state").GetString());
        Assert.NotEqual("", failed.GetProperty("problem").GetString());
        await nodes.PutAsync(0, "goes", "on");
        string metrics = await nodes.Http.GetStringAsync(nodes.Url(0, "/metrics"));
        Assert.Contains("raftkv_backups_failed_total 1", metrics, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await nodes.SendAsync(HttpMethod.Post, 1, "/api/v1/backups")).StatusCode);
        Assert.Equal(0, (await nodes.JsonAsync(HttpMethod.Get, 1, "/api/v1/backups")).GetProperty("backups").GetArrayLength());

        // The command line asks the next endpoint when one does not answer.
        (int code, string said) = await NodeProcesses.RunAsync(
            "backup", "save", "--to", nodes.File("saved.snap"), "--endpoints", $"http://127.0.0.1:1,{nodes.Url(0)}");
        Assert.True(code == 0 && File.Exists(nodes.File("saved.snap.sha256")), said);

        // Whoever names a digest of the file names that of sha256sum.
        string digest = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(nodes.File("saved.snap"))));
        (_, string verified) = await NodeProcesses.RunAsync("backup", "verify", nodes.File("saved.snap"));
        Assert.Contains(digest, said, StringComparison.Ordinal);
        Assert.Contains(digest, verified, StringComparison.Ordinal);
        (code, said) = await NodeProcesses.RunAsync("backup", "save", "--to", nodes.File("none.snap"), "--endpoint", "http://127.0.0.1:1");
        Assert.True(code == 2 && !File.Exists(nodes.File("none.snap")), said);
    }

    private static Task<List<ShelvedBackup>> ListAsync(string directory, ulong cluster) =>
        new BackupShelf(new DirectoryTarget(directory), TimeProvider.System).ListAsync(cluster, CancellationToken.None);

    private static async Task<JsonElement> DoneAsync(NodeProcesses nodes, string path)
    {
        JsonElement body = default;
        await NodeProcesses.UntilAsync(async () =>
        {
            body = await nodes.JsonAsync(HttpMethod.Get, 0, path);
            return body.GetProperty("state").GetString() == "done";
        });
        return body;
    }
}
