using System.Globalization;
using RaftKv.Backups.Targets;
using RaftKv.Core;

namespace RaftKv.Hosting;

/// <summary>The table of all settings. Defaults are those of <see cref="NodeOptions"/>.</summary>
internal static class NodeSettings
{
    private static readonly NodeOptions _defaults = new();

    /// <summary>All settings, in the order of the help.</summary>
    public static IReadOnlyList<NodeSetting> All { get; } =
    [
        new()
        {
            Flag = "name", Shape = "NAME",
            Help = "this node's name in the cluster list (default n1)",
            Read = static (from, o) => o with { Name = from.Text("name") ?? o.Name },
            Print = static o => o.Name,
            Check = static o => NodeOptions.IsName(o.Name)
                ? null : $"--name: \"{o.Name}\" is no node name; use 1 to 63 letters, digits, dots, dashes or underscores.",
        },
        new()
        {
            Flag = "data-dir", Shape = "DIR",
            Help = "where its data lives (default ./data/NAME)",
            Read = static (from, o) => o with { DataDirectory = from.Text("data-dir") },
            Print = static o => Path.GetFullPath(o.EffectiveDataDirectory),
            Check = static o => S3Address.IsMeant(o.EffectiveDataDirectory)
                ? "--data-dir: a directory on this machine is wanted, and no object store; that is for --backup-to." : null,
        },
        new()
        {
            Flag = "client", Shape = "URL", IsList = true,
            Help = "where clients are served (default http://127.0.0.1:2379); may be repeated",
            Read = static (from, o) => o with { ClientUrls = from.Urls("client") ?? o.ClientUrls },
            Print = static o => string.Join(',', o.ClientUrls),
            Check = static o => o.ClientUrls.Count > 0
                ? null : "--client: at least one address is needed, such as http://127.0.0.1:2379.",
        },
        new()
        {
            Flag = "advertise-client", Shape = "URL",
            Help = "where clients reach this node (default: --client, else this machine's address)",
            Read = static (from, o) => o with { AdvertiseClient = from.Urls("advertise-client")?.FirstOrDefault() },
            Print = static o => o.AdvertisedClientUrl,
            Check = static o => o.AdvertiseClient is { IsWildcard: true }
                ? $"--advertise-client: {o.AdvertiseClient} means every interface; clients need an address they can reach." : null,
        },
        new()
        {
            Flag = "peer", Shape = "URL",
            Help = "where peers connect (default: its own entry of --cluster, else http://127.0.0.1:2380)",
            Read = static (from, o) => o with { PeerUrl = from.Urls("peer")?.FirstOrDefault() },
            Print = static o => o.EffectivePeerUrl.ToString(),
        },
        new()
        {
            Flag = "advertise-peer", Shape = "URL",
            Help = "where peers reach this node (default: --peer, else this machine's address)",
            Read = static (from, o) => o with { AdvertisePeer = from.Urls("advertise-peer")?.FirstOrDefault() },
            Print = static o => o.AdvertisedPeerUrl,
            Check = static o => o.AdvertisePeer is { IsWildcard: true }
                ? $"--advertise-peer: {o.AdvertisePeer} means every interface; peers need an address they can reach." : null,
        },
        new()
        {
            Flag = "cluster", Shape = "NAME=URL,...", IsList = true,
            Help = "the peer addresses of all nodes; the same list on every node. Without it: a cluster of one",
            Read = static (from, o) => o with { Cluster = from.NamedUrls("cluster") },
            Print = static o => o.Cluster.Count == 0 ? "(a cluster of one)" : Join(o.Cluster),
        },
        .. BootstrapSettings.All,
        new()
        {
            Flag = "join", Shape = "URL",
            Help = "a running cluster to join with an empty directory: any member's client address",
            Read = static (from, o) => o with { Join = from.Text("join") },
            Print = static o => o.Join ?? "",
            Check = static o => o.JoinProblem,
        },
        new()
        {
            Flag = "replace", Shape = "NAME",
            Help = "with --join: the voter whose place this node takes, once it has caught up",
            Read = static (from, o) => o with { Replace = from.Text("replace") },
            Print = static o => o.Replace ?? "",
            Check = static o => o.Replace is null || o.Join is not null
                ? null : "--replace: it goes with --join, the address of the cluster.",
        },
        new()
        {
            Flag = "peer-route", Shape = "NAME=URL", IsList = true,
            Help = "reach that peer at another address (NAT, proxies); may be repeated",
            Read = static (from, o) => o with { PeerRoutes = from.NamedUrls("peer-route") },
            Print = static o => Join(o.PeerRoutes),
        },
        .. PlacementSettings.All,
        .. TlsSettings.All,
        new()
        {
            Flag = "engine", Shape = "native|dotnext",
            Help = "whose Raft decides; every node of a cluster the same, for good (default native)",
            Read = static (from, o) => o with { Engine = from.Text("engine") ?? o.Engine },
            Print = static o => o.Engine,
            Check = static o => o.EngineProblem,
        },
        Choice(
            "profile", [TimingProfile.Standard, TimingProfile.Fast], "time-outs; fast is for nodes of one data centre",
            static o => o.Profile, static (o, text) => TimingProfile.Apply(o, text)),
        Number(
            "heartbeat-ms", "time between heartbeats", 10, 10_000,
            static o => o.HeartbeatMs, static (o, n) => o with { HeartbeatMs = n }),
        Number(
            "election-timeout-ms", "time without a leader before an election", 50, 100_000,
            static o => o.ElectionTimeoutMs, static (o, n) => o with { ElectionTimeoutMs = n }),
        Number(
            "snapshot-entries", "entries between snapshots", 1, int.MaxValue,
            static o => o.SnapshotEntries, static (o, n) => o with { SnapshotEntries = n }),
        Number(
            "trailing-entries", "entries kept in the log before a snapshot", 0, int.MaxValue,
            static o => o.TrailingEntries, static (o, n) => o with { TrailingEntries = n }),
        new()
        {
            Flag = "auto-compaction-mode", Shape = "periodic|revision",
            Help = "by what the leader compacts by itself (default periodic)",
            Read = static (_, o) => o,
            Print = static o => CompactionText.ModeOf(o.AutoCompaction),
        },
        new()
        {
            Flag = "auto-compaction-retention", Shape = "WINDOW",
            Help = "what it keeps: 30m, 1h, or revisions; 0: all (default 1h or 100000)",
            Read = static (from, o) => o with { AutoCompaction = from.Compaction("auto-compaction-mode", "auto-compaction-retention") },
            Print = static o => CompactionText.RetentionOf(o.AutoCompaction),
        },
        new()
        {
            Flag = "memory-budget", Shape = "SIZE",
            Help = "memory to plan with, such as 1GiB (default: the container's limit, or half of the machine's memory)",
            Read = static (from, o) => o with { MemoryBudgetBytes = from.Size("memory-budget") },
            Print = static o => Text(o.EffectiveBudgetBytes),
            Check = CheckBudget,
        },
        Choice(
            "self-heal", ["on", "off"], "when the data is damaged, set it aside and come back as a new member",
            static o => o.SelfHeal, static (o, text) => o with { SelfHeal = text }),
        Choice(
            "memory-return", ["idle", "off"], "give memory back to the system when quiet after a burst",
            static o => o.MemoryReturn, static (o, text) => o with { MemoryReturn = text }),
        Choice(
            "dashboard", ["on", "read-only", "off"], "the page at /dashboard; read-only offers no changes",
            static o => o.Dashboard, static (o, text) => o with { Dashboard = text }),
        new()
        {
            Flag = "quota-bytes", Shape = "SIZE",
            Help = "what the store may take, for a cluster without a quota (default: what its smallest member holds)",
            Read = static (from, o) => o with { QuotaBytes = from.Size("quota-bytes") },
            Print = static o => o.QuotaBytes is { } bytes ? Text(bytes) : "(what the smallest member can hold)",
        },
        new()
        {
            Flag = "disk-reserve", Shape = "SIZE",
            Help = "disk that stays free beside room for a snapshot (default 64MiB)",
            Read = static (from, o) => o with { DiskReserveBytes = from.Size("disk-reserve") ?? o.DiskReserveBytes },
            Print = static o => Text(o.DiskReserveBytes),
        },
        Number(
            "max-connections", "client connections at one time", 1, int.MaxValue,
            static o => o.MaxConnections, static (o, n) => o with { MaxConnections = n }),
        Number(
            "max-connections-per-address", "of them from one address; 0: no bound of its own", 0, int.MaxValue,
            static o => o.MaxConnectionsPerAddress, static (o, n) => o with { MaxConnectionsPerAddress = n }),
        new()
        {
            Flag = "otlp", Shape = "URL",
            Help = "an OpenTelemetry collector, such as http://127.0.0.1:4318 (default: none)",
            Read = static (from, o) => o with { Otlp = from.Text("otlp") },
            Print = static o => o.Otlp ?? "",
            Check = static o => o.Otlp is null || (Uri.TryCreate(o.Otlp, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https")
                ? null : $"--otlp: \"{o.Otlp}\" is no address; it should look like http://127.0.0.1:4318.",
        },
        Number(
            "otlp-interval-ms", "time between two reports of metrics to the collector", 100, 3_600_000,
            static o => o.OtlpIntervalMs, static (o, n) => o with { OtlpIntervalMs = n }),
        Number(
            "trace-percent", "requests of a hundred that are traced, with --otlp", 0, 100,
            static o => o.TracePercent, static (o, n) => o with { TracePercent = n }),
        Choice(
            "log-format", ["simple", "json"], "form of the log",
            static o => o.LogFormat, static (o, text) => o with { LogFormat = text }),
        Choice(
            "log-level", ["debug", "information", "warning", "error"], "what is logged",
            static o => o.LogLevel, static (o, text) => o with { LogLevel = text }, shape: "LEVEL"),
        .. AuditSettings.All,
        .. ShareSettings.All,
        .. JwtSettings.All,
        .. BackupSettings.All,
    ];

    /// <summary>The setting with this flag, or null.</summary>
    public static NodeSetting? Find(string flag) => All.FirstOrDefault(setting => setting.Flag == flag);

    private static NodeSetting Number(
        string flag, string help, int min, int max, Func<NodeOptions, int> get, Func<NodeOptions, int, NodeOptions> set) => new()
        {
            Flag = flag,
            Shape = "N",
            Help = $"{help} (default {Text(get(_defaults))})",
            Read = (from, o) => set(o, from.Number(flag) ?? get(o)),
            Print = o => Text(get(o)),
            Check = o => get(o) >= min && get(o) <= max ? null
                : $"--{flag}: {get(o)} is out of range; use {(max == int.MaxValue ? $"{min} or more" : $"{min} to {max}")}.",
        };

    /// <summary>A setting that is one of some words.</summary>
    internal static NodeSetting Choice(
        string flag, string[] words, string help, Func<NodeOptions, string> get, Func<NodeOptions, string, NodeOptions> set,
        string? shape = null) => new()
        {
            Flag = flag,
            Shape = shape ?? string.Join('|', words),
            Help = $"{help}{(shape is null ? "" : ": " + Words(words))} (default {get(_defaults)})",
            Read = (from, o) => set(o, from.Text(flag) ?? get(o)),
            Print = get,
            Check = o => words.Contains(get(o)) ? null : $"--{flag}: \"{get(o)}\" is unknown; use {Words(words)}.",
        };

    private static string? CheckBudget(NodeOptions options)
    {
        long bytes = options.EffectiveBudgetBytes;
        if (bytes is < MemoryBudget.MinBytes or > MemoryBudget.MaxBytes)
        {
            return $"--memory-budget: {ByteSize.Text(bytes)} is out of range; use {ByteSize.Text(MemoryBudget.MinBytes)} or more.";
        }

        return options.MemoryBudgetBytes > options.MemoryLimit.Bytes
            ? $"--memory-budget: {ByteSize.Text(bytes)} is more than the {ByteSize.Text(options.MemoryLimit.Bytes)} that this process may"
                + " use; the node would be killed before it reached its own bounds."
            : null;
    }

    private static string Words(string[] words) => string.Join(", ", words[..^1]) + " or " + words[^1];

    private static string Join(IReadOnlyList<NamedUrl> named) => string.Join(',', named.Select(static item => $"{item.Name}={item.Url}"));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
