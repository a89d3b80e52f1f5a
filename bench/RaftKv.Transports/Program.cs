using System.Globalization;
using RaftKv.Bench;
using RaftKv.Client;
using RaftKv.Transports;

try
{
    var options = TransportOptions.Parse(args);
    await RunAsync(options);
    return 0;
}
catch (BenchException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}

static async Task RunAsync(TransportOptions options)
{
    Uri leader = await LeaderAsync(options.Endpoints);
    ITransport[] transports =
    [
        new RestTransport(options, leader, isNumbered: false), new RestTransport(options, leader, isNumbered: true),
        new GrpcTransport(options, leader, channels: 1), new GrpcTransport(options, leader, channels: 4),
    ];
    await Parallel.ForAsync(
        0, options.Keys, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (key, _) => await transports[0].PutAsync(key));

    Dictionary<(string Call, int Callers, ITransport Transport), List<Cell>> cells = [];
    for (int round = 0; round < options.Rounds; round++)
    {
        foreach (int callers in options.Callers)
        {
            // The order turns around with each round, so that a machine that slows down or warms up favours nobody.
            foreach (ITransport transport in round % 2 == 0 ? transports : Enumerable.Reverse(transports))
            {
                await AddAsync("put", callers, transport, transport.PutAsync);

                // Reads carry no number.
                if (transport != transports[1])
                {
                    await AddAsync("get, linearizable", callers, transport, transport.GetAsync);
                }
            }
        }
    }

    Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"Medians of {options.Rounds} rounds of {options.Measured.TotalSeconds} s; {options.Endpoints.Count} nodes, calls to the leader; "
        + $"{options.ValueBytes}-byte values; {Environment.ProcessorCount} cores shared with the nodes; {DateTime.UtcNow:yyyy-MM-dd}.\n"));
    Console.WriteLine(
        "| call | callers | transport | ops/s | p50 µs | p99 µs | client CPU µs/op | client bytes/op | server CPU µs/op |");
    Console.WriteLine("|---|---:|---|---:|---:|---:|---:|---:|---:|");
    foreach (((string call, int callers, ITransport transport), List<Cell> found) in cells.OrderBy(
        static cell => cell.Key.Call, StringComparer.Ordinal).ThenBy(static cell => cell.Key.Callers))
    {
        Console.WriteLine(Row(call, callers, transport.Name, Cell.MedianOf(found)));
    }

    foreach (ITransport transport in transports)
    {
        await transport.DisposeAsync();
    }

    async Task AddAsync(string call, int callers, ITransport transport, Func<int, Task> run)
    {
        Cell cell = await Cell.MeasureAsync(options, run, callers);
        Console.Error.WriteLine(Row(call, callers, transport.Name, cell));
        if (!cells.TryGetValue((call, callers, transport), out List<Cell>? all))
        {
            cells.Add((call, callers, transport), all = []);
        }

        all.Add(cell);
    }
}

static string Row(string call, int callers, string transport, Cell cell) => string.Create(
    CultureInfo.InvariantCulture,
    $"| {call} | {callers} | {transport} | {cell.OpsPerSecond:F0} | {cell.P50Micros:F0} | {cell.P99Micros:F0} | {cell.OwnMicros:F1} "
    + $"| {cell.OwnBytes:F0} | {cell.ServerMicros:F1} |");

static async Task<Uri> LeaderAsync(IReadOnlyList<Uri> endpoints)
{
    await using RaftKvClient client = new(new RaftKvClientOptions { Endpoints = endpoints });
    foreach (Uri endpoint in endpoints)
    {
        if ((await client.StatusAsync(endpoint)).Role == "leader")
        {
            return endpoint;
        }
    }

    throw new BenchException("None of the nodes leads.");
}
