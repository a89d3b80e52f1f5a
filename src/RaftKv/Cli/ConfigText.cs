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
        foreach (NodeSetting setting in NodeSetting.All)
        {
            string source = sources.TryGetValue(setting.Flag, out string? from) ? from : "default";
            text.AppendLine(CultureInfo.InvariantCulture, $"{setting.Flag,-20} {ValueOf(setting.Flag, options),-60} # {source}");
        }

        return text.ToString();
    }

    private static string ValueOf(string flag, NodeOptions options) => flag switch
    {
        "name" => options.Name,
        "data-dir" => Path.GetFullPath(options.EffectiveDataDirectory),
        "client" => string.Join(',', options.ClientUrls),
        "peer" => options.EffectivePeerUrl.ToString(),
        "cluster" => options.Cluster.Count == 0 ? "(a cluster of one)" : Join(options.Cluster),
        "join" => options.Join ?? "",
        "peer-route" => Join(options.PeerRoutes),
        "heartbeat-ms" => Text(options.HeartbeatMs),
        "election-timeout-ms" => Text(options.ElectionTimeoutMs),
        "snapshot-entries" => Text(options.SnapshotEntries),
        "trailing-entries" => Text(options.TrailingEntries),
        "auto-compaction-mode" => CompactionText.ModeOf(options.AutoCompaction),
        "auto-compaction-retention" => CompactionText.RetentionOf(options.AutoCompaction),
        "memory-budget" => options.EffectiveBudgetBytes.ToString(CultureInfo.InvariantCulture),
        "memory-return" => options.MemoryReturn,
        "quota-bytes" => options.QuotaBytes?.ToString(CultureInfo.InvariantCulture) ?? "(what the smallest member can hold)",
        "disk-reserve" => options.DiskReserveBytes.ToString(CultureInfo.InvariantCulture),
        "max-connections" => Text(options.MaxConnections),
        "log-format" => options.LogFormat,
        "log-level" => options.LogLevel,
        _ => Core.Check.Unreachable<string>(flag),
    };

    private static string Join(IReadOnlyList<NamedUrl> named) => string.Join(',', named.Select(item => $"{item.Name}={item.Url}"));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
