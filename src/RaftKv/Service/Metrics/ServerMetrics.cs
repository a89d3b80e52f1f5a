using RaftKv.Core.Reads;
using RaftKv.Diagnostics.Metrics;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Service.Metrics;

/// <summary>
/// What the server counts while it serves. Every series exists from the start, so that a rate over it is right from the
/// first event on. Any thread; docs/operations.md has a line for each name.
/// </summary>
internal sealed class ServerMetrics
{
    private static readonly long[] _requestBoundsMicros =
        [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000];

    private static readonly long[] _syncBoundsMicros =
        [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000];

    private static readonly long[] _stalenessBoundsMs =
        [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000];

    private static readonly string[] _concernNames = ["majority", "accepted", "all"];
    private static readonly string[] _outcomeNames = ["applied", "refused", "not-applied", "unknown", "concern-unmet"];

    private readonly Counter[] _readsServed;
    private readonly Counter[] _readsUnmet;
    private readonly Counter[] _readWaits;
    private readonly Counter[] _readForwards;
    private readonly Histogram?[] _staleness;
    private readonly Counter[] _writes;
    private readonly Counter[] _problems;
    private readonly Histogram _readDuration;
    private readonly Histogram _writeDuration;
    private readonly Histogram _otherDuration;

    /// <summary>Registers everything.</summary>
    public ServerMetrics()
    {
        const string ReadsHelp = "Reads by level, and whether the level was met here.";
        _readsServed = PerLevel(level => Registry.Counter("raftkv_reads_total", ReadsHelp, ("level", level), ("outcome", "served")));
        _readsUnmet = PerLevel(level => Registry.Counter("raftkv_reads_total", ReadsHelp, ("level", level), ("outcome", "unmet")));
        _readWaits = PerLevel(level => Registry.Counter(
            "raftkv_read_waits_total", "Reads that waited for a confirmed leader or for this node's state.", ("level", level)));
        _readForwards = PerLevel(level => Registry.Counter(
            "raftkv_read_forwards_total", "Reads that were passed on to the leader.", ("level", level)));
        _staleness = new Histogram?[ReadLevels.Count];
        foreach (ReadLevel level in ReadLevels.All.Where(static l => !ReadLevels.IsFresh(l)))
        {
            _staleness[(int)level] = Registry.Histogram(
                "raftkv_read_staleness_seconds",
                "Proven bound of the age of what was served, where one is known; levels that are 0 by definition are left out.",
                _stalenessBoundsMs,
                unitsPerShown: 1_000,
                ("level", ReadLevels.NameOf(level)));
        }

        _writes = [.. _concernNames.SelectMany(concern => _outcomeNames.Select(outcome => Registry.Counter(
            "raftkv_writes_total", "Writes by concern and outcome.", ("concern", concern), ("outcome", outcome))))];
        _problems = [.. ErrorMapper.All.Select(shape => Registry.Counter(
            "raftkv_problems_total", "Requests that were answered with an error, by its code.", ("code", shape.Code)))];
        _readDuration = Duration("read");
        _writeDuration = Duration("write");
        _otherDuration = Duration("other");
        MemoryReturns = Registry.Counter("raftkv_memory_returns_total", "Times that memory was given back after a burst.");
        WalSync = Registry.Histogram(
            "raftkv_wal_sync_duration_seconds", "Write and sync of one batch of the log.", _syncBoundsMicros, unitsPerShown: 1_000_000);
    }

    /// <summary>Where gauges of the node and the process are registered too.</summary>
    public MetricRegistry Registry { get; } = new();

    /// <summary>Times that memory was given back to the system.</summary>
    public Counter MemoryReturns { get; }

    /// <summary>Microseconds that a sync of the log took.</summary>
    public Histogram WalSync { get; }

    /// <summary>A read was served at its level.</summary>
    /// <param name="stalenessMs">The proven bound; null when unknown.</param>
    public void ReadServed(ReadLevel level, long? stalenessMs)
    {
        _readsServed[(int)level].Add();
        if (stalenessMs is { } known)
        {
            _staleness[(int)level]?.Record(known);
        }
    }

    /// <summary>A read was refused because its level could not be met.</summary>
    public void ReadUnmet(ReadLevel level) => _readsUnmet[(int)level].Add();

    /// <summary>A read had to wait.</summary>
    public void ReadWaited(ReadLevel level) => _readWaits[(int)level].Add();

    /// <summary>A read was passed on.</summary>
    public void ReadForwarded(ReadLevel level) => _readForwards[(int)level].Add();

    /// <summary>A write ended.</summary>
    public void WriteEnded(WriteConcern concern, WriteEnd end) => _writes[((int)concern * _outcomeNames.Length) + (int)end].Add();

    /// <summary>Writes that were surely not applied, or whose outcome is unknown.</summary>
    public long FailedWriteCount
    {
        get
        {
            long count = 0;
            for (int i = 0; i < _writes.Length; i++)
            {
                count += (WriteEnd)(i % _outcomeNames.Length) is WriteEnd.NotApplied or WriteEnd.Unknown ? _writes[i].Value : 0;
            }

            return count;
        }
    }

    /// <summary>An error was answered.</summary>
    public void ProblemSent(ErrorCode code) => _problems[(int)code].Add();

    /// <summary>An answer was ready after this many microseconds.</summary>
    public void Answered(RequestKind kind, long micros) =>
        (kind == RequestKind.Read ? _readDuration : kind == RequestKind.Write ? _writeDuration : _otherDuration).Record(micros);

    private static Counter[] PerLevel(Func<string, Counter> register) =>
        [.. ReadLevels.All.Select(level => register(ReadLevels.NameOf(level)))];

    private Histogram Duration(string kind) => Registry.Histogram(
        "raftkv_request_duration_seconds",
        "Time from a request's head until its answer is ready.",
        _requestBoundsMicros,
        unitsPerShown: 1_000_000,
        ("kind", kind));
}

/// <summary>How a write ended.</summary>
internal enum WriteEnd
{
    /// <summary>Applied.</summary>
    Applied = 0,

    /// <summary>Went through the log and had no effect: a condition did not hold, or the store refused it.</summary>
    Refused = 1,

    /// <summary>Surely never in force: no leader, overloaded, stopping.</summary>
    NotApplied = 2,

    /// <summary>Nobody knows.</summary>
    Unknown = 3,

    /// <summary>Applied, but not on every voter in time.</summary>
    ConcernUnmet = 4,
}

/// <summary>What a request was about, for its latency.</summary>
internal enum RequestKind
{
    /// <summary>Health, status, metrics.</summary>
    Other = 0,

    /// <summary>Reads the store.</summary>
    Read = 1,

    /// <summary>Writes.</summary>
    Write = 2,
}
