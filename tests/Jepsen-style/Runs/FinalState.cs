using System.Globalization;
using System.Text.Json;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Runs;

/// <summary>Reads everything below a prefix from one node, page by page.</summary>
internal static class FinalState
{
    /// <summary>The node's pairs by a linearizable read, followed by the line that says how many there are.</summary>
    /// <param name="prefix">Null reads no pairs, only how far the node is.</param>
    public static async Task<IReadOnlyList<HistoryLine>> ReadAsync(ServerProcess node, string? prefix)
    {
        using var session = new NodeSession(node.Name, node.ClientPort, TimeSpan.FromSeconds(20));
        List<HistoryLine> lines = prefix is null ? [] : await PairsAsync(session, node, prefix);
        HttpAnswer answer = await session.GetAsync("/api/v1/status");
        JsonElement status = answer.Json();
        lines.Add(new FinalNode(
            node.Name,
            lines.Count,
            node.StartCount,
            answer.Number(HeaderNames.Term) ?? 0,
            status.TryGetProperty("viewAppliedIndex", out JsonElement index) ? index.GetInt64() : null,
            status.TryGetProperty("stateHash", out JsonElement hash) ? hash.GetString() : null));
        return lines;
    }

    private static async Task<List<HistoryLine>> PairsAsync(NodeSession session, ServerProcess node, string prefix)
    {
        var lines = new List<HistoryLine>();
        string cursor = "";
        while (true)
        {
            string target = $"/api/v1/kv?prefix={Uri.EscapeDataString(prefix)}&limit=1000{cursor}";
            HttpAnswer answer = await session.GetAsync(target, $"{HeaderNames.Consistency}: linearizable", $"{HeaderNames.Timeout}: 10s");
            if (answer.Status != 200)
            {
                throw new HttpFailureException($"{node.Name}: {target}: {answer.Status} {answer.Text}", wasSent: true);
            }

            JsonElement body = answer.Json();
            lines.AddRange(Pairs(body).Select(pair => ToLine(node.Name, pair)));
            if (Cursor(body) is not { } next)
            {
                return lines;
            }

            cursor = "&cursor=" + Uri.EscapeDataString(next);
        }
    }

    private static IEnumerable<JsonElement> Pairs(JsonElement body) =>
        (body.TryGetProperty("items", out JsonElement items) ? items : body.GetProperty("kvs")).EnumerateArray();

    private static string? Cursor(JsonElement body) =>
        body.TryGetProperty("cursor", out JsonElement cursor) && cursor.ValueKind == JsonValueKind.String ? cursor.GetString()
        : body.TryGetProperty("nextCursor", out cursor) && cursor.ValueKind == JsonValueKind.String ? cursor.GetString()
        : null;

    private static FinalPair ToLine(string node, JsonElement pair)
    {
        string text = pair.GetProperty("value").GetString()!;
        bool isNumber = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value);
        return new FinalPair(
            node,
            pair.GetProperty("key").GetString()!,
            value,
            pair.GetProperty("version").GetInt64(),
            pair.GetProperty("createRevision").GetInt64(),
            pair.GetProperty("modRevision").GetInt64(),
            isNumber ? null : text);
    }
}
