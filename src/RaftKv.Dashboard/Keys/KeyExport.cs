using System.Globalization;
using System.Text;
using System.Text.Json;
using RaftKv.Dashboard.Api;

namespace RaftKv.Dashboard.Keys;

/// <summary>Keys below a prefix as JSON lines, all from one revision.</summary>
internal sealed class KeyExport(NodeClient client)
{
    /// <summary>A page hands over so many characters at most; larger stores are the command line's.</summary>
    internal const int MaxCharacters = 8 * 1024 * 1024;

    /// <summary>The lines; the last one says when there were more.</summary>
    public async Task<string> ReadAsync(string prefix, long revision, CancellationToken cancellationToken = default)
    {
        var lines = new StringBuilder();
        string first = "/api/v1/kv?prefix=" + Uri.EscapeDataString(prefix) + "&limit=500";
        string target = first + (revision > 0 ? string.Create(CultureInfo.InvariantCulture, $"&revision={revision}") : "");
        while (true)
        {
            KeyPage? page = await client.GetAsync(target, PageJson.Default.KeyPage, cancellationToken).ConfigureAwait(false);
            foreach (KeyVersion pair in page?.Items ?? [])
            {
                lines.Append(JsonSerializer.Serialize(pair, PageJson.Default.KeyVersion)).Append('\n');
            }

            if (page is null || lines.Length > MaxCharacters)
            {
                return lines.Append("{\"cut\":true}\n").ToString();
            }

            if (page.Cursor is null)
            {
                return lines.ToString();
            }

            target = $"{first}&cursor={Uri.EscapeDataString(page.Cursor)}";
        }
    }
}
