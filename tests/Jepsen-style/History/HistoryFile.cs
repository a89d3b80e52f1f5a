using System.Text.Json;
using System.Text.Json.Serialization;

namespace RaftKv.JepsenStyle.History;

/// <summary>Writes and reads history.jsonl: one JSON object a line.</summary>
internal static class HistoryFile
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    public static void Write(string path, IEnumerable<HistoryLine> lines) =>
        File.WriteAllLines(path, lines.Select(line => JsonSerializer.Serialize(line, Options)));

    public static IReadOnlyList<HistoryLine> Read(string path) =>
        [.. File.ReadLines(path).Where(line => line.Length > 0).Select(line => JsonSerializer.Deserialize<HistoryLine>(line, Options)!)];
}
