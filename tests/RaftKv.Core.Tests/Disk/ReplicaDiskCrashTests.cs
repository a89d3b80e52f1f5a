using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using static RaftKv.Core.Tests.Disk.WalBench;

namespace RaftKv.Core.Tests.Disk;

/// <summary>
/// A follower's life with its own snapshot, an installed one, compactions and rolls, stopped at each disk operation in
/// turn: what comes back is a state that the node was in, never less than what was synced, and the node goes on from
/// it.
/// </summary>
public sealed class ReplicaDiskCrashTests
{
    private static readonly Membership Members = new([Self]);

    [Fact]
    public void After_a_crash_at_any_operation_snapshot_and_log_fit_and_nothing_synced_is_missing()
    {
        Open(new CrashDevice(), out ReplicaDisk leader);
        var far = new SnapshotInfo(Id(2, 60), Members);
        leader.WriteSnapshot(far, ReplicaDiskTests.StoreAt(60).View);
        var calm = new Life(new CrashDevice(), leader, far);
        calm.Run();
        Assert.Equal(70, calm.SyncedLast);
        for (int failAt = 1; failAt <= calm.Device.OperationCount; failAt++)
        {
            var life = new Life(new CrashDevice { FailAt = failAt }, leader, far);
            Assert.Throws<StorageFailedException>(() => life.Run());
            var random = new DeterministicRandom((ulong)failAt);
            for (int draw = 0; draw < 4; draw++)
            {
                CrashDevice disk = draw == 3 ? life.Device.AfterKill() : life.Device.AfterPowerCut(random, draw * 400);
                life.Verify(disk, $"operation {failAt}, draw {draw}");
            }
        }
    }

    private static RecoveredState Open(IStorageDevice device, out ReplicaDisk disk) => ReplicaDiskTests.Open(device, out disk);

    private sealed class Life(CrashDevice device, ReplicaDisk leader, SnapshotInfo far)
    {
        private long _batch;
        private long _durableSnapshot;
        private long _appendedLast;

        public CrashDevice Device { get; } = device;

        public long SyncedLast { get; private set; }

        public void Run()
        {
            Open(Device, out ReplicaDisk disk);
            for (int i = 1; i <= 40; i += 2)
            {
                Append(disk, null, [Entry(1, i, 120), Entry(1, i + 1, 120)]);
                if (i == 21)
                {
                    Snapshot(disk, 15);
                    disk.Compact(new LogIndex(10));
                }
            }

            Snapshot(disk, 30);
            disk.Compact(new LogIndex(25));
            disk.PrepareNextSegment();
            Assert.True(ReplicaDiskTests.Send(leader, disk, far, 700).IsInstalled);
            _durableSnapshot = 60;
            Append(disk, far.LastEntry, []);
            disk.Compact(new LogIndex(60));
            for (int i = 61; i <= 70; i++)
            {
                Append(disk, null, [Entry(2, i, 300)]);
            }

            disk.Compact(new LogIndex(60));
            disk.Close();
        }

        public void Verify(CrashDevice disk, string when)
        {
            RecoveredState found = Open(disk, out ReplicaDisk opened);
            long snapshot = found.Snapshot?.LastEntry.Index.Value ?? 0;
            long last = found.Entries.Count == 0 ? found.LogStart.Index.Value : found.Entries[^1].Index.Value;
            Assert.True(snapshot >= _durableSnapshot, $"{when}: snapshot {snapshot}, durable {_durableSnapshot}");
            Assert.True(found.LogStart.Index.Value <= snapshot, $"{when}: gap");
            Assert.True(last >= SyncedLast && last <= Math.Max(_appendedLast, snapshot), $"{when}: {last} of {SyncedLast}..{_appendedLast}");
            Assert.Equal(snapshot, found.Store.AppliedIndex.Value);
            foreach (LogEntry entry in found.Entries)
            {
                LogEntry expected = Entry(entry.Index.Value <= 60 ? 1 : 2, entry.Index.Value, entry.Index.Value <= 60 ? 120 : 300);
                Assert.Equal(expected.Id, entry.Id);
                Assert.True(expected.Payload.Span.SequenceEqual(entry.Payload.Span), when);
            }

            opened.Append(new PersistBatch(1, null, [Entry(9, last + 1)], State(9, 1, snapshot)));
            opened.Sync();
            opened.WriteSnapshot(new SnapshotInfo(Id(9, last + 1), Members), ReplicaDiskTests.StoreAt(last + 1).View);
            opened.Compact(new LogIndex(last + 1));
            opened.Close();
            RecoveredState again = Open(disk, out _);
            Assert.Equal(State(9, 1, snapshot), again.HardState);
            Assert.Equal(last + 1, again.Snapshot!.LastEntry.Index.Value);
        }

        private void Append(ReplicaDisk disk, EntryId? logStart, LogEntry[] entries)
        {
            _appendedLast = entries.Length > 0 ? entries[^1].Index.Value : logStart!.Value.Index.Value;
            disk.Append(new PersistBatch(++_batch, logStart, entries, _batch % 5 == 1 ? State(_appendedLast > 40 ? 2 : 1, 0, 0) : null));
            disk.Sync();
            SyncedLast = _appendedLast;
        }

        private void Snapshot(ReplicaDisk disk, long index)
        {
            disk.WriteSnapshot(new SnapshotInfo(Id(1, index), Members), ReplicaDiskTests.StoreAt(index).View);
            _durableSnapshot = index;
        }
    }
}
