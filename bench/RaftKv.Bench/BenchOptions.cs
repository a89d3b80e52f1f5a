using System.Globalization;
using RaftKv.Bench.Soak;

namespace RaftKv.Bench;

/// <summary>What to do.</summary>
internal enum BenchCommand
{
    Help = 0,
    Put = 1,
    Get = 2,
    Mixed = 3,
    Txn = 4,
    Load = 5,
    Restart = 6,
    Levels = 7,
    Watch = 8,
    Profile = 9,
    Idle = 10,
    Outage = 11,
    Keepalive = 12,
    Passwords = 13,
}

/// <summary>Which nodes get the connections.</summary>
internal enum BenchTarget
{
    All = 0,
    Leader = 1,
    Followers = 2,
}

/// <summary>Whose API is spoken.</summary>
internal enum BenchProtocol
{
    RaftKv = 0,
    EtcdGateway = 1,
    EtcdGrpc = 2,
}

/// <summary>The command line.</summary>
internal sealed record BenchOptions
{
    internal const string HelpText = """
        usage: raftkv-bench put|get|mixed|txn|levels|load|restart|watch|profile|idle|outage|keepalive|passwords [options]
          --endpoints URL,URL      client addresses; required. https with --tls-ca: put and txn over etcd-grpc, and passwords
          --tls-ca FILE            the root that the servers' certificates lead to, PEM
          --user NAME:PASSWORD     logs in once, and calls with the token: put, get, mixed and txn
          --pace N                 calls a second, of all connections together; 0 for as many as are answered. Over etcd-grpc
                                   with as many --http-connections as --connections   [0]
          --protocol raftkv|etcd-gateway|etcd-grpc   etcd-grpc has put, get, txn (of 10 puts), keepalive and watch   [raftkv]
          --target all|leader|followers   which nodes get the connections    [all]
          --connections N          closed loops, one request under way each  [64]
          --http-connections N     etcd-grpc: what the clients share                 [9]
          --duration 10s  --warmup 5s
          --keys N                 keys k000…; load writes them all          [10000; load: 1000000]
          --key-size BYTES [16]    --value-size BYTES [128]
          --level LEVEL            of reads, any that docs/consistency.md has; eventual is etcd's serializable  [linearizable]
          --max-staleness 500ms    of reads with --level bounded                     [500ms]
          --concern CONCERN        RaftKv: of plain puts: majority, all or accepted  [majority]
          --raw                    RaftKv: read the bytes, not the JSON
          --read-share 0.9         of mixed
          --pids 1,2,3             servers whose CPU and memory are reported
          --label TEXT             first column of the row
          --format row|tsv|table   a row, a row for scripts, or a row under its heading  [table]
        levels:                    gets at every level, on the leader and on one follower, side by side; --duration is for each cell
        profile:                   what an operation costs in counts that load does not change: put and get over etcd's gRPC, on the
                                   leader and on a follower, at 1, 8 and 64 clients; needs --pids, in the order of --endpoints
        idle:                      the same counts for --duration of nothing
        load:
          --batch N                puts in a txn, 1 to 128; 1 writes plain puts       [64]
        watch:                     each write goes to all watchers of a prefix (--connections of them)
          --rate N                 writes a second, at even intervals        [100]
          --idle N                 watchers of other keys that stand by      [0]
          --writers N              etcd-grpc: closed loops that write, instead of --rate   [8]
        restart:                   starts a node, kills it, and times its way back
          --start "COMMAND"        the node's command line; it is started, killed (-9), started again, and killed at the end
          --log FILE               where the node's output goes              [/dev/null]
          --rounds N               kills                                     [3]
        passwords:                 logs --user in --pace times a second [4], with the right password and a wrong one in turn, each time
                                   from another address of this machine
        outage:                    starts nodes, kills them (-9) and times the way to the next write that is taken
          --start "COMMAND ;; COMMAND ;; COMMAND"   one for each of --endpoints, in their order
          --kill leader|all        the leader, which the others replace; or all, which are started again   [leader]
        soak:                      three nodes under everything for half an hour: does anything grow? soak --help
        kubernetes:                the traffic of Kubernetes clusters, beside etcd, the leader killed: kubernetes --help
        scale:                     many watchers, leases, locks, and puts at a rate, beside etcd: scale --help
        deletion:                  200,000 keys deleted in one revision, with three watchers: deletion --help
        replace:                   a member replaced by a new one under puts, with 1,000,000 keys: replace --help
        """;

