using System.Text;
using System.Text.Json;
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

    /// <summary>Watches, and returns the first so many events as text, in lines, without how they were shared out among answers.</summary>
    public async Task<string> EventsAsync(string body, int count)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v3/watch");
        request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        using var patience = new CancellationTokenSource(_http.Timeout);
        var events = new List<string>();
        while (events.Count < count && await reader.ReadLineAsync(patience.Token) is { } line)
        {
            using var document = JsonDocument.Parse(line);
            if (!document.RootElement.TryGetProperty("result", out JsonElement result))
            {
                return line;
            }

            if (result.TryGetProperty("events", out JsonElement some))
            {
                events.AddRange(some.EnumerateArray().Select(static change => change.GetRawText()));
            }
        }

        return string.Join('\n', events);
    }

    public void Dispose() => _http.Dispose();

    // Which cluster, which member and which term: two servers never agree on these.
    private static string Plain(string text) => OwnNumbers().Replace(text, "");

    [GeneratedRegex("""("(cluster_id|member_id|raft_term)":"\d+",?)|(,"raft_term":"\d+")""")]
    private static partial Regex OwnNumbers();
}
