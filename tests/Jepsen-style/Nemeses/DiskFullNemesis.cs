using System.Globalization;
using RaftKv.Contract;
using RaftKv.JepsenStyle.Cluster;
using RaftKv.JepsenStyle.Http;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>
/// One node's file system has no room left while writes go on. The node may go on as long as it needs none, or end with
/// code 3; with room again it comes back whole. Each data directory is a small file system of its own.
/// </summary>
internal sealed class DiskFullNemesis : RepeatingNemesis
{
    private const int DiskExitCode = 3;
    private const int DiskMegabytes = 400;
    private static readonly TimeSpan ExitTimeout = TimeSpan.FromSeconds(6);

    private readonly Dictionary<ServerProcess, SmallDisk> _disks = [];

    public override string Name => "disk-full";

    public override string? WhyNot => SmallDisk.WhyNot;

    public override void Prepare(LocalCluster cluster)
    {
        foreach (ServerProcess node in cluster.Nodes)
        {
            Directory.CreateDirectory(node.DataDirectory);
            _disks[node] = new SmallDisk(node.DataDirectory, DiskMegabytes);
            node.Launcher = _disks[node].Launcher;
        }
    }

    public override void Cleanup(LocalCluster cluster)
    {
        foreach (SmallDisk disk in _disks.Values)
        {
            disk.Dispose();
        }

        _disks.Clear();
    }

    public override async Task StrikeAsync(Strike strike)
    {
        ServerProcess node = strike.AnyNode();
        string filler = _disks[node].FromOutside(Path.Combine(node.DataDirectory, "filler"));
        long start = strike.History.NowNs;
        node.ExpectExit();
        Fill(filler);
        await WriteMuchAsync(strike.Cluster, node);
        int? code = await node.WaitForExitAsync(ExitTimeout);
        File.Delete(filler);
        if (code is not null)
        {
            if (code != DiskExitCode)
            {
                strike.Accuse(node, string.Create(CultureInfo.InvariantCulture, $"its disk was full, and it ended with code {code} instead of 3"));
            }

            await strike.PauseAsync(200, 1000);
            node.Start();
        }
        else
        {
            node.ExpectToRun();
        }

        strike.Note("disk-full", node.Name, start, code is null ? "went on" : string.Create(CultureInfo.InvariantCulture, $"exit code {code}"));
    }

    private static void Fill(string path)
    {
        byte[] block = new byte[64 * 1024];
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                stream.Write(block);
            }
        }
        catch (IOException)
        {
            // No room left: that was the aim.
        }
    }

    /// <summary>Enough for a log segment or two: a preallocated one would hide the full disk for long.</summary>
    private static async Task WriteMuchAsync(LocalCluster cluster, ServerProcess victim)
    {
        byte[] value = new byte[1024 * 1024];
        ServerProcess other = cluster.Nodes.First(node => node != victim || cluster.Nodes.Count == 1);
        using var session = new NodeSession(other.Name, other.ClientPort, TimeSpan.FromSeconds(5));
        for (int i = 0; i < 36; i++)
        {
            try
            {
                await session.SendAsync("PUT", "/api/v1/kv/filler", [$"{HeaderNames.Timeout}: 3s"], value);
            }
            catch (HttpFailureException)
            {
                // The victim may have led; the next one tells.
            }
        }
    }
}
