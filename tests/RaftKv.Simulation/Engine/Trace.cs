using System.Globalization;
using System.Text;

namespace RaftKv.Simulation.Engine;

/// <summary>What a trace line tells.</summary>
internal enum TraceKind : byte
{
    Tick,
    Send,
    Drop,
    Receive,
    Persist,
    Synced,
    Reported,
    Crash,
    Restart,
    Pause,
    Resume,
    Partition,
    Heal,
    Clog,
    Leader,
    Commit,
    Applied,
    Invoke,
    Answer,
    Snapshot,
    Transfer,
    Phase,
    Disk,
}

/// <summary>
/// The story of one world: a 64-bit hash over everything that happened, and the last lines in full. Nothing is
/// formatted until somebody asks.
/// </summary>
internal sealed class Trace(int keepCount)
{
    private readonly Line[] _lines = new Line[keepCount];
    private long _count;
    private ulong _hash = 0xCBF29CE484222325UL;

    /// <summary>When set, every line goes here at once.</summary>
    public Action<string>? Verbose { get; set; }

    /// <summary>Equal for two runs exactly when the same things happened in the same order at the same times.</summary>
    public ulong Hash => _hash;

    public void Add(long timeUs, int node, TraceKind kind, long a = 0, long b = 0, object? detail = null)
    {
        ulong mixed = ((ulong)timeUs * 0x9E3779B97F4A7C15UL) ^ ((ulong)a * 0xC2B2AE3D27D4EB4FUL) ^ ((ulong)b * 0x165667B19E3779F9UL)
            ^ ((ulong)kind << 56) ^ ((ulong)(node + 1) << 48);
        _hash = (ulong.RotateLeft(_hash, 23) ^ mixed) * 0xFF51AFD7ED558CCDUL;
        if (kind == TraceKind.Tick)
        {
            // Ticks are in the hash, but would push everything else out of the ring.
            return;
        }

        ref Line line = ref _lines[_count % _lines.Length];
        line.TimeUs = timeUs;
        line.Node = node;
        line.Kind = kind;
        line.A = a;
        line.B = b;
        line.Detail = detail;
        _count++;
        Verbose?.Invoke(Format(line));
    }

    /// <summary>The last lines, oldest first.</summary>
    public string Tail()
    {
        var text = new StringBuilder();
        for (long i = Math.Max(0, _count - _lines.Length); i < _count; i++)
        {
            text.AppendLine(Format(_lines[i % _lines.Length]));
        }

        return text.ToString();
    }

    private static string Format(in Line line)
    {
        string who = line.Node < 0 ? "--" : "n" + (line.Node + 1).ToString(CultureInfo.InvariantCulture);
        string what = TraceText.Describe(line.Kind, line.A, line.B, line.Detail);
        return string.Create(CultureInfo.InvariantCulture, $"{line.TimeUs / 1_000_000.0,11:F6} {who} {line.Kind,-9} {what}");
    }

    private struct Line
    {
        public long TimeUs;
        public int Node;
        public TraceKind Kind;
        public long A;
        public long B;
        public object? Detail;
    }
}
