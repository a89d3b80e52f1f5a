using System.Globalization;
using System.Text;
using RaftKv.Hosting;

namespace RaftKv.Cli;

/// <summary>
/// What <c>--print-config</c> prints: each setting as the server would use it, and where it came from.
/// </summary>
internal static class ConfigText
{
    /// <summary>A line a setting.</summary>
    public static string Compose(NodeOptions options, IReadOnlyDictionary<string, string> sources)
    {
        var text = new StringBuilder();
        foreach (NodeSetting setting in NodeSettings.All)
        {
            string source = sources.TryGetValue(setting.Flag, out string? from) ? from : "default";
            text.AppendLine(CultureInfo.InvariantCulture, $"{setting.Flag,-20} {setting.Print(options),-60} # {source}");
        }

        return text.ToString();
    }
}
