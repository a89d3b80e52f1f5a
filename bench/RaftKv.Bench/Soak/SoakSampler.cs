using System.Globalization;

namespace RaftKv.Bench.Soak;

/// <summary>Asks a node what it holds, as a monitoring system would, and looks at its process and its files.</summary>
internal sealed class SoakSampler(SoakNode node, HttpClient http)
{
    private const double Mib = 1_048_576;

    private double _lastSeconds;
    private double _lastWrites;
    private double _lastProblems;

    /// <summary>One sample; null when the node did not answer.</summary>
    internal async Task<SoakSample?> TakeAsync(double seconds)
    {
        Dictionary<string, double> sums;
        try
        {
            sums = SumsOf(await http.GetStringAsync(new Uri(node.Endpoint, "/metrics")));
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            return null;
        }

        double Of(string name) => sums.GetValueOrDefault(name);
        double elapsed = Math.Max(seconds - _lastSeconds, 0.001);
        SoakSample sample = new(
            seconds,
            node.Name,
            ProcStat.ResidentMib(node.ProcessId),
            Of("raftkv_heap_bytes") / Mib,
            node.DataBytes() / Mib,
            Of("raftkv_store_used_bytes") / Mib,
            Of("raftkv_log_bytes") / Mib,
            Of("raftkv_store_versions"),
            Of("raftkv_store_idempotency_records"),
            Of("raftkv_store_client_sessions"),
            Of("raftkv_store_client_session_answers"),
            Of("raftkv_store_leases"),
            Of("raftkv_watches"),
            (Of("raftkv_writes_total") - _lastWrites) / elapsed,
            (Of("raftkv_problems_total") - _lastProblems) / elapsed);
        (_lastSeconds, _lastWrites, _lastProblems) = (seconds, Of("raftkv_writes_total"), Of("raftkv_problems_total"));
        return sample;
    }

    /// <summary>Each name with the sum over its labels, from Prometheus' text format.</summary>
    internal static Dictionary<string, double> SumsOf(string text)
    {
        Dictionary<string, double> sums = [];
        foreach (string line in text.Split('\n'))
        {
            int end = line.IndexOfAny([' ', '{']);
            if (end > 0 && line[0] != '#'
                && double.TryParse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture, out double value))
            {
                string name = line[..end];
                sums[name] = sums.GetValueOrDefault(name) + value;
            }
        }

        return sums;
    }
}
