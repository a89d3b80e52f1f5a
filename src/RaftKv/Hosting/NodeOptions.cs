using RaftKv.Backups;
using RaftKv.Core;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store.Gates;
using RaftKv.Engine;

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
    public IReadOnlyList<ServerUrl> ClientUrls { get; init; } = [ServerUrl.Parse("http://127.0.0.1:2379", "--client", out _)!];

    /// <summary>Where clients reach this node, for member lists; null means what <see cref="ClientUrls"/> tell.</summary>
    public ServerUrl? AdvertiseClient { get; init; }

    /// <summary>Where peers reach this node, for member lists; null means what <see cref="EffectivePeerUrl"/> tells.</summary>
    public ServerUrl? AdvertisePeer { get; init; }

    /// <summary>Where peers connect; null means its own entry of the cluster list.</summary>
    public ServerUrl? PeerUrl { get; init; }

    /// <summary>The cluster list; empty for a cluster of one.</summary>
    public IReadOnlyList<NamedUrl> Cluster { get; init; } = [];

    /// <summary>How many nodes found the cluster, finding each other by <see cref="Seeds"/>; 0 for who has a list, or is alone.</summary>
    public int BootstrapExpect { get; init; }

    /// <summary>Where the others, or some of them, are found.</summary>
    public IReadOnlyList<Seed> Seeds { get; init; } = [];

    /// <summary>A running cluster to join; null for none.</summary>
    public string? Join { get; init; }

    /// <summary>The member whose place it takes there; null for none.</summary>
    public string? Replace { get; init; }

    /// <summary>What is wrong with joining, in a sentence; null when nothing is.</summary>
    public string? JoinProblem
    {
        get
        {
            string problem = "";
            if (Join is null || ServerUrl.Parse(Join, "--join", out problem) is null)
            {
                return Join is null ? null : problem;
            }

            return Cluster.Count > 0 ? "--join and --cluster: a node either founds a cluster or joins one; give one of the two."
                : PeerUrl is null ? "--join: give the address where peers reach this node with --peer as well."
                : null;
        }
    }

    /// <summary>Where the node stands; null for what the membership says.</summary>
    public string? Zone { get; init; }

    /// <summary>Its priority as a leader; null for what the membership says.</summary>
    public int? Priority { get; init; }

    /// <summary>TLS, of both ports.</summary>
    public TlsOptions Tls { get; init; } = new();

    /// <summary>native or dotnext.</summary>
    public string Engine { get; init; } = EngineNames.Native;

    /// <summary>What is wrong with the engine, in a sentence; null when nothing is.</summary>
    public string? EngineProblem => Engine is not (EngineNames.Native or EngineNames.DotNext)
        ? $"--engine: \"{Engine}\" is unknown; use native or dotnext."
        : Engine == EngineNames.Native ? null
        : Join is not null ? "--engine dotnext: its members are those that found the cluster; --join needs --engine native."
        : Tls is { PeerFiles: not null, IsMixed: true }
            ? "--engine dotnext: its peers speak TLS or none; stop all nodes and start them with --peer-tls-cert, without --peer-tls-mode."
        : ElectionTimeoutMs < 1000
            ? $"--engine dotnext: an election timeout of {ElectionTimeoutMs} ms leaves its timers no margin; use 1000 or more."
        : null;

    /// <summary>Other addresses for dialling peers.</summary>
    public IReadOnlyList<NamedUrl> PeerRoutes { get; init; } = [];

    /// <summary>The name of the time-outs that are the defaults; see <see cref="TimingProfile"/>.</summary>
    public string Profile { get; init; } = TimingProfile.Standard;

    /// <summary>Milliseconds between the leader's heartbeats.</summary>
    public int HeartbeatMs { get; init; } = 100;

    /// <summary>
    /// Milliseconds without a leader before an election; each wait is drawn from 1 to 1.25 times this.
    /// </summary>
    public int ElectionTimeoutMs { get; init; } = 1000;

    /// <summary>Most learners that there may be once one is added; who becomes a voter by itself is none.</summary>
    public int MaxLearners { get; init; } = Membership.MaxMembers;

    /// <summary>Applied entries before a snapshot is due.</summary>
    public int SnapshotEntries { get; init; } = 10_000;

    /// <summary>Entries that stay in the log before a snapshot.</summary>
    public int TrailingEntries { get; init; } = 5_000;

    /// <summary>What the leader compacts by itself.</summary>
    public AutoCompaction AutoCompaction { get; init; } = CompactionText.Default;

    /// <summary>Where backups go; null for nowhere. <see cref="BackupSettings.PlanOf"/> reads the three together.</summary>
    public string? BackupTo { get; init; }

    /// <summary>Time between two backups; null for none by itself.</summary>
    public string? BackupEvery { get; init; }

    /// <summary>Time between two pieces of the archived log; null for none.</summary>
    public string? BackupLog { get; init; }

    /// <summary>Backups of this cluster that stay.</summary>
    public int BackupKeep { get; init; } = BackupPlan.DefaultKeep;

    /// <summary>Bytes of memory that the node plans with; null for the default of this machine.</summary>
    public long? MemoryBudgetBytes { get; init; }

    /// <summary>idle, to give memory back to the system when the node is quiet after a burst, or off.</summary>
    public string MemoryReturn { get; init; } = "idle";

    /// <summary>on, to come back as a new member when the data is damaged, or off, to refuse the start.</summary>
    public string SelfHeal { get; init; } = "on";

    /// <summary>It does: where the engine can take a member's new directory in.</summary>
    public bool HealsItself => SelfHeal == "on" && Engine == EngineNames.Native;

    /// <summary>on, read-only, or off: the page at /dashboard.</summary>
    public string Dashboard { get; init; } = "on";

    /// <summary>Origins of web pages that may call the API from browsers; none unless set.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>What this build knows; another build's in tests.</summary>
    public GateTable Gates { get; init; } = GateTable.ThisBuild;

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

    /// <summary>Of them from one address; 0 for no bound of its own.</summary>
    public int MaxConnectionsPerAddress { get; init; }

    /// <summary>simple or json.</summary>
    public string LogFormat { get; init; } = "simple";

    /// <summary>debug, information, warning or error.</summary>
    public string LogLevel { get; init; } = "information";

    /// <summary>Root of an OpenTelemetry collector's address, for OTLP over HTTP; null to send nothing.</summary>
    public string? Otlp { get; init; }

    /// <summary>Milliseconds between two reports of metrics to the collector.</summary>
    public int OtlpIntervalMs { get; init; } = 10_000;

    /// <summary>Requests of a hundred that are traced; a caller's own trace goes on in any case.</summary>
    public int TracePercent { get; init; } = 1;

    /// <summary>Shares of users, as <see cref="ShareSettings"/> reads them.</summary>
    public IReadOnlyList<string> UserShares { get; init; } = [];

    /// <summary>Shares of prefixes, likewise.</summary>
    public IReadOnlyList<string> PrefixShares { get; init; } = [];

    /// <summary>Tokens of an OpenID Connect issuer.</summary>
    public JwtSetup Jwt { get; init; } = new();

    /// <summary>File to which the audit is written; null for none.</summary>
    public string? AuditLog { get; init; }

    /// <summary>writes, or all: reads and lease renewals too.</summary>
    public string AuditWhat { get; init; } = "writes";

    /// <summary>off, or on: the audit goes to the collector too.</summary>
    public string AuditOtlp { get; init; } = "off";

    /// <summary>off, or on: each line of the audit has a hash of itself and of the line before.</summary>
    public string AuditChain { get; init; } = "off";

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
    /// Where others reach this node's clients' port. A node that listens everywhere tells its host of the cluster list,
    /// else an address of this machine: a client that asks for the members' addresses and gets none has nobody to call.
    /// </summary>
    public string AdvertisedClientUrl => Reachable(AdvertiseClient ?? ClientUrls[0]);

    /// <summary>Where peers reach this node, as the member list tells it; by the same rule.</summary>
    public string AdvertisedPeerUrl => Reachable(AdvertisePeer ?? EffectivePeerUrl);

    private string Reachable(ServerUrl url) => !url.IsWildcard ? url.ToString()
        : url.WithHost(Cluster.FirstOrDefault(member => member.Name == Name)?.Url.Host ?? HostAddress.OfThisMachine).ToString();

    /// <summary>Everything that is wrong, a sentence each; empty when the server may start.</summary>
    public IReadOnlyList<string> Validate()
    {
        List<string> problems = [.. NodeSettings.All.Select(setting => setting.Check(this)).OfType<string>()];
        ValidateCluster(problems);
        TlsSettings.Validate(this, problems);
        problems.AddRange(JwtSettings.ProblemsOf(Jwt));
        if (ElectionTimeoutMs < 5 * HeartbeatMs)
        {
            problems.Add($"--election-timeout-ms: {ElectionTimeoutMs} is less than five heartbeats of {HeartbeatMs} ms; one lost message would cost the leader.");
        }

        return problems;
    }

    /// <summary>Whether a node may be called so.</summary>
    public static bool IsName(string name) =>
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

        if (Cluster.Select(member => (member.Url.Host, member.Url.Port)).Distinct().Count() != Cluster.Count)
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
}
