namespace RaftKv.Bench;

/// <summary>What a loop has counted; read after it ended.</summary>
internal interface IRunLoop
{
    /// <summary>Latencies in µs of the requests that were sent while measuring, errors too.</summary>
    Histogram Latencies { get; }

    /// <summary>Good answers that came while measuring.</summary>
    long GoodCount { get; }

    /// <summary>Failures while measuring: by HTTP status, and 0 for a lost or refused connection.</summary>
    SortedDictionary<int, long> Errors { get; }

    /// <summary>Runs until the phase says stop.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