    internal BenchCommand Command { get; private set; }

    internal IReadOnlyList<Uri> Endpoints { get; private set; } = [];

    internal BenchProtocol Protocol { get; private set; }

    internal BenchTarget Target { get; private set; }

    internal int Connections { get; private set; } = 64;

    internal TimeSpan Duration { get; private set; } = TimeSpan.FromSeconds(10);

    internal TimeSpan Warmup { get; private set; } = TimeSpan.FromSeconds(5);

    internal int Keys { get; private set; } = 10_000;

    internal int KeyBytes { get; private set; } = 16;

    internal int ValueBytes { get; private set; } = 128;

    internal string Level { get; private set; } = "linearizable";

    internal string MaxStaleness { get; private set; } = "500ms";

    /// <summary>The write concern that plain puts name; null for the server's own.</summary>
    internal string? Concern { get; private set; }

    /// <summary>A session token that every read sends; null for none.</summary>
    internal string? Session { get; private set; }

    /// <summary>The lease that keepalives name.</summary>
    internal long LeaseId { get; private set; }

    internal bool IsEventual => Level == "eventual";

    internal bool IsRaw { get; private set; }

    internal double ReadShare { get; private set; } = 0.9;

    internal IReadOnlyList<int> Pids { get; private set; } = [];

    internal string? Label { get; private set; }

    internal string Format { get; private set; } = "table";

    internal int Batch { get; private set; } = 64;

    internal string? Start { get; private set; }

    internal string Log { get; private set; } = "/dev/null";

    /// <summary>outage: all nodes are killed at once, and not the leader only.</summary>
    internal bool KillsAll { get; private set; }

    internal int Rounds { get; private set; } = 3;

    internal int Rate { get; private set; } = 100;

    internal int Idle { get; private set; }

    internal int HttpConnections { get; private set; } = 9;

    internal int Writers { get; private set; } = 8;

    /// <summary>A file with the root of the servers' certificates; null without TLS.</summary>
    internal string? CaFile { get; private set; }

    /// <summary>Who logs in; null for nobody.</summary>
    internal (string Name, string Password)? User { get; private set; }

    /// <summary>What calls say of who calls; null for nothing.</summary>
    internal string? Token { get; private set; }

    /// <summary>Calls a second of all connections together; 0 for as many as are answered.</summary>
    internal int CallsPerSecond { get; private set; }

    /// <exception cref="BenchException">The line is wrong.</exception>
    internal static BenchOptions Parse(string[] args)
    {
        if (args.Length == 0 || args[0] is "-h" or "--help" or "help")
        {
            return new BenchOptions();
        }

        BenchOptions options = new() { Command = Choose<BenchCommand>("command", args[0]) };
        options.Keys = options.Command == BenchCommand.Load ? 1_000_000 : options.Keys;
        for (int index = 1; index < args.Length; index++)
        {
            if (args[index] == "--raw")
            {
                options.IsRaw = true;
                continue;
            }

            options.Set(args[index], index + 1 < args.Length ? args[++index] : throw new BenchException($"{args[index]} needs a value."));
        }

        return options.Endpoints.Count > 0 ? options.Checked() : throw new BenchException("--endpoints is missing.");
    }

    private BenchOptions Checked()
    {
        bool isTls = Endpoints.Any(static endpoint => endpoint.Scheme == "https");
        bool isOverGrpc = Protocol == BenchProtocol.EtcdGrpc && Command is BenchCommand.Put or BenchCommand.Txn;
        if (isTls && (CaFile is null || !(isOverGrpc || Command == BenchCommand.Passwords)))
        {
            throw new BenchException("https is for put and txn over etcd-grpc, and for passwords, with --tls-ca.");
        }

        if (CallsPerSecond > 0 && isOverGrpc && Connections > HttpConnections)
        {
            throw new BenchException("--pace over etcd-grpc needs as many --http-connections as --connections.");
        }

        return this;
    }

    /// <summary>The same, reading at another level.</summary>
    internal BenchOptions WithLevel(string level, string? session = null) =>
        this with { Level = level, Session = session, Command = Command == BenchCommand.Levels ? BenchCommand.Get : Command };

    /// <summary>The same, for a cell of the profile.</summary>
    internal BenchOptions ForCell(BenchCommand command, string level, int clients) =>
        this with { Command = command, Level = level, Connections = clients, Protocol = BenchProtocol.EtcdGrpc };

