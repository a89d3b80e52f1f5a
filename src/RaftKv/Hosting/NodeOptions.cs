using RaftKv.Core;
using RaftKv.Core.Replica;

namespace RaftKv.Hosting;

/// <summary>
/// What one server is told at its start. Immutable; <see cref="Validate"/> is asked once, before anything is touched.
/// </summary>
internal sealed record NodeOptions
{
    /// <summary>This node's name in the cluster list.</summary>
    public string Name { get; init; } = "n1";

    /// <summary>Where the data lives; null means ./data/NAME.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Where clients are served.</summary>
    public IReadOnlyList<ServerUrl> ClientUrls { get; init; } = [];

    /// <summary>Where peers connect; null means its own entry of the cluster list.</summary>
    public ServerUrl? PeerUrl { get; init; }

    /// <summary>The cluster list; empty for a cluster of one.</summary>
    public IReadOnlyList<NamedUrl> Cluster { get; init; } = [];

    /// <summary>A running cluster to join; null for none.</summary>
    public string? Join { get; init; }

    /// <summary>Other addresses for dialling peers.</summary>
    public IReadOnlyList<NamedUrl> PeerRoutes { get; init; } = [];

    /// <summary>Milliseconds between the leader's heartbeats.</summary>
    public int HeartbeatMs { get; init; } = 100;

    /// <summary>
    /// Milliseconds without a leader before an election; each wait is drawn from one to two times this.
    /// </summary>
    public int ElectionTimeoutMs { get; init; } = 1000;

    /// <summary>Applied entries before a snapshot is due.</summary>
    public int SnapshotEntries { get; init; } = 10_000;

    /// <summary>Entries that stay in the log before a snapshot.</summary>
    public int TrailingEntries { get; init; } = 5_000;

    /// <summary>What the leader compacts by itself.</summary>
    public AutoCompaction AutoCompaction { get; init; } = CompactionText.Default;

    /// <summary>Bytes of memory that the node plans with; null for the default of this machine.</summary>
    public long? MemoryBudgetBytes { get; init; }

    /// <summary>idle, to give memory back to the system when the node is quiet after a burst, or off.</summary>
    public string MemoryReturn { get; init; } = "idle";

    /// <summary>What this process may use; another one in tests.</summary>
    public MemoryLimit MemoryLimit { get; init; } = MemoryLimit.OfThisProcess;

    /// <summary>The budget, with the default filled in; of valid options only.</summary>
    public MemoryBudget Budget => new(EffectiveBudgetBytes);

    /// <summary>
    /// What the store may cost, in bytes, for a cluster that has no quota yet; null leaves it to the members' budgets.
    /// </summary>
    public long? QuotaBytes { get; init; }

    /// <summary>Bytes of the disk that stay free for the log, beside room for a snapshot.</summary>
    public long DiskReserveBytes { get; init; } = 64L << 20;

    /// <summary>Connections of clients at one time.</summary>
    public int MaxConnections { get; init; } = 20_000;

    /// <summary>simple or json.</summary>
    public string LogFormat { get; init; } = "simple";

    /// <summary>debug, information, warning or error.</summary>
    public string LogLevel { get; init; } = "information";

    /// <summary>The data directory, with the default filled in.</summary>
    public string EffectiveDataDirectory => DataDirectory ?? Path.Combine(".", "data", Name);

    /// <summary>The budget in bytes, with the default filled in.</summary>
    public long EffectiveBudgetBytes => MemoryBudgetBytes ?? MemoryLimit.DefaultBudgetBytes;

    /// <summary>Where the budget comes from, for people.</summary>
    public string BudgetReason => MemoryBudgetBytes is not null ? "as set"
        : MemoryLimit.IsOfProcess ? "what this process may use" : "half of the machine's memory";

    /// <summary>
    /// Where to listen for peers. Without a setting it is its own entry of the cluster list; a host name there may be
    /// an address of a router, so only the port is taken from it and every interface listens.
    /// </summary>
    public ServerUrl EffectivePeerUrl
    {
        get
        {
            if (PeerUrl is not null)
            {
                return PeerUrl;
            }

            ServerUrl own = Cluster.FirstOrDefault(member => member.Name == Name)?.Url
                ?? ServerUrl.Parse("http://127.0.0.1:2380", "--peer", out _)!;
            return System.Net.IPAddress.TryParse(own.Host, out _) || own.Host == "localhost" ? own : own.WithHost("0.0.0.0");
        }
    }

    /// <summary>
    /// Where others reach this node's clients' port; empty when it listens everywhere and has no name in the cluster
    /// list.
    /// </summary>
    public string AdvertisedClientUrl
    {
        get
        {
            ServerUrl first = ClientUrls[0];
            string? ownHost = Cluster.FirstOrDefault(member => member.Name == Name)?.Url.Host;
            return first.IsWildcard ? ownHost is null ? "" : first.WithHost(ownHost).ToString() : first.ToString();
        }
    }

