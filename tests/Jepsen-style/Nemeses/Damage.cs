using System.Globalization;
using RaftKv.JepsenStyle.Cluster;

namespace RaftKv.JepsenStyle.Nemeses;

/// <summary>
/// Something done to one file of a node that is down, of a kind that it must notice, and the way back. The end of the log
/// is left alone: there a damage can't be told from a torn write, see docs/wal-format.md.
/// </summary>
internal sealed class Damage
{
    private const int SectorBytes = 512;

    // So much of the log lies behind a damage that several groups prove it was once whole.
    private const int LeastLogBytes = 16 * 1024;

    private readonly string _file;
    private readonly string _copy;

    private Damage(ServerProcess node, string kind, string file, long offset)
    {
        Kind = kind;
        _file = file;
        _copy = node.DataDirectory + ".whole";
        Where = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)} at {offset}");
    }

    /// <summary>"flip", "zero", "stale" or "cut".</summary>
    public string Kind { get; }

    /// <summary>File and offset.</summary>
    public string Where { get; }

    public string FileName => Path.GetFileName(_file);

    /// <summary>Damages the newest snapshot or log segment; null when too little is written yet.</summary>
    /// <param name="turn">The kinds follow one another.</param>
    public static Damage? Make(ServerProcess node, Random random, int turn)
    {
        string[] files = [.. Directory.GetFiles(Path.Combine(node.DataDirectory, "raft")).Order(StringComparer.Ordinal)];
        string? snapshot = files.LastOrDefault(file => file.EndsWith(".snap", StringComparison.Ordinal));
        string? segment = files.LastOrDefault(file => file.EndsWith(".log", StringComparison.Ordinal));
        bool isSnapshot = snapshot is not null && random.Next(3) == 0;
        string? file = isSnapshot ? snapshot : segment;
        long end = file is null ? 0 : isSnapshot ? new FileInfo(file).Length : LogSegment.EndOfRecords(file) / 2;
        if (file is null || (!isSnapshot && end < LeastLogBytes / 2))
        {
            return null;
        }

        byte[] bytes = File.ReadAllBytes(file);
        string kind = ((string[])["flip", "zero", "stale", "cut"])[turn % 4];
        if (isSnapshot && kind == "stale" && bytes.Length < 3 * SectorBytes)
        {
            kind = "flip";
        }

        long offset = random.NextInt64(end);
        byte[] spoiled = kind switch
        {
            "zero" => Zeroed(bytes, offset),
            "stale" => Stale(bytes, offset, (int)end),
            "cut" => bytes[..(int)offset],
            _ => Flipped(bytes, offset),
        };

        // A sector that happens to hold what is put there would be no damage.
        if (spoiled.AsSpan().SequenceEqual(bytes))
        {
            (kind, spoiled) = ("flip", Flipped(bytes, offset));
        }

        var damage = new Damage(node, kind, file, offset);
        File.Copy(file, damage._copy, overwrite: true);
        File.WriteAllBytes(file, spoiled);
        return damage;
    }

    /// <summary>Puts the file back as it was.</summary>
    public void Undo() => File.Move(_copy, _file, overwrite: true);

    /// <summary>The node keeps what is damaged itself; the way back is not wanted.</summary>
    public void Forget() => File.Delete(_copy);

    private static byte[] Flipped(byte[] bytes, long offset)
    {
        byte[] result = [.. bytes];
        result[offset] ^= 0x04;
        return result;
    }

    /// <summary>A sector that the disk gives back empty.</summary>
    private static byte[] Zeroed(byte[] bytes, long offset)
    {
        byte[] result = [.. bytes];
        Sector(result, offset).Clear();
        return result;
    }

    /// <summary>A sector that a write has missed: there is what belongs to another place of the file.</summary>
    private static byte[] Stale(byte[] bytes, long offset, int end)
    {
        byte[] result = [.. bytes];
        Span<byte> target = Sector(result, offset);
        Sector([.. bytes], (offset + (end / 2)) % end)[..target.Length].CopyTo(target);
        return result;
    }

    private static Span<byte> Sector(byte[] bytes, long offset)
    {
        int start = (int)(offset / SectorBytes * SectorBytes);
        return bytes.AsSpan(start, Math.Min(SectorBytes, bytes.Length - start));
    }
}