    /// <summary>The same; keys are written through the gateway where reads go over gRPC.</summary>
    internal BenchOptions ForLoading() => Protocol == BenchProtocol.EtcdGrpc ? this with { Protocol = BenchProtocol.EtcdGateway } : this;

    /// <summary>The same, with what calls say of who calls.</summary>
    internal BenchOptions WithToken(string token) => this with { Token = token };

    /// <summary>When that connection of all may go on; null for at once.</summary>
    internal Pace? PaceOf(int number) => CallsPerSecond == 0
        ? null
        : new Pace((double)CallsPerSecond / Connections, (double)(number % Connections) / Connections);

    /// <summary>The same, keeping that lease alive.</summary>
    internal BenchOptions WithLease(long lease) => this with { LeaseId = lease };

    /// <summary>The same, for other nodes.</summary>
    internal BenchOptions WithTarget(BenchTarget target) => this with { Target = target };

    private void Set(string name, string value)
    {
        switch (name)
        {
            case "--endpoints": Endpoints = [.. value.Split(',').Select(ParseEndpoint)]; break;
            case "--protocol": Protocol = Choose<BenchProtocol>(name, value); break;
            case "--target": Target = Choose<BenchTarget>(name, value); break;
            case "--connections": Connections = Number(name, value, 1, 10_000); break;
            case "--duration": Duration = Seconds(name, value); break;
            case "--warmup": Warmup = Seconds(name, value); break;
            case "--keys": Keys = Number(name, value, 1, 100_000_000); break;
            case "--key-size": KeyBytes = Number(name, value, 10, 1_024); break;
            case "--value-size": ValueBytes = Number(name, value, 1, 1_048_576); break;
            case "--level": Level = LevelsCommand.Names.Contains(value) ? value : throw Wrong(name, value); break;
            case "--max-staleness": MaxStaleness = value; break;
            case "--concern": Concern = value is "majority" or "all" or "accepted" ? value : throw Wrong(name, value); break;
            case "--read-share": ReadShare = double.TryParse(value, CultureInfo.InvariantCulture, out double share) ? share : throw Wrong(name, value); break;
            case "--pids": Pids = [.. value.Split(',').Select(pid => Number(name, pid, 1, int.MaxValue))]; break;
            case "--label": Label = value; break;
            case "--format": Format = value is "row" or "tsv" or "table" ? value : throw Wrong(name, value); break;
            case "--batch": Batch = Number(name, value, 1, 128); break;
            case "--start": Start = value; break;
            case "--log": Log = value; break;
            case "--kill": KillsAll = value is "leader" or "all" ? value == "all" : throw Wrong(name, value); break;
            case "--rate": Rate = Number(name, value, 1, 100_000); break;
            case "--idle": Idle = Number(name, value, 0, 100_000); break;
            case "--http-connections": HttpConnections = Number(name, value, 1, 1_000); break;
            case "--writers": Writers = Number(name, value, 1, 1_000); break;
            case "--tls-ca": CaFile = value; break;
            case "--user": User = ParseUser(name, value); break;
            case "--pace": CallsPerSecond = Number(name, value, 0, 1_000_000); break;
            case "--rounds": Rounds = Number(name, value, 1, 1_000); break;
            default: throw new BenchException($"{name} is not an option; --help lists them.");
        }
    }

    private static Uri ParseEndpoint(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" ? uri : throw Wrong("--endpoints", text);

    private static (string Name, string Password) ParseUser(string name, string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 ? (text[..colon], text[(colon + 1)..]) : throw Wrong(name, text);
    }

    private static int Number(string name, string text, int lowest, int highest) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= lowest && number <= highest
            ? number
            : throw Wrong(name, text);

    private static TimeSpan Seconds(string name, string text) =>
        text.EndsWith('s') && double.TryParse(text[..^1], CultureInfo.InvariantCulture, out double seconds) && seconds is >= 0 and <= 86_400
            ? TimeSpan.FromSeconds(seconds)
            : throw Wrong(name, text);

    private static T Choose<T>(string name, string text)
        where T : struct, Enum =>
        Enum.TryParse(text.Replace("-", "", StringComparison.Ordinal), ignoreCase: true, out T value) && !char.IsDigit(text[0]) ? value : throw Wrong(name, text);

    private static BenchException Wrong(string name, string text) => new($"{name} '{text}' is not valid; --help says what is.");
}
