using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Simulation.Disk;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Tests;

/// <summary>
/// A node's real files over a disk that damages what it had synced. What something durable follows is always noticed:
/// the node refuses to start, or has everything that it acknowledged. It never starts with a hole, and never with less.
/// What nothing follows can not be noticed, and the last test says so.
/// </summary>
public sealed class DamageDetectionTests
{
    private const ulong ClusterId = 0xC1;
    private static readonly NodeId Self = new(1);
    private static readonly Membership Members = new([Self]);

    [Theory]
    [InlineData(DiskFault.LostWrite)]
    [InlineData(DiskFault.MisdirectedWrite)]
    [InlineData(DiskFault.BitFlip)]
    [InlineData(DiskFault.ZeroedSector)]
    [InlineData(DiskFault.StaleSector)]
    internal void Damage_that_something_durable_follows_is_refused_or_has_harmed_nothing(DiskFault fault)
    {
        int refusedCount = 0;
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var life = new Life(seed);
            life.Grow(10 + (int)(seed % 40));
            life.Damage(fault);
            life.Grow(1 + (int)(seed % 7));
            life.Device.CutPower();
            refusedCount += life.RefusesOrHasAll() ? 1 : 0;
        }

        Assert.True(refusedCount > 5, $"{fault}: {refusedCount} of 200 damages were met");
    }

    [Fact]
    public void Several_damages_at_once_are_refused_or_have_harmed_nothing()
    {
        DiskFault[] faults = Array.FindAll(Enum.GetValues<DiskFault>(), static f => f.IsDamage());
        int refusedCount = 0;
        for (ulong seed = 1; seed <= 200; seed++)
        {
            var random = new DeterministicRandom(seed);
            var life = new Life(seed);
            for (int i = 0; i < 6; i++)
            {
                life.Grow(random.Next(1, 15));
                life.Damage(random.OneOf(faults));
            }

            life.Grow(2);
            life.Device.CutPower();
            refusedCount += life.RefusesOrHasAll() ? 1 : 0;
        }

        Assert.True(refusedCount > 50, $"{refusedCount} of 200 lives were met");
    }

    /// <summary>
    /// Outside the model (docs/fault-model.md): to the log a last group that the disk forgot, after it had said that it
    /// was synced, is one that was never synced.
    /// </summary>
    [Fact]
    public void The_last_sync_alone_forgotten_by_the_disk_can_be_taken_for_torn_and_costs_no_more_than_that_sync()
    {
        int forgottenCount = 0;
        for (ulong seed = 1; seed <= 50; seed++)
        {
            var life = new Life(seed);
            life.Grow(10);
            long before = life.LastIndex;
            life.Device.Troubles.ArmedLoss = DiskFault.LostWrite;
            life.Grow(1);
            life.Device.Prove(life.Device.SyncCount);
            life.Device.CutPower();
            if (life.TryReopen() is { } recovered)
            {
                long last = Life.LastOf(recovered);
                Assert.True(last == before || last == life.LastIndex, $"{last} of {before}..{life.LastIndex}");
                forgottenCount += last == before ? 1 : 0;
            }
        }

        Assert.True(forgottenCount > 0, "nothing tells of it");
    }

    /// <summary>One node's disk: batches, snapshots, compaction, as much as was synced.</summary>
    private sealed class Life
    {
        private readonly DeterministicRandom _random;
        private readonly WalOptions _options;
        private readonly MvccStore _store = new();
        private ReplicaDisk _disk;
        private long _batch;

        public Life(ulong seed)
        {
            _random = new DeterministicRandom(seed);
            Device = new SimulatedDevice(new DeterministicRandom(~seed));
            _options = new WalOptions
            {
                SegmentBytes = WalOptions.MinSegmentBytes * _random.OneOf(1, 2),
                SnapshotBlockBytes = 256,
                IsRecycling = _random.Chance(500),
            };
            (_disk, _) = ReplicaDisk.Open(Device, _options, ClusterId, Self);
        }

        public SimulatedDevice Device { get; }

        public long LastIndex { get; private set; }

        public void Grow(int batches)
        {
            for (int i = 0; i < batches; i++)
            {
                Append(_random.Next(1, 4));
                if (_random.Chance(100))
                {
                    _disk.WriteSnapshot(new SnapshotInfo(Id(LastIndex), Members), _store.Publish());
                    _disk.Compact(new LogIndex(LastIndex));
                }
            }
        }

        public void Damage(DiskFault fault)
        {
            if (fault is DiskFault.LostWrite or DiskFault.MisdirectedWrite)
            {
                Device.Troubles.ArmedLoss = fault;
                return;
            }

            for (int i = 0; i < 20 && !Device.Damage.TryRot(fault); i++)
            {
                Grow(1);
            }
        }

        /// <summary>True when the node refuses to start, false when it starts and has all.</summary>
        public bool RefusesOrHasAll()
        {
            Device.Troubles.Clear();
            if (TryReopen() is not { } recovered)
            {
                Assert.Null(TryReopen());
                return true;
            }

            Assert.Equal(LastIndex, LastOf(recovered));
            Assert.Equal(LastIndex, recovered.HardState.CommitIndex.Value);
            return false;
        }

        /// <summary>What the node starts with; null when it refuses to start.</summary>
        public RecoveredState? TryReopen()
        {
            _disk.Dispose();
            try
            {
                (_disk, RecoveredState recovered) = ReplicaDisk.Open(Device, _options with { IsLogExpected = true }, ClusterId, Self);
                return recovered;
            }
            catch (StorageCorruptException)
            {
                return null;
            }
        }

        public static long LastOf(RecoveredState recovered)
        {
            long next = recovered.LogStart.Index.Value;
            foreach (LogEntry entry in recovered.Entries)
            {
                Assert.Equal(++next, entry.Index.Value);
            }

            return next;
        }

        private void Append(int count)
        {
            var entries = new List<LogEntry>();
            for (int i = 0; i < count; i++)
            {
                byte[] command = KvCommandCodec.Encode(new MutateCommand(new PutOp(Bytes(8), Bytes(_random.Next(1, 300)))));
                LastIndex++;
                entries.Add(new LogEntry(Id(LastIndex), EntryKind.Command, command));
                _store.Apply(new LogIndex(LastIndex), command, new Term(1));
            }

            long before = Device.SyncCount;
            _disk.Append(new PersistBatch(++_batch, null, entries, new HardState(new Term(1), Self, new LogIndex(LastIndex))));
            _disk.Sync();
            Device.Prove(before);
        }

        private byte[] Bytes(int count)
        {
            byte[] bytes = new byte[count];
            for (int i = 0; i < count; i++)
            {
                bytes[i] = (byte)_random.Next(256);
            }

            return bytes;
        }

        private static EntryId Id(long index) => new(new Term(1), new LogIndex(index));
    }
}
