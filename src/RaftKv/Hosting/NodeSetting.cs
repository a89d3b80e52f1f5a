namespace RaftKv.Hosting;

/// <summary>
/// One setting of a node, in its three forms: <c>--flag</c>, <c>RAFTKV_FLAG</c> and <c>RaftKv:Flag</c> in
/// appsettings.json.
/// </summary>
/// <param name="Flag">Name of the flag, without dashes in front.</param>
/// <param name="Shape">What stands behind the flag, for the help.</param>
/// <param name="Help">One sentence.</param>
/// <param name="IsList">May be repeated, and holds several values separated by commas.</param>
internal sealed record NodeSetting(string Flag, string Shape, string Help, bool IsList = false)
{
    /// <summary>All settings, in the order of the help.</summary>
    public static IReadOnlyList<NodeSetting> All { get; } =
    [
        new("name", "NAME", "this node's name in the cluster list (default n1)"),
        new("data-dir", "DIR", "where its data lives (default ./data/NAME)"),
        new("client", "URL", "where clients are served (default http://127.0.0.1:2379); may be repeated", IsList: true),
        new("peer", "URL", "where peers connect (default: its own entry of --cluster, else http://127.0.0.1:2380)"),
        new("cluster", "NAME=URL,...", "the peer addresses of all nodes; the same list on every node. Without it: a cluster of one", IsList: true),
        new("join", "URL", "a running cluster to join"),
        new("peer-route", "NAME=URL", "reach that peer at another address (NAT, proxies); may be repeated", IsList: true),
        new("heartbeat-ms", "N", "time between heartbeats (default 100)"),
        new("election-timeout-ms", "N", "time without a leader before an election (default 1000)"),
        new("snapshot-entries", "N", "entries between snapshots (default 10000)"),
        new("trailing-entries", "N", "entries kept in the log before a snapshot (default 5000)"),
        new("auto-compaction-mode", "periodic|revision", "by what the leader compacts by itself (default periodic)"),
        new("auto-compaction-retention", "WINDOW", "what it keeps: 30m, 1h, or revisions; 0: all (default 1h or 100000)"),
        new("memory-budget", "SIZE", "memory to plan with, such as 1GiB (default: the container's limit, or half of the machine's memory)"),
        new("memory-return", "idle|off", "give memory back to the system when quiet after a burst (default idle)"),
        new("quota-bytes", "SIZE", "what the store may take, for a cluster without a quota (default: what its smallest member holds)"),
        new("disk-reserve", "SIZE", "disk that stays free beside room for a snapshot (default 64MiB)"),
        new("max-connections", "N", "client connections at one time (default 10000)"),
        new("log-format", "simple|json", "form of the log (default simple)"),
        new("log-level", "LEVEL", "debug, information, warning or error (default information)"),
    ];

    /// <summary>Name of the environment variable.</summary>
    public string Variable { get; } = "RAFTKV_" + Flag.Replace('-', '_').ToUpperInvariant();

    /// <summary>Name in the RaftKv section of appsettings.json, read without regard to case.</summary>
    public string JsonName { get; } = Flag.Replace("-", "", StringComparison.Ordinal);

    /// <summary>The setting with this flag, or null.</summary>
    public static NodeSetting? Find(string flag) => All.FirstOrDefault(setting => setting.Flag == flag);
}
