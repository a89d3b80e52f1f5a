using System.Globalization;
using System.Security.Cryptography;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>
/// A file of one node is damaged while it is down. Started again, it names file and offset, sets its files aside as they are,
/// and comes back as a new member while the others go on. Switched off, as with <c>corrupt-stay</c>, it refuses to start with
/// code 4 and changes nothing.
/// </summary>
/// <param name="stays">
/// True: as many nodes as a minority has are damaged once each, and stay down to the end of the run.
/// </param>
internal sealed class CorruptionNemesis(bool stays = false) : RepeatingNemesis
{
    private const int CorruptionExitCode = 4;
    private static readonly TimeSpan ExitTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan HealTimeout = TimeSpan.FromSeconds(60);

    public override string Name => stays ? "corrupt-stay" : "corrupt";

    /// <summary>Snapshots come often, so that there is one to damage.</summary>
    public override void Prepare(LocalCluster cluster)
    {
        foreach (ServerProcess node in cluster.Nodes)
        {
            node.Environment["RAFTKV_SNAPSHOT_ENTRIES"] = "500";
            node.Environment["RAFTKV_TRAILING_ENTRIES"] = "100";
            node.Environment["RAFTKV_SELF_HEAL"] = stays ? "off" : "on";
        }
    }

    public override async Task RunAsync(LocalCluster cluster, HistoryRecorder history, Random random, CancellationToken cancellationToken)
    {
        if (!stays)
        {
            await base.RunAsync(cluster, history, random, cancellationToken);
            return;
        }

        var strike = new Strike(cluster, history, random, random.Next(4), cancellationToken);
        ServerProcess[] victims = [.. cluster.Nodes.OrderBy(_ => random.Next()).Take((cluster.Nodes.Count - 1) / 2)];
        var broken = new List<Broken>();
        foreach (ServerProcess node in victims)
        {
            await strike.PauseAsync(4000, 6000);
            Strike next = strike with { Turn = strike.Turn + broken.Count };
            if (!cancellationToken.IsCancellationRequested && Break(next, node) is { } one)
            {
                await DemandRefusalAsync(strike, one);
                broken.Add(one);
            }
        }

        await Task.Delay(Timeout.Infinite, cancellationToken).ContinueWith(_ => { }, CancellationToken.None);
        broken.ForEach(one => Mend(strike, one));
    }

    public override async Task StrikeAsync(Strike strike)
    {
        if (Break(strike, strike.AnyNode()) is { } broken)
        {
            await DemandHealingAsync(strike, broken);
            broken.Damage.Forget();
        }
    }

    /// <summary>Kills, damages and starts a node; null when nothing was there to damage.</summary>
    private static Broken? Break(Strike strike, ServerProcess node)
    {
        long start = strike.History.NowNs;
        node.Kill();
        if (Damage.Make(node, strike.Random, strike.Turn) is not { } damage)
        {
            node.Start();
            strike.Note("kill", node.Name, start, "too little written to damage");
            return null;
        }

        string before = Digest(node.DataDirectory);
        node.Start();
        return new Broken(node, damage, start, before);
    }

    private static async Task DemandHealingAsync(Strike strike, Broken broken)
    {
        (ServerProcess node, Damage damage) = (broken.Node, broken.Damage);
        string what = $"{damage.Kind} of {damage.Where}";
        try
        {
            await LocalCluster.WaitUntilAsync(
                node, HealTimeout, $"{node.Name} healed", async session => (await session.GetAsync("/readyz")).Status == 200);
        }
        catch (TimeoutException)
        {
            strike.Accuse(node, string.Create(
                CultureInfo.InvariantCulture, $"it did not come back from a damaged disk (exit code {node.ExitCode}): {what}"));
            return;
        }

        string? kept = Directory.GetDirectories(node.DataDirectory, "damaged-*").Order(StringComparer.Ordinal).LastOrDefault();
        if (kept is null || !HasNamed(node, damage.FileName))
        {
            strike.Accuse(node, $"it started on a damaged disk without naming file and offset, or without setting it aside: {what}");
        }
        else if (Digest(kept) != broken.Digest)
        {
            strike.Accuse(node, $"what it set aside is not what was damaged: {what}");
        }

        strike.Note("corrupt-" + damage.Kind, node.Name, broken.StartNs, $"{damage.Where}, healed");
    }

    private static async Task DemandRefusalAsync(Strike strike, Broken broken)
    {
        (ServerProcess node, Damage damage) = (broken.Node, broken.Damage);
        node.ExpectExit();
        int? code = await node.WaitForExitAsync(ExitTimeout);
        string what = $"{damage.Kind} of {damage.Where}";
        if (code != CorruptionExitCode)
        {
            strike.Accuse(node, code is null
                ? $"it started on a damaged disk: {what}"
                : string.Create(CultureInfo.InvariantCulture, $"it ended with code {code} instead of 4 on a damaged disk: {what}"));
            node.Kill();
        }
        else if (!HasNamed(node, damage.FileName))
        {
            strike.Accuse(node, $"it refused a damaged disk without naming file and offset: {what}");
        }
        else if (Digest(node.DataDirectory) != broken.Digest)
        {
            strike.Accuse(node, $"it changed its files after finding them damaged: {what}");
        }
    }

    private static void Mend(Strike strike, Broken broken)
    {
        broken.Damage.Undo();
        string detail = string.Create(CultureInfo.InvariantCulture, $"{broken.Damage.Where}, exit code {broken.Node.ExitCode}");
        broken.Node.Start();
        strike.Note("corrupt-" + broken.Damage.Kind, broken.Node.Name, broken.StartNs, detail);
    }

    private static bool HasNamed(ServerProcess node, string file)
    {
        string log = node.ReadLog();
        string life = log[log.LastIndexOf("--- start", StringComparison.Ordinal)..];
        return life.Contains(file, StringComparison.Ordinal) && life.Contains("offset", StringComparison.OrdinalIgnoreCase);
    }

    // Of names and bytes, wherever the directory is.
    private static string Digest(string dataDirectory)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        string[] files = Directory.GetFiles(Path.Combine(dataDirectory, "raft"));
        foreach (string file in files.Where(f => !f.EndsWith(".tmp", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(file)));
            hash.AppendData(File.ReadAllBytes(file));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>A node that is down with a damaged file.</summary>
    private sealed record Broken(ServerProcess Node, Damage Damage, long StartNs, string Digest);
}
