using System.Globalization;
using RaftKv.Bench.Scale;

namespace RaftKv.Bench.Nodes;

/// <summary>
/// The command line of <c>kubernetes</c>, <c>deletion</c>, <c>replace</c> and <c>scale</c>, which start the servers themselves.
/// </summary>
internal sealed record NodesOptions
{
    internal const string HelpText = """
        usage: raftkv-bench kubernetes|deletion|replace|scale [options]
          kubernetes: the storage traffic of Kubernetes clusters on three nodes, the leader killed (-9) half-way and started again later;
                      what lists, watches and acknowledgments say is held against each other at the end. Exit 1 when RaftKv's don't agree.
          deletion:   keys deleted in one revision, and how soon three watchers, one at each node, have all of it. Exit 1 beyond 5 s.
          replace:    a member replaced by a new one (member replace n2 --with n4) under puts at even intervals, and how long they take
                      before, meanwhile and after. Exit 1 when a put failed, or the new node lacks anything.
          scale:      puts that come at a rate whether or not those before were answered; many watchers of one key; many leases kept
                      alive by many clients; many locks with many waiters. Exit 1 when RaftKv lost a delivery, a lease or a lock.
          Each server in turn; the rows of all stand under one heading.
          --servers raftkv,etcd     which, in this order; replace is for raftkv alone                        [raftkv,etcd]
          --nodes 1000,5000         kubernetes: Kubernetes nodes, one run each                               [1000,5000]
          --seconds N               kubernetes: how long each run is; replace: before, and after             [600; replace: 60]
          --pods-per-node N         kubernetes                                                               [30]
          --keys N                  deletion and replace: how many                                           [200000; replace: 1000000]
          --value-size BYTES        deletion and replace: of each; a key of replace has 16                   [128]
          --rate N                  replace: puts a second                                                   [500]
          --replaced ROLE           replace: follower or leader                                              [follower]
          --parts A,B               scale: which of open-loop, watchers, leases, locks                       [all]
          --rates A,B               scale: puts a second, one row each                                       [1000,2000,4000,8000,12000]
          --watchers N              scale: of one key                                                        [10000]
          --leases N                scale: kept alive                                                        [100000]
          --clients N               scale: who keep them alive                                               [1000]
          --locks N                 scale: with waiters                                                      [1000]
          --waiters N               scale: of each lock                                                      [50]
          --step-seconds N          scale: how long each rate, and the watchers, are measured                [20]
          --out FILE                where the table goes besides standard output
          --data-root DIR           where the nodes' data go; deleted at the end                             [the system's]
          --base-port N             6 ports from here; replace: 8                                            [22450]
          --server FILE             raftkv.dll                                                               [this tree's Release build]
        """;

    internal IReadOnlyList<string> Servers { get; private set; } = ["raftkv", "etcd"];

    internal IReadOnlyList<int> KubernetesNodes { get; private set; } = [1_000, 5_000];

    internal int Seconds { get; private set; } = 600;

    // Of kubernetes, whose leader is killed and started again within them.
    private int FewestSeconds { get; init; } = 10;

    internal int PodsPerNode { get; private set; } = 30;

    internal int Keys { get; private set; } = 200_000;

    internal int ValueBytes { get; private set; } = 128;

    internal IReadOnlyList<string> Parts { get; private set; } = [.. ScaleCommand.Parts];

    internal IReadOnlyList<int> Rates { get; private set; } = [1_000, 2_000, 4_000, 8_000, 12_000];

    internal int Watchers { get; private set; } = 10_000;

    internal int Leases { get; private set; } = 100_000;

    internal int Clients { get; private set; } = 1_000;

    internal int Locks { get; private set; } = 1_000;

    internal int Waiters { get; private set; } = 50;

    internal TimeSpan StepTime { get; private set; } = TimeSpan.FromSeconds(20);

    /// <summary>Puts a second.</summary>
    internal int Rate { get; private set; } = 500;

    /// <summary>The member that is replaced leads when the change is asked for.</summary>
    internal bool ReplacesLeader { get; private set; }

    internal string? Out { get; private set; }

    internal string DataRoot { get; private set; } = Path.GetTempPath();

    internal int BasePort { get; private set; } = 22_450;

    internal string? Server { get; private set; }

    /// <exception cref="BenchException">The line is wrong.</exception>
    internal static NodesOptions Parse(string[] args) => Parse(args, new NodesOptions());

    /// <summary>The same for <c>replace</c>.</summary>
    /// <exception cref="BenchException">The line is wrong.</exception>
    internal static NodesOptions ParseReplace(string[] args)
    {
        NodesOptions options = Parse(args, new NodesOptions { Servers = ["raftkv"], Keys = 1_000_000, Seconds = 60, FewestSeconds = 2 });
        return options.Servers is ["raftkv"] ? options : throw new BenchException("replace is for raftkv alone.");
    }

    private static NodesOptions Parse(string[] args, NodesOptions options)
    {
        for (int index = 0; index < args.Length; index += 2)
        {
            options.Set(args[index], index + 1 < args.Length ? args[index + 1] : throw new BenchException($"{args[index]} needs a value."));
        }

        return options;
    }

    private void Set(string name, string value)
    {
        switch (name)
        {
            case "--servers":
                Servers = value.Split(',');
                break;
            case "--nodes":
                KubernetesNodes = [.. value.Split(',').Select(number => Number(name, number, 10, 100_000))];
                break;
            case "--seconds": Seconds = Number(name, value, FewestSeconds, 86_400); break;
            case "--pods-per-node": PodsPerNode = Number(name, value, 1, 1_000); break;
            case "--keys": Keys = Number(name, value, 1, 10_000_000); break;
            case "--value-size": ValueBytes = Number(name, value, 0, 1_000_000); break;
            case "--parts":
                Parts = [.. value.Split(',').Select(static part => ScaleCommand.Parts.Contains(part) ? part : throw new BenchException(
                    $"--parts '{part}' is none of {string.Join(", ", ScaleCommand.Parts)}."))];
                break;
            case "--rates": Rates = [.. value.Split(',').Select(number => Number(name, number, 10, 1_000_000))]; break;
            case "--watchers": Watchers = Number(name, value, 1, 100_000); break;
            case "--leases": Leases = Number(name, value, 1, 1_000_000); break;
            case "--clients": Clients = Number(name, value, 1, 10_000); break;
            case "--locks": Locks = Number(name, value, 1, 100_000); break;
            case "--waiters": Waiters = Number(name, value, 1, 10_000); break;
            case "--step-seconds": StepTime = TimeSpan.FromSeconds(Number(name, value, 1, 3_600)); break;
            case "--rate": Rate = Number(name, value, 1, 100_000); break;
            case "--replaced":
                ReplacesLeader = value is "leader" or "follower"
                    ? value == "leader"
                    : throw new BenchException($"--replaced '{value}' is neither leader nor follower.");
                break;
            case "--out": Out = value; break;
            case "--data-root": DataRoot = value; break;
            case "--base-port": BasePort = Number(name, value, 1_024, 65_000); break;
            case "--server": Server = value; break;
            default: throw new BenchException($"{name} is not an option of this command; --help lists them.");
        }

        if (Servers.FirstOrDefault(static server => server is not ("raftkv" or "etcd")) is { } unknown)
        {
            throw new BenchException($"--servers '{unknown}' is neither raftkv nor etcd.");
        }
    }

    private static int Number(string name, string text, int lowest, int highest) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= lowest && number <= highest
            ? number
            : throw new BenchException($"{name} '{text}' is not a number from {lowest} to {highest}.");
}
