using System.Net;
using System.Text;
using System.Text.Json;

namespace RaftKv.Tests.Hosting;

/// <summary>Rights that are in force when a backup is taken are in force in what is restored, before its first request.</summary>
public sealed class SecuredRestoreTests
{
    private const string Password = "root-password";

    [Fact]
    public async Task Who_is_let_in_after_a_restore_is_who_was_let_in_at_the_backup_and_logins_begin_anew()
    {
        await using var nodes = new NodeProcesses();
        nodes.Environment["RAFTKV_PASSWORD"] = Password;
        nodes.Start(0);
        await nodes.ReadyAsync(0);
        await nodes.PutAsync(0, "k", "v");
        await nodes.JsonAsync(HttpMethod.Post, 0, "/api/v1/auth/users", $$"""{"name":"root","password":"{{Password}}"}""");
        await nodes.JsonAsync(HttpMethod.Post, 0, "/api/v1/auth/users/root/grant", """{"role":"root"}""");
        await nodes.JsonAsync(HttpMethod.Post, 0, "/api/v1/auth/users", """{"name":"eve","password":"eve-password"}""");
        await nodes.JsonAsync(HttpMethod.Post, 0, "/api/v1/auth/enable", "{}");
        string login = await TextAsync(nodes, "/api/v1/auth/login", $$"""{"user":"root","password":"{{Password}}"}""");
        string token = await TextAsync(nodes, "/api/v1/auth/tokens", """{"label":"ci"}""");
        Assert.Equal(HttpStatusCode.OK, await GetAsync(nodes, "Bearer " + login));

        // Neither nobody nor somebody without the right gets a backup, and nothing is left of the attempt.
        string backup = nodes.File("secured.snap");
        string[] save = ["backup", "save", "--to", backup, "--endpoint", nodes.Url(0)];
        (int code, string said) = await nodes.RunHereAsync(save);
        Assert.True(code == 2 && said.Contains("401", StringComparison.Ordinal) && !File.Exists(backup), said);
        nodes.Environment["RAFTKV_PASSWORD"] = "eve-password";
        (code, said) = await nodes.RunHereAsync([.. save, "--user", "eve"]);
        Assert.True(code == 2 && said.Contains("403", StringComparison.Ordinal) && !File.Exists(backup), said);
        nodes.Environment["RAFTKV_PASSWORD"] = Password;
        (code, said) = await nodes.RunHereAsync([.. save, "--user", "root"]);
        Assert.True(code == 0, said);
        await nodes.KillAsync(0);
        Directory.Delete(nodes.DataOf(0), recursive: true);
        (code, said) = await nodes.RunHereAsync("restore", "--from", backup, "--data-dir", nodes.DataOf(0));
        Assert.True(code == 0, said);
        nodes.Start(0);
        await nodes.ReadyAsync(0);

        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(nodes, null));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(nodes, "Bearer " + login));
        Assert.Equal(HttpStatusCode.Unauthorized, await GetAsync(nodes, Basic("root", "another")));
        Assert.Equal(HttpStatusCode.Forbidden, await GetAsync(nodes, Basic("eve", "eve-password")));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(nodes, Basic("root", Password)));
        Assert.Equal(HttpStatusCode.OK, await GetAsync(nodes, "Bearer " + token));
    }

    private static string Basic(string user, string password) =>
        "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));

    private static async Task<HttpStatusCode> GetAsync(NodeProcesses nodes, string? who)
    {
        using HttpResponseMessage answer = who is null
            ? await nodes.SendAsync(HttpMethod.Get, 0, "/api/v1/kv/k")
            : await nodes.SendAsync(HttpMethod.Get, 0, "/api/v1/kv/k", null, ("Authorization", who));
        return answer.StatusCode;
    }

    private static async Task<string> TextAsync(NodeProcesses nodes, string path, string body)
    {
        using HttpResponseMessage answer = await nodes.SendAsync(
            HttpMethod.Post, 0, path, body, ("Authorization", Basic("root", Password)));
        string text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        using JsonDocument json = JsonDocument.Parse(text);
        return json.RootElement.GetProperty("token").GetString()!;
    }
}