    /// <summary>Everything that is wrong, a sentence each; empty when the server may start.</summary>
    public IReadOnlyList<string> Validate()
    {
        var problems = new List<string>();
        if (!IsName(Name))
        {
            problems.Add($"--name: \"{Name}\" is no node name; use 1 to 63 letters, digits, dots, dashes or underscores.");
        }

        if (Join is not null)
        {
            problems.Add("--join: this version has no change of members yet; start every node with the same --cluster list instead.");
        }

        if (ClientUrls.Count == 0)
        {
            problems.Add("--client: at least one address is needed, such as http://127.0.0.1:2379.");
        }

        ValidateCluster(problems);
        ValidateNumbers(problems);
        if (LogFormat is not ("simple" or "json"))
        {
            problems.Add($"--log-format: \"{LogFormat}\" is unknown; use simple or json.");
        }

        if (LogLevel is not ("debug" or "information" or "warning" or "error"))
        {
            problems.Add($"--log-level: \"{LogLevel}\" is unknown; use debug, information, warning or error.");
        }

        return problems;
    }

    private void ValidateMemory(List<string> problems)
    {
        if (MemoryReturn is not ("idle" or "off"))
        {
            problems.Add($"--memory-return: \"{MemoryReturn}\" is unknown; use idle or off.");
        }

        long bytes = EffectiveBudgetBytes;
        if (bytes is < MemoryBudget.MinBytes or > MemoryBudget.MaxBytes)
        {
            problems.Add($"--memory-budget: {ByteSize.Text(bytes)} is out of range; use {ByteSize.Text(MemoryBudget.MinBytes)} or more.");
        }
        else if (MemoryBudgetBytes > MemoryLimit.Bytes)
        {
            problems.Add(
                $"--memory-budget: {ByteSize.Text(bytes)} is more than the {ByteSize.Text(MemoryLimit.Bytes)} that this process may use;"
                + " the node would be killed before it reached its own bounds.");
        }
    }

    private static bool IsName(string name) =>
        name.Length is > 0 and < 64 && name is not ("." or "..")
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    private void ValidateCluster(List<string> problems)
    {
        foreach (NamedUrl member in Cluster)
        {
            if (!IsName(member.Name))
            {
                problems.Add($"--cluster: \"{member.Name}\" is no node name; use 1 to 63 letters, digits, dots, dashes or underscores.");
            }

            if (member.Url.IsWildcard)
            {
                problems.Add($"--cluster: {member.Name} has the address {member.Url}, which means every interface; peers need one they can reach.");
            }
        }

        if (Cluster.Select(member => member.Name).Distinct().Count() != Cluster.Count)
        {
            problems.Add("--cluster: a name stands there twice; every node needs its own.");
        }

        if (Cluster.Select(member => member.Url).Distinct().Count() != Cluster.Count)
        {
            problems.Add("--cluster: an address stands there twice; every node needs its own peer address.");
        }

        if (Cluster.Count > 0 && Cluster.All(member => member.Name != Name))
        {
            problems.Add($"--cluster: the list has no node \"{Name}\"; give one of its names ({string.Join(", ", Cluster.Select(m => m.Name))}) with --name.");
        }

        foreach (NamedUrl route in PeerRoutes.Where(route => route.Name == Name || Cluster.All(member => member.Name != route.Name)))
        {
            problems.Add($"--peer-route: \"{route.Name}\" is no other node of the --cluster list.");
        }

        if (ClientUrls.Any(url => url.Port == EffectivePeerUrl.Port))
        {
            problems.Add($"--client and --peer both use port {EffectivePeerUrl.Port}; each needs its own.");
        }
    }

    private void ValidateNumbers(List<string> problems)
    {
        if (HeartbeatMs is < 10 or > 10_000)
        {
            problems.Add($"--heartbeat-ms: {HeartbeatMs} is out of range; use 10 to 10000.");
        }

        if (ElectionTimeoutMs is < 50 or > 100_000)
        {
            problems.Add($"--election-timeout-ms: {ElectionTimeoutMs} is out of range; use 50 to 100000.");
        }
        else if (ElectionTimeoutMs < 5 * HeartbeatMs)
        {
            problems.Add($"--election-timeout-ms: {ElectionTimeoutMs} is less than five heartbeats of {HeartbeatMs} ms; one lost message would cost the leader.");
        }

        if (SnapshotEntries < 1)
        {
            problems.Add($"--snapshot-entries: {SnapshotEntries} is out of range; use 1 or more.");
        }

        if (TrailingEntries < 0)
        {
            problems.Add($"--trailing-entries: {TrailingEntries} is out of range; use 0 or more.");
        }

        ValidateMemory(problems);
        if (MaxConnections < 1)
        {
            problems.Add($"--max-connections: {MaxConnections} is out of range; use 1 or more.");
        }
    }
}
