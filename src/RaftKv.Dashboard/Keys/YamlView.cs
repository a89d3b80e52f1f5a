using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RaftKv.Dashboard.Keys;

/// <summary>JSON as YAML, for reading. Pure functions.</summary>
internal static class YamlView
{
    /// <summary>The document; null when the text is no JSON.</summary>
    public static string? Of(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            var text = new StringBuilder();
            Write(text, document.RootElement, indent: 0, isAfterName: false);
            return text.ToString();
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Write(StringBuilder text, JsonElement element, int indent, bool isAfterName)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object when element.EnumerateObject().Any():
                Begin(text, isAfterName);
                foreach (JsonProperty member in element.EnumerateObject())
                {
                    text.Append(' ', indent).Append(Scalar(member.Name)).Append(':');
                    Write(text, member.Value, indent + 2, isAfterName: true);
                }

                break;
            case JsonValueKind.Array when element.GetArrayLength() > 0:
                Begin(text, isAfterName);
                foreach (JsonElement item in element.EnumerateArray())
                {
                    text.Append(' ', indent).Append('-');
                    Write(text, item, indent + 2, isAfterName: true);
                }

                break;
            default:
                text.Append(isAfterName ? " " : "").Append(Leaf(element)).Append('\n');
                break;
        }
    }

    private static void Begin(StringBuilder text, bool isAfterName)
    {
        if (isAfterName)
        {
            text.Append('\n');
        }
    }

    private static string Leaf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => "{}",
        JsonValueKind.Array => "[]",
        JsonValueKind.String => Scalar(element.GetString()!),
        _ => element.GetRawText(),
    };

    // Bare where nothing else could be meant; else in JSON's quotes, which are YAML's too.
    private static string Scalar(string text)
    {
        bool isBare = text.Length > 0 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '/' or '.' or ' ')
            && char.IsAsciiLetter(text[0]) && text[^1] != ' '
            && text is not ("null" or "true" or "false" or "yes" or "no" or "on" or "off" or "y" or "n" or "Null" or "True" or "False"
                or "Yes" or "No" or "On" or "Off" or "NULL" or "TRUE" or "FALSE" or "YES" or "NO" or "ON" or "OFF" or "Y" or "N")
            && !double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out _);
        return isBare ? text : "\"" + JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping) + "\"";
    }
}
