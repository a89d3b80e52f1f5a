namespace RaftKv.Samples;

/// <summary>Where the samples find a cluster: RAFTKV_ENDPOINTS, or the three nodes of <c>raftkv dev</c>.</summary>
internal static class Cluster
{
    public static IReadOnlyList<Uri> Endpoints { get; } =
    [
        .. (Environment.GetEnvironmentVariable("RAFTKV_ENDPOINTS") ?? "http://127.0.0.1:2379,http://127.0.0.1:2389,http://127.0.0.1:2399")
            .Split(',').Select(static text => new Uri(text)),
    ];

    /// <summary>Ends with Ctrl+C, or by itself after RAFTKV_SAMPLE_SECONDS.</summary>
    public static CancellationToken Stop { get; } = MakeStop();

    private static CancellationToken MakeStop()
    {
        CancellationTokenSource stop = new();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            stop.Cancel();
        };
        if (int.TryParse(Environment.GetEnvironmentVariable("RAFTKV_SAMPLE_SECONDS"), out int seconds))
        {
            stop.CancelAfter(TimeSpan.FromSeconds(seconds));
        }

        return stop.Token;
    }
}
