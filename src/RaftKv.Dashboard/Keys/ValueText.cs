using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using RaftKv.Dashboard.Api;

namespace RaftKv.Dashboard.Keys;

/// <summary>How a value is shown.</summary>
public enum ValueFormat : byte
{
    /// <summary>As text; bytes that are none in hex.</summary>
    Text = 0,

    /// <summary>JSON with indents, where it is JSON.</summary>
    Json = 1,

    /// <summary>Offsets, bytes and characters.</summary>
    Hex = 2,

    /// <summary>JSON as YAML; what is no JSON as text.</summary>
    Yaml = 3,
}

/// <summary>Values for people. Pure functions.</summary>
internal static class ValueText
{
    /// <summary>A dump shows this many bytes.</summary>
    internal const int MaxHexBytes = 16 * 1024;

    private static readonly JsonSerializerOptions _indented =
        new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The value's bytes.</summary>
    public static byte[] BytesOf(KeyVersion pair) =>
        pair.Value is null ? [] : pair.Encoding == "base64" ? Convert.FromBase64String(pair.Value) : Encoding.UTF8.GetBytes(pair.Value);

    /// <summary>True when the value is text and can be edited as such.</summary>
    public static bool IsText(KeyVersion pair) => pair.Encoding != "base64";

    /// <summary>The format that shows most of a value.</summary>
    public static ValueFormat BestFor(KeyVersion pair)
    {
        if (!IsText(pair))
        {
            return ValueFormat.Hex;
        }

        string text = pair.Value?.TrimStart() ?? "";
        return (text.StartsWith('{') || text.StartsWith('[')) && Indented(text) is not null ? ValueFormat.Json : ValueFormat.Text;
    }

    /// <summary>The value in a format; what it is not is shown as the next best.</summary>
    public static string Of(KeyVersion pair, ValueFormat format) => format switch
    {
        ValueFormat.Hex => Hex(BytesOf(pair)),
        ValueFormat.Json when IsText(pair) => Indented(pair.Value ?? "") ?? pair.Value ?? "",
        ValueFormat.Yaml when IsText(pair) => YamlView.Of(pair.Value ?? "") ?? pair.Value ?? "",
        _ => IsText(pair) ? pair.Value ?? "" : Hex(BytesOf(pair)),
    };

    /// <summary>JSON with indents; null when it is no JSON.</summary>
    internal static string? Indented(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            return JsonSerializer.Serialize(document.RootElement, _indented);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Hex(byte[] bytes)
    {
        var dump = new StringBuilder();
        int end = Math.Min(bytes.Length, MaxHexBytes);
        for (int at = 0; at < end; at += 16)
        {
            Span<byte> row = bytes.AsSpan(at, Math.Min(16, end - at));
            dump.Append(at.ToString("x6", CultureInfo.InvariantCulture)).Append("  ");
            for (int i = 0; i < 16; i++)
            {
                dump.Append(i < row.Length ? row[i].ToString("x2", CultureInfo.InvariantCulture) : "  ").Append(i == 7 ? "  " : " ");
            }

            dump.Append(' ');
            foreach (byte b in row)
            {
                dump.Append(b is >= 0x20 and < 0x7f ? (char)b : '·');
            }

            dump.Append('\n');
        }

        if (bytes.Length > end)
        {
            dump.Append(CultureInfo.InvariantCulture, $"… and {bytes.Length - end} bytes more\n");
        }

        return dump.ToString();
    }
}
