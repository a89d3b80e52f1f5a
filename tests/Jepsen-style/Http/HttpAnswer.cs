using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RaftKv.JepsenStyle.Http;

/// <summary>An HTTP answer as it came.</summary>
/// <param name="Headers">Names compare without case.</param>
internal sealed record HttpAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <summary>A header as a number; null when it is absent or none.</summary>
    public long? Number(string header) =>
        long.TryParse(Header(header)?.Trim('"'), NumberStyles.Integer, CultureInfo.InvariantCulture, out long value) ? value : null;

    /// <summary>The body as JSON.</summary>
    public JsonElement Json()
    {
        using JsonDocument document = JsonDocument.Parse(Body);
        return document.RootElement.Clone();
    }

    /// <summary>A string member of a JSON body; null when there is no such thing.</summary>
    public string? JsonString(string member)
    {
        try
        {
            JsonElement root = Json();
            return root.ValueKind == JsonValueKind.Object && root.TryGetProperty(member, out JsonElement value)
                && value.ValueKind == JsonValueKind.String
                ? value.GetString()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
