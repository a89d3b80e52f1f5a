using System.Globalization;
using RaftKv.Core;
using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Log;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Node;
using RaftKv.Storage;

namespace RaftKv.Tests.Storage.DiskPath;

/// <summary>
/// A node's disk through three lives of its process: the production writer, disk and device over recorded calls. Random
/// batches, now one by one and now many at once, overwritten suffixes, terms and votes, snapshots, compactions, rolls,
/// recycled segments.
/// </summary>
internal sealed class DiskLife(string directory, RecordingCalls recorder, DiskLie lie, ulong seed)
{
    private const int BatchesOfALife = 30;
    private const ulong Cluster = 0xC1;
    private static readonly NodeId Self = new(0xA1);
    private static readonly WalOptions Options = new() { SegmentBytes = 4096, SnapshotBlockBytes = 256 };
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly DeterministicRandom _random = new(seed);
    private readonly IFileCalls _calls = lie == DiskLie.None ? recorder : new LyingCalls(recorder, lie);
    private readonly List<DiskState> _states = [DiskState.Empty];
    private long _snapshot;

    /// <summary>What the disk was asked to hold, batch by batch.</summary>
    public IReadOnlyList<DiskState> States => _states;

    /// <summary>Why the writer stopped; null when it did not.</summary>
    public NodeFailure? Failure { get; private set; }

    public static (ReplicaDisk Disk, RecoveredState Recovered) Open(IStorageDevice device) =>
        ReplicaDisk.Open(device, Options, Cluster, Self);

    /// <summary>Lives, until its end or a failure of the disk.</summary>
    public void Run()
    {
        try
        {
            for (int life = 0; life < 3 && Failure is null; life++)
            {
                (ReplicaDisk disk, RecoveredState found) = Open(new FileStorageDevice(directory, _calls));
                Assert.True(lie != DiskLie.None || _states[^1].Matches(found), $"seed {seed}, life {life}: not what was written");
                Live(disk, isKilled: life == 1);
            }
        }
        catch (StorageFailedException failure)
        {
            // At a start, at an end, or in a snapshot: on the writer's thread the writer tells of it.
            Failure ??= new NodeFailure(NodeFailureKind.Disk, "test", failure);
        }
    }

    private void Live(ReplicaDisk disk, bool isKilled)
    {
        int before = _states.Count - 1;
        int asked = 0;
        var kept = new SemaphoreSlim(0);
        long keptNumber = 0;
        var writer = new WalWriter(
            disk,
            "test",
            number =>
            {
                recorder.Note(new DiskPromise(Kept: before + (int)number));
                Volatile.Write(ref keptNumber, number);
                kept.Release();
            },
            disk.PrepareNextSegment,
            failure =>
            {
                Failure = failure;
                kept.Release();
            });
        writer.Start();
        try
        {
            while (asked < BatchesOfALife && Failure is null)
            {
                for (int i = _random.Next(1, 5); i > 0; i--)
                {
                    writer.Enqueue(NextBatch(++asked));
                }

                while (Volatile.Read(ref keptNumber) < asked && Failure is null)
                {
                    Assert.True(kept.Wait(Patience), "the writer neither wrote nor failed");
                }

                if (Failure is null && _random.Chance(250))
                {
                    TakeSnapshot(disk, writer);
                }
            }
        }
        finally
        {
            Assert.True(writer.Stop(Patience), "the writer does not stop");
        }

        if (isKilled || Failure is not null)
        {
            disk.Dispose();
        }
        else
        {
            disk.Close();
        }
    }

    private PersistBatch NextBatch(long number)
    {
        DiskState now = _states[^1];
        long term = now.HardState.Term.Value;
        long from = now.LastIndex + 1;
        bool isNewTerm = term == 0 || _random.Chance(200);
        if (isNewTerm)
        {
            term++;

            // A new leader overwrites what no snapshot can cover.
            from = Math.Max(_snapshot + 1, from - _random.Next(4));
        }

        LogEntry[] entries = [.. Enumerable.Range(0, _random.Next(4)).Select(i => Entry(term, from + i))];
        HardState? state = isNewTerm || _random.Chance(100)
            ? new HardState(new Term(term), new NodeId((ulong)(term % 3)), new LogIndex(_snapshot)) : null;
        _states.Add(now.With(entries, state));
        recorder.Note(new DiskPromise(Asked: _states.Count - 1));
        if (lie == DiskLie.AcknowledgedBeforeTheSync)
        {
            recorder.Note(new DiskPromise(Kept: _states.Count - 1));
        }

        return new PersistBatch(number, null, entries, state);
    }

    private LogEntry Entry(long term, long index)
    {
        byte[] payload = new byte[_random.Next(1, 900)];
        for (int i = 0; i < payload.Length; i++)
        {
            payload[i] = (byte)((term * 31) + (index * 7) + i + 1);
        }

        return new LogEntry(new EntryId(new Term(term), new LogIndex(index)), EntryKind.Command, payload);
    }

    private void TakeSnapshot(ReplicaDisk disk, WalWriter writer)
    {
        DiskState now = _states[^1];
        long index = now.LastIndex - 2;
        if (index <= _snapshot)
        {
            return;
        }

        var info = new SnapshotInfo(now.Entries[(int)index - 1].Id, new Membership([Self]));
        disk.WriteSnapshot(info, StoreAt(index).View);
        _snapshot = index;
        recorder.Note(new DiskPromise(Snapshot: index));
        writer.CompactLater(new LogIndex(index));
    }

    private static MvccStore StoreAt(long index)
    {
        var store = new MvccStore();
        for (long i = 1; i <= index; i++)
        {
            byte[] text = System.Text.Encoding.ASCII.GetBytes(i.ToString(CultureInfo.InvariantCulture));
            store.Apply(new LogIndex(i), KvCommandCodec.Encode(new MutateCommand(new PutOp("k"u8.ToArray(), text))));
        }

        store.Publish();
        return store;
    }
}
