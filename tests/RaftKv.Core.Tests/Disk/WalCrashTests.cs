using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Raft.Log;
using static RaftKv.Core.Tests.Disk.WalBench;

namespace RaftKv.Core.Tests.Disk;

/// <summary>
/// A random life of a log (appends, overwritten suffixes, log starts, rolls, compactions, prepared and recycled
/// segments) is stopped at each of its disk operations in turn. What a power cut may leave is drawn several times;
/// recovery must find a state between the last synced and the last appended one, also when it is itself stopped half
/// way, and the log must go on from there.
/// </summary>
public sealed class WalCrashTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void After_a_crash_at_any_operation_the_log_is_between_synced_and_appended(ulong seed)
    {
        var calm = new Life(new CrashDevice(), seed);
        calm.Run();
        int operations = calm.Device.OperationCount;
        Assert.True(calm.HasRolled && calm.HasCompacted && calm.HasRestarted, "the life shows what it should");

        for (int failAt = 1; failAt <= operations; failAt++)
        {
            var life = new Life(new CrashDevice { FailAt = failAt }, seed);
            Assert.Throws<StorageFailedException>(() => life.Run());
            Assert.Equal(0, life.Device.OperationsAfterFailure);
            var random = new DeterministicRandom((seed << 32) + (ulong)failAt);
            life.Verify(life.Device.AfterKill(), random);
            for (int draw = 0; draw < 3; draw++)
            {
                life.Verify(life.Device.AfterPowerCut(random, chance: draw * 400), random);
            }
        }
    }

    private sealed class Life(CrashDevice device, ulong seed)
    {
        private readonly DeterministicRandom _random = new(seed);
        private readonly List<ModelLog> _appended = [];
        private ModelLog _now = ModelLog.Empty;
        private ModelLog _synced = ModelLog.Empty;
        private LogIndex _snapshot;
        private long _batch;

        public CrashDevice Device { get; } = device;

        public bool HasRolled { get; private set; }

        public bool HasCompacted { get; private set; }

        public bool HasRestarted { get; private set; }

        public void Run()
        {
            WriteAheadLog log = Fresh(Device);
            for (int step = 0; step < 120; step++)
            {
                log = Step(log);
                HasRolled |= log.Segments.Count > 1;
            }
        }

        /// <summary>Recovers the disk, perhaps with a second crash on the way, compares, and goes on.</summary>
        public void Verify(CrashDevice disk, DeterministicRandom random)
        {
            if (!HasLog(disk))
            {
                return;
            }
            disk.FailAt = random.Next(1, 8);
            try
            {
                Reopen(disk, out _).Dispose();
                disk.FailAt = 0;
            }
            catch (StorageFailedException)
            {
                disk = disk.AfterPowerCut(random, chance: 500);
            }

            if (!HasLog(disk))
            {
                return;
            }

            Reopen(disk, out WalContents again).Dispose();
            ModelLog found = RequireMatch(again);

            // What recovery handed out is durable, even if the process before was only killed and its last writes were
            // in memory.
            disk = disk.AfterPowerCut(random, chance: 500);
            using WriteAheadLog log = Reopen(disk, out WalContents durable);
            Assert.True(found.Matches(durable), $"seed {seed}: found {found}, after a power cut {durable.LastEntry}, {durable.HardState}");
            LogEntry next = Entry(found.HardState.Term.Value + 1, found.LastIndex + 1);
            log.Append(new PersistBatch(1, null, [next], found.HardState with { Term = next.Term, VotedFor = NodeId.None }));
            log.Sync();
            WalContents last = Read(disk)!;
            Assert.Equal(next.Id, last.LastEntry);
        }

        private WriteAheadLog Step(WriteAheadLog log)
        {
            switch (_random.Next(20))
            {
                case < 8:
                    Add(log, Entries(_now.LastIndex + 1, _random.Next(1, 4)), logStart: null, term: _now.Term);
                    break;
                case 8 when _now.LastIndex - Math.Max(_now.Start.Index.Value, _snapshot.Value) > 3:
                    // A new leader overwrites what was not committed, which no snapshot can cover.
                    Add(log, Entries(_now.LastIndex - 2, 2, _now.Term + 1), logStart: null, term: _now.Term + 1);
                    break;
                case 9 when _random.Chance(300):
                    Sync(log);
                    _snapshot = new LogIndex(_now.LastIndex + 10);
                    Add(log, [], Id(_now.Term, _snapshot.Value), _now.Term);
                    break;
                case 10:
                    log.PrepareNextSegment();
                    break;
                case 11:
                    _snapshot = new LogIndex(Math.Max(_snapshot.Value, _synced.LastIndex - 2));
                    int before = log.Segments.Count;
                    log.Compact(_snapshot, _snapshot);
                    HasCompacted |= log.Segments.Count < before;
                    break;
                case 12:
                    Sync(log);
                    log.Dispose();
                    HasRestarted = true;
                    _batch = 0;
                    return Reopen(Device, out _);
                default:
                    Sync(log);
                    break;
            }

            return log;
        }

        private void Add(WriteAheadLog log, LogEntry[] entries, EntryId? logStart, long term)
        {
            HardState? state = term != _now.Term || _random.Chance(300) ? State(term, (ulong)(term % 3), _snapshot.Value) : null;
            ModelLog next = _now.With(logStart, entries, state);
            log.Append(new PersistBatch(++_batch, logStart, entries, state));
            _now = next;
            _appended.Add(next);
        }

        private void Sync(WriteAheadLog log)
        {
            log.Sync();
            _synced = _now;
            _appended.Clear();
        }

        private LogEntry[] Entries(long from, int count, long? term = null) =>
            [.. Enumerable.Range(0, count).Select(i => Entry(Math.Max(1, term ?? _now.Term), from + i, _random.Next(1, 900)))];

        private bool HasLog(CrashDevice disk)
        {
            if (Read(disk) is { } contents)
            {
                RequireMatch(contents);
                return true;
            }

            Assert.True(_synced == ModelLog.Empty, $"seed {seed}, operation {Device.OperationCount}: nothing left of {_synced}");
            return false;
        }

        private ModelLog RequireMatch(WalContents contents)
        {
            ModelLog? found = _synced.Matches(contents) ? _synced : _appended.Find(state => state.Matches(contents));
            Assert.True(
                found is not null,
                $"seed {seed}, operation {Device.OperationCount}: recovered {contents.LastEntry}, {contents.HardState};"
                + $" synced {_synced}, appended {string.Join(" | ", _appended)}");
            return found;
        }
    }

    private sealed class ModelLog
    {
        public static readonly ModelLog Empty = new() { HardState = default, Start = EntryId.Zero, Entries = [] };

        public required HardState HardState { get; init; }

        public required EntryId Start { get; init; }

        public required LogEntry[] Entries { get; init; }

        public long LastIndex => Start.Index.Value + Entries.Length;

        public long Term => Math.Max(1, HardState.Term.Value);

        public ModelLog With(EntryId? start, LogEntry[] entries, HardState? state)
        {
            EntryId from = start ?? Start;
            IEnumerable<LogEntry> kept = start is null ? Entries : [];
            if (entries.Length > 0)
            {
                kept = kept.Where(e => e.Index < entries[0].Index);
            }

            return new ModelLog { HardState = state ?? HardState, Start = from, Entries = [.. kept, .. entries] };
        }

        /// <summary>
        /// Same end, hard state and entries. How much compaction left of the log's start is not compared.
        /// </summary>
        public bool Matches(WalContents contents)
        {
            if (contents.HardState != HardState || contents.LastEntry.Index.Value != LastIndex || contents.LogStart.Index < Start.Index)
            {
                return false;
            }

            foreach (LogEntry entry in contents.Entries)
            {
                LogEntry expected = Entries[entry.Index - Start.Index - 1];
                if (entry.Id != expected.Id || !entry.Payload.Span.SequenceEqual(expected.Payload.Span))
                {
                    return false;
                }
            }

            return true;
        }

        public override string ToString() => $"{HardState} start {Start} last {LastIndex}";
    }
}
