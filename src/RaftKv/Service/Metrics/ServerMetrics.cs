using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Core.Store.Commands;
using RaftKv.Diagnostics.Metrics;
using RaftKv.Service.Observing;
using RaftKv.Service.Refusals;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Service.Metrics;

/// <summary>
/// What the server counts while it serves. Every series exists from the start, so that a rate over it is right from the
/// first event on. Any thread; docs/operations.md has a line for each name.
/// </summary>
internal sealed class ServerMetrics : ICallObserver
{
    private static readonly long[] _requestBoundsMicros =
        [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000];

    private static readonly long[] _syncBoundsMicros =
        [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000];

    private static readonly long[] _stalenessBoundsMs =
        [1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000];

    private static readonly string[] _concernNames = ["majority", "accepted", "all"];
    private static readonly string[] _outcomeNames = ["applied", "refused", "not-applied", "unknown", "concern-unmet"];

    private static readonly string[] _leaseOutcomeNames = ["lives", "gone", "refused"];

    private readonly Counter[] _leases;
    private readonly Counter[] _readsServed;
    private readonly Counter[] _readsUnmet;
    private readonly Counter[] _readWaits;
    private readonly Counter[] _readForwards;
    private readonly Histogram?[] _staleness;
    private readonly Counter[] _writes;
    private readonly Counter[] _problems;
    private readonly Counter[] _accessRefusals;
    private readonly Counter _watchesOpened;
    private readonly Histogram[] _levelDuration;
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
        _leases = [.. ((string[])["renewal", "look"]).SelectMany(kind => _leaseOutcomeNames.Select(outcome => Registry.Counter(
            "raftkv_lease_requests_total", "Leases that were renewed or looked at.", ("kind", kind), ("outcome", outcome))))];
        _problems = [.. ErrorMapper.All.Select(shape => Registry.Counter(
            "raftkv_problems_total", "Requests that were answered with an error, by its code.", ("code", shape.Code)))];
        _levelDuration = [.. ReadLevels.All.Select(level => Registry.Histogram(
            "raftkv_read_duration_seconds", "Time from a read's head until its answer is ready, by the level that was asked for.",
            _requestBoundsMicros, unitsPerShown: 1_000_000, ("level", ReadLevels.NameOf(level))))];
        _readDuration = Duration("read");
        _writeDuration = Duration("write");
        _otherDuration = Duration("other");
        _accessRefusals = [.. ((string[])["unauthenticated", "denied"]).Select(reason => Registry.Counter(
            "raftkv_access_refusals_total", "Calls that were refused for who made them or what he may do.", ("reason", reason)))];
        _watchesOpened = Registry.Counter("raftkv_watches_opened_total", "Watches that were opened, at any door.");
        MemoryReturns = Registry.Counter("raftkv_memory_returns_total", "Times that memory was given back after a burst.");
        SelfHeals = Registry.Counter(
            "raftkv_self_heals_total", "Times that damaged data was set aside, and the node came back as a new member.");
        Probes = new ProbeCounts(Registry);
        WalSync = Registry.Histogram(
            "raftkv_wal_sync_duration_seconds", "Write and sync of one batch of the log.", _syncBoundsMicros, unitsPerShown: 1_000_000);
        Round = Registry.Histogram(
            "raftkv_round_duration_seconds", "Work of one round of the loop: its steps, what it applied, what it handed out.",
            _syncBoundsMicros, unitsPerShown: 1_000_000);
    }

    /// <summary>Where gauges of the node and the process are registered too.</summary>
    public MetricRegistry Registry { get; } = new();

    /// <summary>Times that memory was given back to the system.</summary>
    public Counter MemoryReturns { get; }

    /// <summary>Starts at which damaged data was set aside: 0 or 1 in a process.</summary>
    public Counter SelfHeals { get; }

    /// <summary>What probes were told.</summary>
    public ProbeCounts Probes { get; }

    /// <summary>Microseconds that a round of the loop worked.</summary>
    public Histogram Round { get; }

    /// <summary>Microseconds that a sync of the log took.</summary>
    public Histogram WalSync { get; }

    /// <inheritdoc/>
    public void ReadEnded(ICallFacts call, ReadEnd end, long? stalenessMs)
    {
        int level = (int)call.Level;
        (end switch
        {
            ReadEnd.Served => _readsServed,
            ReadEnd.Unmet => _readsUnmet,
            ReadEnd.Forwarded => _readForwards,
            _ => Check.Unreachable<Counter[]>(end),
        })[level].Add();
        if (end == ReadEnd.Served && stalenessMs is { } known)
        {
            _staleness[level]?.Record(known);
        }
    }

    /// <summary>A read had to wait.</summary>
    public void ReadWaited(ReadLevel level) => _readWaits[(int)level].Add();

    /// <inheritdoc/>
    public void WriteEnded(ICallFacts call, KvCommand command, WriteEnd end)
    {
        if (end != WriteEnd.Accepted)
        {
            Count(call.Concern, end);
        }
    }

    /// <summary>What became of a write that was accepted: nobody waits for it any more, but it counts.</summary>
    public void AcceptedEnded(WriteEnd end) => Count(WriteConcern.Accepted, end);

    /// <inheritdoc/>
    public void LeaseAsked(ICallFacts call, LeaseId lease, bool isRenewal, ApiError? refusal)
    {
        int outcome = refusal is null ? 0 : refusal.Code == ErrorCode.LeaseNotFound ? 1 : 2;
        _leases[((isRenewal ? 0 : 1) * _leaseOutcomeNames.Length) + outcome].Add();
    }

    /// <inheritdoc/>
    public void AccessRefused(ICallFacts call, ApiError refusal) =>
        _accessRefusals[refusal.Code == ErrorCode.Unauthenticated ? 0 : 1].Add();

    /// <inheritdoc/>
    public void WatchOpened(ICallFacts call, KeyRange keys) => _watchesOpened.Add();

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
    /// <param name="level">The level that was asked for, of a read.</param>
    public void Answered(RequestKind kind, ReadLevel level, long micros)
    {
        (kind == RequestKind.Read ? _readDuration : kind == RequestKind.Write ? _writeDuration : _otherDuration).Record(micros);
        if (kind == RequestKind.Read)
        {
            _levelDuration[(int)level].Record(micros);
        }
    }

    private void Count(WriteConcern concern, WriteEnd end) => _writes[((int)concern * _outcomeNames.Length) + (int)end].Add();

    private static Counter[] PerLevel(Func<string, Counter> register) =>
        [.. ReadLevels.All.Select(level => register(ReadLevels.NameOf(level)))];

    private Histogram Duration(string kind) => Registry.Histogram(
        "raftkv_request_duration_seconds",
        "Time from a request's head until its answer is ready.",
        _requestBoundsMicros,
        unitsPerShown: 1_000_000,
        ("kind", kind));
}
