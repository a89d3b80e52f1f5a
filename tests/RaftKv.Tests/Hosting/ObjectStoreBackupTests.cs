using System.Net;
using System.Text.Json;
using RaftKv.Tests.Backups;

namespace RaftKv.Tests.Hosting;

/// <summary>
/// A real node that puts its backups and its log into an object store: while that is away it serves, says so and tries again;
/// and when nothing of the node is left, the store has all of it.
/// </summary>
public sealed class ObjectStoreBackupTests
{
    [Fact]
    public async Task A_node_without_its_store_goes_on_and_with_it_all_comes_back_after_its_directory_is_lost()
    {
        await using ObjectStoreDouble store = await ObjectStoreDouble.StartAsync();
        await using var nodes = new NodeProcesses();
        nodes.Environment["AWS_ACCESS_KEY_ID"] = ObjectStoreDouble.AccessKey;
        nodes.Environment["AWS_SECRET_ACCESS_KEY"] = ObjectStoreDouble.SecretKey;
        string place = $"s3://{ObjectStoreDouble.Bucket}/c1?endpoint={store.Endpoint}";
        store.SendsApart = true;
        store.Fault = static _ => StoreFault.Refuse;
        nodes.Start(0, "--backup-to", place, "--backup-every", "1s", "--backup-log", "1s", "--backup-keep", "3");
        await nodes.ReadyAsync(0);
        await nodes.PutAsync(0, "while", "away");
        await NodeProcesses.UntilAsync(async () =>
        {
            string metrics = await nodes.Http.GetStringAsync(nodes.Url(0, "/metrics"));
            return !metrics.Contains("raftkv_backups_failed_total 0", StringComparison.Ordinal)
                && !metrics.Contains("raftkv_backup_log_failures_total 0", StringComparison.Ordinal);
        });
        Assert.Equal("away", await nodes.ValueAsync(0, "while"));
        Assert.Contains("InternalError", nodes[0].Output, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, (await nodes.SendAsync(HttpMethod.Get, 0, "/api/v1/backups")).StatusCode);

        store.Fault = static _ => StoreFault.None;
        long last = (await nodes.PutAsync(0, "with", "it")).GetProperty("modRevision").GetInt64();
        JsonElement newest = default;
        await NodeProcesses.UntilAsync(async () =>
        {
            JsonElement list = (await nodes.JsonAsync(HttpMethod.Get, 0, "/api/v1/backups")).GetProperty("backups");
            newest = list.EnumerateArray().LastOrDefault(static one => one.GetProperty("state").GetString() == "done");
            return newest.ValueKind == JsonValueKind.Object && newest.GetProperty("revision").GetInt64() >= last;
        });

        // What the backup has is no lag, though no piece of the log was written since.
        await UntilNoLagAsync(nodes);

        // What is written after the newest backup comes by the log; a backup may be quicker, and then has it.
        last = (await nodes.PutAsync(0, "by", "log")).GetProperty("modRevision").GetInt64();
        await UntilNoLagAsync(nodes);
        string output = nodes[0].Output;
        await nodes.KillAsync(0);
        Directory.Delete(nodes.DataOf(0), recursive: true);

        (int code, string said) = await nodes.RunHereAsync("backup", "list", place);
        Assert.True(code == 0 && said.Contains("log         entries", StringComparison.Ordinal), said);
        (code, string verified) = await nodes.RunHereAsync("backup", "verify", newest.GetProperty("file").GetString()!);
        Assert.True(code == 0 || verified.Contains("it is not there", StringComparison.Ordinal), verified);
        (code, verified) = await nodes.RunHereAsync("backup", "verify", place);
        Assert.True(code == 0 && verified.Contains($"{last} (compacted", StringComparison.Ordinal), verified);
        (code, string restored) = await nodes.RunHereAsync("restore", "--from", place, "--data-dir", nodes.DataOf(0));
        Assert.True(code == 0, restored);
        nodes.Start(0);
        await nodes.ReadyAsync(0);
        Assert.Equal("away", await nodes.ValueAsync(0, "while"));
        Assert.Equal("it", await nodes.ValueAsync(0, "with"));
        Assert.Equal("log", await nodes.ValueAsync(0, "by"));
        Assert.DoesNotContain(ObjectStoreDouble.SecretKey, output + said + verified + restored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_running_cluster_is_saved_into_a_store_by_whom_a_token_names_and_restored_from_there()
    {
        await using ObjectStoreDouble store = await ObjectStoreDouble.StartAsync();
        await using TokenServiceDouble tokens = await TokenServiceDouble.StartAsync();
        await using var nodes = new NodeProcesses();
        store.Keyring = tokens;
        store.SendsApart = true;
        tokens.Token = "a.token.of-a-pod";
        await File.WriteAllTextAsync(nodes.File("token"), tokens.Token);
        nodes.Environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = nodes.File("token");
        nodes.Environment["AWS_ROLE_ARN"] = TokenServiceDouble.Role;
        nodes.Environment["AWS_ENDPOINT_URL_STS"] = tokens.Endpoint;
        string place = $"s3://{ObjectStoreDouble.Bucket}/c1?endpoint={store.Endpoint}";
        string named = $"s3://{ObjectStoreDouble.Bucket}/c1/today.snap?endpoint={store.Endpoint}";
        nodes.Start(0, "--backup-to", place);
        await nodes.ReadyAsync(0);
        await nodes.PutAsync(0, "k", "v");

        // The node's own, then from outside: under the name that a node would give it, and under another one.
        Assert.Equal(HttpStatusCode.Accepted, (await nodes.SendAsync(HttpMethod.Post, 0, "/api/v1/backups")).StatusCode);
        await NodeProcesses.UntilAsync(() => Task.FromResult(
            store.Keys().Any(static key => key.EndsWith(".snap.sha256", StringComparison.Ordinal))));
        int before = store.Keys().Length;
        await nodes.PutAsync(0, "k", "w");
        (int code, string saved) = await nodes.RunHereAsync(
            "backup", "save", "--to", place, "--endpoints", $"http://127.0.0.1:1,{nodes.Url(0)}");
        Assert.True(code == 0 && store.Keys().Length == before + 2, saved);
        (code, string again) = await nodes.RunHereAsync("backup", "save", "--to", named, "--endpoint", nodes.Url(0));
        Assert.True(code == 0 && store.Keys().Contains("c1/today.snap.sha256"), again);

        (code, string listed) = await nodes.RunHereAsync("backup", "list", place);
        Assert.True(code == 0 && listed.Split(".snap").Length == 3, listed);
        foreach (string from in (string[])[place, named])
        {
            (code, string verified) = await nodes.RunHereAsync("backup", "verify", from);
            Assert.True(code == 0 && verified.Contains("whole and sound", StringComparison.Ordinal), verified);
        }

        string told = nodes[0].Output;
        await nodes.KillAsync(0);
        (code, string restored) = await nodes.RunHereAsync("restore", "--from", named, "--data-dir", nodes.DataOf(1));
        Assert.True(code == 0, restored);
        nodes.Start(1);
        await nodes.ReadyAsync(1);
        Assert.Equal("w", await nodes.ValueAsync(1, "k"));

        // A store that takes nothing is no backup, and says so.
        store.Fault = static _ => StoreFault.Refuse;
        (code, string refused) = await nodes.RunHereAsync("backup", "save", "--to", place, "--endpoint", nodes.Url(1));
        Assert.True(code == 1 && refused.Contains("InternalError", StringComparison.Ordinal), refused);
        (code, string wrong) = await nodes.RunHereAsync("backup", "save", "--to", "s3://k:s@bucket", "--endpoint", nodes.Url(1));
        Assert.True(code == 2 && wrong.Contains("holds no credentials", StringComparison.Ordinal), wrong);
        string all = saved + again + listed + restored + refused + told;
        Assert.DoesNotContain(tokens.Token, all, StringComparison.Ordinal);
        Assert.DoesNotContain(TokenServiceDouble.SecretKey, all, StringComparison.Ordinal);
    }

    private static Task UntilNoLagAsync(NodeProcesses nodes) => NodeProcesses.UntilAsync(async () =>
        (await nodes.Http.GetStringAsync(nodes.Url(0, "/metrics"))).Contains("raftkv_backup_log_lag_entries 0", StringComparison.Ordinal));
}
