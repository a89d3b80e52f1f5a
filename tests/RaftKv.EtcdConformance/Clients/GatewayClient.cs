using System.Text;
using System.Text.RegularExpressions;

namespace RaftKv.EtcdConformance.Clients;

/// <summary>A client of the JSON gateway that keeps answers as text.</summary>
public sealed partial class GatewayClient : IDisposable
{
    private readonly HttpClient _http;

    public GatewayClient(Uri address) => _http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>Posts a body below /v3/; status, media type and body as one text, without what differs by nature.</summary>
    public async Task<string> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await _http.PostAsync("/v3/" + path, content);
        string text = await answer.Content.ReadAsStringAsync();
        return $"{(int)answer.StatusCode} {answer.Content.Headers.ContentType} {Plain(text)}";
    }

    public void Dispose() => _http.Dispose();

    // Which cluster, which member and which term: two servers never agree on these.
    private static string Plain(string text) => OwnNumbers().Replace(text, "");

    [GeneratedRegex("""("(cluster_id|member_id|raft_term)":"\d+",?)|(,"raft_term":"\d+")""")]
    private static partial Regex OwnNumbers();
}
