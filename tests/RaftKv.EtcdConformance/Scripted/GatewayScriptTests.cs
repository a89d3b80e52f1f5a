using RaftKv.EtcdConformance.Servers;

namespace RaftKv.EtcdConformance.Scripted;

/// <summary>Every path of the gateway with good and bad bodies, answer by answer.</summary>
public sealed class GatewayScriptTests
{
    [EtcdFact]
    public async Task Each_request_of_the_script_is_answered_as_by_etcd()
    {
        await using ServerPair pair = await ServerPair.StartAsync();
        var differences = new List<string>();
        int count = 0;
        foreach (string line in ScriptFile.Lines("gateway.txt"))
        {
            bool mayDiffer = line.StartsWith("~ ", StringComparison.Ordinal);
            string request = mayDiffer ? line[2..] : line;
            int space = request.IndexOf(' ');
            string path = space < 0 ? request : request[..space];
            string body = space < 0 ? "" : request[(space + 1)..];
            string etcd = await pair.EtcdJson.PostAsync(path, body);
            string raftkv = await pair.RaftKvJson.PostAsync(path, body);
            count++;
            if (etcd != raftkv && !mayDiffer)
            {
                differences.Add($"{line}\n  etcd:   {etcd}\n  raftkv: {raftkv}");
            }
        }

        Assert.True(differences.Count == 0, string.Join("\n", differences));
        Assert.True(count > 150, $"the script has {count} requests");
    }

    [EtcdFact]
    public async Task What_is_not_posted_or_not_there_is_refused_as_by_etcd()
    {
        await using ServerPair pair = await ServerPair.StartAsync();
        using var http = new HttpClient();
        foreach ((string method, string path) in ((string, string)[])[
            ("GET", "/v3/kv/range"), ("PUT", "/v3/kv/range"), ("GET", "/v3/nosuch"), ("POST", "/v3/nosuch"), ("POST", "/v3/kv/"),
            ("DELETE", "/v3beta/kv/put"), ("POST", "/v3beta/nosuch"), ("OPTIONS", "/v3/kv/range")])
        {
            Assert.Equal(await AskAsync(http, pair.Etcd.Client, method, path), await AskAsync(http, pair.RaftKv.Client, method, path));
        }
    }

    [EtcdFact]
    public async Task The_older_names_of_the_gateway_lead_to_the_same_methods()
    {
        await using ServerPair pair = await ServerPair.StartAsync();
        using var http = new HttpClient();
        foreach (string prefix in (string[])["/v3alpha", "/v3beta", "/v3"])
        {
            using var content = new StringContent("""{"key":"YQ==","value":"MQ=="}""");
            using HttpResponseMessage answer = await http.PostAsync(new Uri(pair.RaftKv.Client, prefix + "/kv/put"), content);
            Assert.True(answer.IsSuccessStatusCode);
        }

        string range = await pair.RaftKvJson.PostAsync("kv/range", """{"key":"YQ=="}""");
        Assert.Contains("\"version\":\"3\"", range, StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(HttpClient http, Uri server, string method, string path)
    {
        using HttpResponseMessage answer = await http.SendAsync(new HttpRequestMessage(new HttpMethod(method), new Uri(server, path)));
        string origins = string.Join('|', answer.Headers.Where(header => header.Key.StartsWith("Access-Control", StringComparison.Ordinal))
            .Select(header => $"{header.Key}={string.Join(',', header.Value)}").Order(StringComparer.Ordinal));
        string body = await answer.Content.ReadAsStringAsync();
        return $"{method} {path}: {(int)answer.StatusCode} {answer.Content.Headers.ContentType} {body} {origins}";
    }
}
