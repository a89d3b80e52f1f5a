using RaftKv.Core.Driver;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>The host's part: carrying out effects, with a crash possible between any two steps.</summary>
internal sealed partial class SimulatedNode
{
    private readonly PersistQueue _wal = new();
    private readonly List<PersistBatch> _inFlight = [];
    private readonly HashSet<EntryId> _underWay = [];
    private readonly Queue<Action> _snapshotJobs = new();
    private bool _isSnapshotJobScheduled;
    private LogIndex? _compactUpTo;

    /// <summary>Until then its disk is slow.</summary>
    public long SickUntilUs { get; set; }

    /// <summary>When the sync that was begun last will be done, or was.</summary>
    public long DiskDueUs { get; private set; }

    /// <summary>When the job of the snapshot writer that was begun last will be done, or was.</summary>
    public long SnapshotDueUs { get; private set; }

    /// <summary>The entry was being written when the node died, and not synced: the disk may have it, and may not.</summary>
    public bool WasUnderWay(EntryId entry) => _underWay.Contains(entry);

    /// <summary>The disk says that everything in flight is durable.</summary>
    public void OnDiskSynced()
    {
        if (!Guarded(Storage.Sync))
        {
            return;
        }

        long last = 0;
        foreach (PersistBatch batch in _inFlight)
        {
            Durable.Apply(batch);
            last = batch.Number;
        }

        _inFlight.Clear();
        _cluster.Trace.Add(_cluster.NowUs, Position, TraceKind.Synced, last, Durable.LastIndex.Value);
        if (Strikes(CrashPoint.AfterSync))
        {
            return;
        }

        long delay = _cluster.Profile.ReportDelayUs;
        Schedule(delay == 0 ? 0 : _random.Exponential(delay), EventKind.DiskReported, last);
        Compact();
        if (IsUp)
        {
            StartWrite();
        }
    }

    public void OnDiskReported(long batchNumber)
    {
        if (!Strikes(CrashPoint.BeforeReport))
        {
            _cluster.Trace.Add(_cluster.NowUs, Position, TraceKind.Reported, batchNumber);
            Input(DriverInput.Persisted(batchNumber));
        }
    }

    /// <summary>The snapshot writer's next job.</summary>
    public void OnSnapshotStep()
    {
        _isSnapshotJobScheduled = false;
        _snapshotJobs.Dequeue()();
        if (IsUp)
        {
            ScheduleSnapshotJob();
        }
    }

    private void ClearHost()
    {
        _wal.Take(out _);
        foreach (PersistBatch batch in _inFlight)
        {
            _underWay.UnionWith(batch.Entries.Select(static e => e.Id));
        }

        _inFlight.Clear();
        _snapshotJobs.Clear();
        _isSnapshotJobScheduled = false;
        _compactUpTo = null;
        (DiskDueUs, SnapshotDueUs) = (0, 0);
    }

    private void Enqueue(PersistBatch batch)
    {
        _cluster.Trace.Add(_cluster.NowUs, Position, TraceKind.Persist, batch.Number, batch.Entries.Count, batch);
        _cluster.Observer.BatchAsked(this, batch);
        _cluster.Reach.BatchAsked(this, batch);
        Log.Apply(batch);
        _wal.Add(batch);
        _cluster.Reach.Calls.BatchQueued(isBehind: _inFlight.Count > 0);
        StartWrite();
    }

    // What gathered while the disk was busy, as one.
    private void StartWrite()
    {
        if (_inFlight.Count > 0 || !_wal.HasWork || Strikes(CrashPoint.BeforeWrite))
        {
            return;
        }

        _inFlight.AddRange(_wal.Take(out _compactUpTo));
        if (_inFlight.Count == 0)
        {
            Compact();
            return;
        }

        if (!Guarded(() => Storage.Write(_inFlight)) || Strikes(CrashPoint.AfterWrite))
        {
            return;
        }

        long latencyUs = DiskLatency(_cluster.Profile.SyncMeanUs);
        DiskDueUs = _cluster.NowUs + latencyUs;
        Schedule(latencyUs, EventKind.DiskSynced);
    }

    private long DiskLatency(long meanUs)
    {
        SwarmProfile profile = _cluster.Profile;
        long latency = 20 + _random.Exponential(meanUs);
        if (_cluster.NowUs < SickUntilUs && profile.HasSickDisks)
        {
            // From what is just slow to what is beyond an election timeout.
            latency += (long)profile.ElectionTimeoutTicks * SwarmProfile.TickUs * _random.Next(60, 120) / 100;
        }

        return profile.StallPerMille > 0 && _random.Chance(profile.StallPerMille)
            ? latency + _random.Exponential(profile.StallMeanUs)
            : latency;
    }

