using System.Globalization;
using System.Text.RegularExpressions;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>
/// The worst day of an operator: the running cluster is backed up and goes on, all nodes are lost with their data, and the
/// cluster is restored on the same addresses, as docs/operations/backup.md says: on every node of the list, or on one that the
/// others join; with or without the leases. What came after the backup is lost, so that only a workload which
/// knows that can be judged under it.
/// </summary>
internal sealed partial class RestoreNemesis : RepeatingNemesis
{
    // A founding promises no time: it waits for a busy machine, too.
    private static readonly TimeSpan FoundingTimeout = TimeSpan.FromSeconds(120);

    public override string Name => "restore";

    public override async Task StrikeAsync(Strike strike)
    {
        string backup = Path.Combine(strike.Cluster.Folder, string.Create(CultureInfo.InvariantCulture, $"backup-{strike.Turn}.snap"));
        bool isFoundedByAll = strike.Turn % 2 == 0;
        bool keepsLeases = strike.Random.Next(2) == 0;
        ServerProcess asked = strike.AnyNode();
        string endpoints = string.Join(',', strike.Cluster.Nodes.OrderBy(node => node != asked).Select(Url));
        long backupStart = strike.History.NowNs;
        await strike.Cluster.RunToolAsync("backup", "save", "--to", backup, "--endpoints", endpoints);
        long backupEnd = strike.History.NowNs;
        await strike.PauseAsync(700, 2500);

        long start = strike.History.NowNs;
        Parallel.ForEach(strike.Cluster.Nodes, node => node.Kill());
        long lost = strike.History.NowNs;
        foreach (ServerProcess node in strike.Cluster.Nodes)
        {
            Directory.Delete(node.DataDirectory, recursive: true);
        }

        Report report = await RestoreAsync(strike.Cluster, backup, isFoundedByAll, keepsLeases);
        try
        {
            await StartAsync(strike.Cluster, isFoundedByAll);
        }
        finally
        {
            // A cluster that does not come up is another one all the same.
            strike.History.Add(new Restoration(
                backupStart, backupEnd, report.Revision, lost, strike.History.NowNs, report.Begin, keepsLeases, isFoundedByAll));
        }

        strike.Note(Name, "all", start, string.Create(
            CultureInfo.InvariantCulture,
            $"revision {report.Revision}, begun anew at {report.Begin}{(keepsLeases ? ", with its leases" : "")}, "
                + $"{(isFoundedByAll ? "founded by all" : "joined by two")}"));
    }

    private static async Task<Report> RestoreAsync(LocalCluster cluster, string backup, bool isFoundedByAll, bool keepsLeases)
    {
        string[] kept = keepsLeases ? ["--keep-leases"] : [];
        string said = await cluster.RunToolAsync(["restore", "--from", backup, "--data-dir", cluster.Nodes[0].DataDirectory, .. kept]);
        var report = new Report(Number(SavedRevision().Match(said)), Number(BeginRevision().Match(said)));
        string begin = report.Begin.ToString(CultureInfo.InvariantCulture);
        foreach (ServerProcess node in cluster.Nodes.Skip(isFoundedByAll ? 1 : cluster.Nodes.Count))
        {
            string[] order = ["restore", "--from", backup, "--data-dir", node.DataDirectory, "--begin-revision", begin, .. kept];
            await cluster.RunToolAsync(order);
        }

        return report;
    }

    private static async Task StartAsync(LocalCluster cluster, bool isFoundedByAll)
    {
        if (isFoundedByAll)
        {
            foreach (ServerProcess node in cluster.Nodes)
            {
                node.Start();
            }
        }
        else
        {
            ServerProcess first = cluster.Nodes[0];
            first.StartJoining();
            await LocalCluster.WaitUntilAsync(
                first, FoundingTimeout, "the restored node ready",
                static async session => (await session.GetAsync("/readyz")).Status == 200);
            foreach (ServerProcess other in cluster.Nodes.Skip(1))
            {
                other.StartJoining("--join", Url(first));
            }
        }

        await cluster.WaitUntilReadyAsync(FoundingTimeout);
    }

    private static string Url(ServerProcess node) => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{node.ClientPort}");

    private static long Number(Match match) => match.Success
        ? long.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture)
        : throw new InvalidOperationException("The restore did not say what it restored.");

    [GeneratedRegex(@"(?m)^state .* revision (?<number>\d+)\s*$")]
    private static partial Regex SavedRevision();

    [GeneratedRegex(@"(?m)^begins at +revision (?<number>\d+),")]
    private static partial Regex BeginRevision();

    // What the backup ends with, and what the restored cluster begins with.
    private sealed record Report(long Revision, long Begin);
}
