using System.Globalization;
using System.Security.Cryptography;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>
/// A file of one node is damaged while it is down. It must refuse to start with code 4, name file and offset, and leave
/// its files as they are; the others go on without it. Then the file is put right and it comes back.
/// </summary>
/// <param name="stays">
/// True: as many nodes as a minority has are damaged once each, and stay down to the end of the run.
/// </param>
internal sealed class CorruptionNemesis(bool stays = false) : RepeatingNemesis
{
    private const int CorruptionExitCode = 4;
    private static readonly TimeSpan ExitTimeout = TimeSpan.FromSeconds(20);

    public override string Name => stays ? "corrupt-stay" : "corrupt";

    /// <summary>Snapshots come often, so that there is one to damage.</summary>
    public override void Prepare(LocalCluster cluster)
    {
        foreach (ServerProcess node in cluster.Nodes)
        {
            node.Environment["RAFTKV_SNAPSHOT_ENTRIES"] = "500";
            node.Environment["RAFTKV_TRAILING_ENTRIES"] = "100";
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
            if (!cancellationToken.IsCancellationRequested && await BreakAsync(next, node) is { } one)
            {
                broken.Add(one);
            }
        }

        await Task.Delay(Timeout.Infinite, cancellationToken).ContinueWith(_ => { }, CancellationToken.None);
        broken.ForEach(one => Mend(strike, one));
    }

    public override async Task StrikeAsync(Strike strike)
    {
        if (await BreakAsync(strike, strike.AnyNode()) is { } broken)
        {
            await strike.PauseAsync(1000, 2000);
            Mend(strike, broken);
        }
    }

    /// <summary>
    /// Kills, damages and starts a node, and holds its end against what it promises; null when nothing was there to damage.
    /// </summary>
    private static async Task<Broken?> BreakAsync(Strike strike, ServerProcess node)
    {
        long start = strike.History.NowNs;
        node.Kill();
        if (Damage.Make(node, strike.Random, strike.Turn) is not { } damage)
        {
            node.Start();
            strike.Note("kill", node.Name, start, "too little written to damage");
            return null;
        }

        string before = Digest(node);
        node.Start();
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
        else if (Digest(node) != before)
        {
            strike.Accuse(node, $"it changed its files after finding them damaged: {what}");
        }

        return new Broken(node, damage, start, code);
    }

    private static void Mend(Strike strike, Broken broken)
    {
        broken.Damage.Undo();
        broken.Node.Start();
        string detail = string.Create(CultureInfo.InvariantCulture, $"{broken.Damage.Where}, exit code {broken.ExitCode}");
        strike.Note("corrupt-" + broken.Damage.Kind, broken.Node.Name, broken.StartNs, detail);
    }

    private static bool HasNamed(ServerProcess node, string file)
    {
        string log = node.ReadLog();
        string life = log[log.LastIndexOf("--- start", StringComparison.Ordinal)..];
        return life.Contains(file, StringComparison.Ordinal) && life.Contains("offset", StringComparison.OrdinalIgnoreCase);
    }

    private static string Digest(ServerProcess node)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string file in Directory.GetFiles(Path.Combine(node.DataDirectory, "raft")).Where(f => !f.EndsWith(".tmp", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal))
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes(file));
            hash.AppendData(File.ReadAllBytes(file));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>A node that is down with a damaged file.</summary>
    private sealed record Broken(ServerProcess Node, Damage Damage, long StartNs, int? ExitCode);
}