    private void SendAll(List<Message> messages)
    {
        if (messages.Count == 0 || Strikes(CrashPoint.BeforeSend))
        {
            return;
        }

        int stopAfter = ArmedCrash == CrashPoint.AmidSend ? _random.Next(messages.Count) : int.MaxValue;
        for (int i = 0; i < messages.Count; i++)
        {
            Message message = messages[i];
            _cluster.Observer.MessageLeaves(this, message);
            _cluster.Reach.Sent(this, message);
            _cluster.Trace.Add(_cluster.NowUs, Position, TraceKind.Send, (long)message.To.Value, message.Term.Value, message);
            _cluster.Network.Send(Position, message);
            if (i == stopAfter)
            {
                Strikes(CrashPoint.AmidSend);
                return;
            }
        }

        Strikes(CrashPoint.AfterSend);
    }

    private void AddSnapshotJob(Action job)
    {
        _snapshotJobs.Enqueue(job);
        ScheduleSnapshotJob();
    }

    private void ScheduleSnapshotJob()
    {
        if (!_isSnapshotJobScheduled && _snapshotJobs.Count > 0)
        {
            _isSnapshotJobScheduled = true;
            long latencyUs = DiskLatency(_cluster.Profile.SnapshotJobMeanUs);
            SnapshotDueUs = _cluster.NowUs + latencyUs;
            Schedule(latencyUs, EventKind.SnapshotStep);
        }
    }

    private void WriteSnapshot(SnapshotToWrite write)
    {
        long bytes = 0;
        _cluster.Observer.SnapshotViewTaken(this, write.Info, write.View);
        if (Strikes(CrashPoint.InsideSnapshotWrite) || !Guarded(() => bytes = Storage.WriteSnapshot(write)))
        {
            return;
        }

        SnapshotIsDurable(write.Info.LastEntry);
        if (!Strikes(CrashPoint.AfterSnapshotWrite))
        {
            _cluster.Trace.Add(_cluster.NowUs, Position, TraceKind.Snapshot, write.Info.LastEntry.Index.Value, 0, "written");
            _cluster.Reach.Snapshots.Written(this, write.Info.LastEntry);
            Input(DriverInput.Of(new SnapshotWrittenReport(write.Info.LastEntry, bytes)));
        }
    }

    private void LoadChunk(SnapshotChunkToLoad request)
    {
        bool isThere = false;
        long total = 0;
        ReadOnlyMemory<byte> data = default;
        if (!Guarded(() => isThere = Storage.TryLoadChunk(request, out total, out data)))
        {
            return;
        }

        if (isThere)
        {
            Input(DriverInput.Of(new ChunkLoadedReport(request, total, data)));
            return;
        }

        _cluster.Reach.Snapshots.PieceMissing();
        Input(DriverInput.Of(new ChunkMissingReport(request)));
    }

    private void StoreChunk(SnapshotChunkToStore chunk)
    {
        long length = 0;
        if (Guarded(() => length = Storage.StoreChunk(chunk)) && !Strikes(CrashPoint.AfterChunkStored))
        {
            _cluster.Reach.Snapshots.Stored(this, chunk, length);
            Input(DriverInput.Of(new ChunkStoredReport(chunk.Info.LastEntry, length)));
        }
    }

    private void Install(SnapshotToInstall install)
    {
        MvccStore? store = null;
        long bytes = 0;
        if (Strikes(CrashPoint.InsideInstall) || !Guarded(() => store = Storage.InstallSnapshot(install.Info, out bytes)))
        {
            return;
        }

        if (store is null)
        {
            _cluster.Counters.Faults.RefusedSnapshots++;
            _cluster.Reach.Snapshots.InstallRefused();
            Input(DriverInput.Of(new SnapshotRefusedReport(install.Info.LastEntry)));
            return;
        }

        SnapshotIsDurable(install.Info.LastEntry);
        _cluster.Observer.SnapshotViewTaken(this, install.Info, store.View);
        if (!Strikes(CrashPoint.AfterInstall))
        {
            _cluster.Counters.SnapshotsInstalled++;
            _cluster.Trace.Add(_cluster.NowUs, Position, TraceKind.Snapshot, install.Info.LastEntry.Index.Value, 1, "installed");
            _cluster.Reach.Installing(this, install.Info.LastEntry);
            Input(DriverInput.Of(new SnapshotInstalledReport(install.Info.LastEntry, bytes, store)));
        }
    }

    private void Compact()
    {
        if (_compactUpTo is not { } index || !IsUp)
        {
            return;
        }

        _compactUpTo = null;
        if (Guarded(() => Storage.CompactUpTo(index)))
        {
            Log.CompactUpTo(index);
            Durable.Log.CompactUpTo(index);
        }
    }

    private void SnapshotIsDurable(EntryId snapshot)
    {
        if (snapshot.Index > Durable.Snapshot.Index)
        {
            Durable.Snapshot = snapshot;
        }
    }

    private bool Strikes(CrashPoint point)
    {
        if (ArmedCrash != point)
        {
            return false;
        }

        _cluster.Counters.PersistPointCrashes++;
        _cluster.Counters.Faults.CrashesAt[(int)point]++;
        _cluster.Reach.Crashes.Struck(point);
        Crash(_cluster.DrawPowerCut());
        return true;
    }
}
