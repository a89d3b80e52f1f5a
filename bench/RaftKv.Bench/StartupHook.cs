using System.Diagnostics.Tracing;
using System.Globalization;

/// <summary>
/// What a node allocates, by type, without a line in the node: started with DOTNET_STARTUP_HOOKS=…/RaftKv.Bench.dll and
/// RAFTKV_ALLOCATIONS=FILE it listens to the runtime's own samples, one each 100 KB, and writes the table to the file each
/// second. The runtime asks for this name.
/// </summary>
internal sealed class StartupHook : EventListener
{
    private const string Runtime = "Microsoft-Windows-DotNETRuntime";
    private const EventKeywords Collector = (EventKeywords)1;
    private const int AllocationTick = 10;
    private const int AmountField = 3;
    private const int TypeField = 5;

    private static readonly Dictionary<string, long> _bytes = [];
    private static StartupHook? _hook;
    private static Timer? _timer;

    /// <summary>Called by the runtime before Main.</summary>
    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable("RAFTKV_ALLOCATIONS") is not { Length: > 0 } file)
        {
            return;
        }

        _hook = new StartupHook();
        _timer = new Timer(_ => Write($"{file}.{Environment.ProcessId}"), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        GC.KeepAlive(_hook);
        GC.KeepAlive(_timer);
    }

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Runtime)
        {
            EnableEvents(eventSource, EventLevel.Verbose, Collector);
        }
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventId != AllocationTick || eventData.Payload is not { Count: > TypeField } payload)
        {
            return;
        }

        string type = payload[TypeField] as string ?? "?";
        long amount = Convert.ToInt64(payload[AmountField], CultureInfo.InvariantCulture);
        lock (_bytes)
        {
            _bytes[type] = _bytes.GetValueOrDefault(type) + amount;
        }
    }

    private static void Write(string file)
    {
        KeyValuePair<string, long>[] rows;
        lock (_bytes)
        {
            rows = [.. _bytes];
        }

        long total = rows.Sum(static row => row.Value);
        IEnumerable<string> lines = rows.OrderByDescending(static row => row.Value).Take(60).Select(
            row => string.Create(CultureInfo.InvariantCulture, $"{row.Value,14} {100.0 * row.Value / total,6:0.0} % {row.Key}"));
        File.WriteAllLines(file, lines);
    }
}
