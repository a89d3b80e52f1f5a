using System.Globalization;
using System.Security.Cryptography;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>
/// One bit of one node's log or snapshot flips while it is down. It must refuse to start with code 4, name file and
/// offset, and leave its files as they are; the others go on without it. Then the bit is put right and it comes back.
/// </summary>
internal sealed class CorruptionNemesis : RepeatingNemesis
{
    private const int CorruptionExitCode = 4;
    private static readonly TimeSpan ExitTimeout = TimeSpan.FromSeconds(20);

    public override string Name => "corrupt";

    public override async Task StrikeAsync(Strike strike)
    {
        ServerProcess node = strike.AnyNode();
        long start = strike.History.NowNs;
        node.Kill();
        if (Choose(node, strike.Random) is not { } place)
        {
            node.Start();
            strike.Note("kill", node.Name, start, "too little written to damage");
            return;
        }

        Flip(place.File, place.Offset);
        string before = Digest(node);
        node.Start();
        node.ExpectExit();
        int? code = await node.WaitForExitAsync(ExitTimeout);
        string where = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(place.File)} at {place.Offset}");
        if (code != CorruptionExitCode)
        {
            strike.Accuse(node, code is null
                ? $"it started on a damaged disk: {where}"
                : string.Create(CultureInfo.InvariantCulture, $"it ended with code {code} instead of 4 on a damaged disk: {where}"));
            node.Kill();
        }
        else if (!HasNamed(node, place.File))
        {
            strike.Accuse(node, $"it refused a damaged disk without naming file and offset: {where}");
        }
        else if (Digest(node) != before)
        {
            strike.Accuse(node, $"it changed its files after finding them damaged: {where}");
        }

        await strike.PauseAsync(1500, 3000);
        Flip(place.File, place.Offset);
        node.Start();
        strike.Note("corrupt", node.Name, start, $"{where}, exit code {code}");
    }

    private static bool HasNamed(ServerProcess node, string file)
    {
        string log = node.ReadLog();
        string life = log[log.LastIndexOf("--- start", StringComparison.Ordinal)..];
        return life.Contains(Path.GetFileName(file), StringComparison.Ordinal) && life.Contains("offset", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// A place that the node must notice: in the newest snapshot, or in the first part of the newest log segment, with
    /// later groups behind it that prove it was once whole.
    /// </summary>
    private static (string File, long Offset)? Choose(ServerProcess node, Random random)
    {
        string[] files = Directory.GetFiles(Path.Combine(node.DataDirectory, "raft"));
        string? snapshot = files.Where(file => file.EndsWith(".snap", StringComparison.Ordinal)).Order(StringComparer.Ordinal).LastOrDefault();
        if (snapshot is not null && random.Next(3) == 0)
        {
            return (snapshot, random.NextInt64(new FileInfo(snapshot).Length));
        }

        string? segment = files.Where(file => file.EndsWith(".log", StringComparison.Ordinal)).Order(StringComparer.Ordinal).LastOrDefault();
        long end = segment is null ? 0 : LogSegment.EndOfRecords(segment);
        return end < 4096 ? null : (segment!, random.NextInt64(end * 6 / 10));
    }

    private static void Flip(string file, long offset)
    {
        using FileStream stream = File.Open(file, FileMode.Open, FileAccess.ReadWrite);
        stream.Position = offset;
        int value = stream.ReadByte();
        stream.Position = offset;
        stream.WriteByte((byte)(value ^ 0x04));
        stream.Flush(flushToDisk: true);
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
}
