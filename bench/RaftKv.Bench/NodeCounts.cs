using System.Globalization;
using System.Text;

namespace RaftKv.Bench;

/// <summary>What a node has done since its start, in counts: they are the same on a busy machine.</summary>
/// <param name="AllocatedBytes">On the managed heap.</param>
/// <param name="PoolItems">Pieces of work of the thread pool: each is a hop of a request to another thread.</param>
/// <param name="Switches">Times that a thread of it waited, and was woken.</param>
/// <param name="Taken">Times that a thread's core was given to another.</param>
/// <param name="Collections">Of the youngest generation, and with it of all others.</param>
/// <param name="Syncs">Of the log.</param>
internal readonly record struct NodeCounts(
    double AllocatedBytes, double PoolItems, double Switches, double Taken, double Collections, double Syncs, double CpuSeconds)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Asks the node and the kernel.</summary>
    internal static async Task<NodeCounts> OfAsync(Uri endpoint, int pid)
    {
        using HttpConnection connection = new(endpoint);
        using CancellationTokenSource patience = new(Patience);
        await connection.ExchangeAsync(
            Encoding.ASCII.GetBytes($"GET /metrics HTTP/1.1\r\nHost: {endpoint.Authority}\r\n\r\n"), patience.Token);
        string text = Encoding.UTF8.GetString(connection.Body);
        (long voluntary, long taken) = ProcStat.Switches(pid);
        return new NodeCounts(
            Value(text, "raftkv_gc_allocated_bytes_total"), Value(text, "raftkv_thread_pool_items_total"), voluntary, taken,
            Value(text, "raftkv_gc_collections_total{generation=\"0\"}"), Value(text, "raftkv_wal_sync_duration_seconds_count"),
            ProcStat.CpuSeconds([pid]));
    }

    /// <summary>What was done between two looks.</summary>
    public static NodeCounts operator -(NodeCounts a, NodeCounts b) => new(
        a.AllocatedBytes - b.AllocatedBytes, a.PoolItems - b.PoolItems, a.Switches - b.Switches, a.Taken - b.Taken,
        a.Collections - b.Collections, a.Syncs - b.Syncs, a.CpuSeconds - b.CpuSeconds);

    /// <summary>What two nodes have done.</summary>
    public static NodeCounts operator +(NodeCounts a, NodeCounts b) => new(
        a.AllocatedBytes + b.AllocatedBytes, a.PoolItems + b.PoolItems, a.Switches + b.Switches, a.Taken + b.Taken,
        a.Collections + b.Collections, a.Syncs + b.Syncs, a.CpuSeconds + b.CpuSeconds);

    // The sum over all labels that the name leaves open.
    internal static double Value(string text, string name)
    {
        double sum = 0;
        foreach (string line in text.Split('\n'))
        {
            if (line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] is ' ' or '{')
            {
                sum += double.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), NumberStyles.Float, CultureInfo.InvariantCulture);
            }
        }

        return sum;
    }
}
