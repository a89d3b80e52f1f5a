using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>The host's part: carrying out effects, with a crash possible between any two steps.</summary>
internal sealed partial class SimulatedNode
{
    private readonly List<PersistBatch> _queued = [];
    private readonly List<PersistBatch> _inFlight = [];
    private readonly Queue<Action> _snapshotJobs = new();
    private bool _isSnapshotJobScheduled;
    private long _lastBatch;
    private long _syncedBatch;
    private LogIndex? _compactUpTo;
    private long _compactAfterBatch;

    /// <summary>When the sync that was begun last will be done, or was.</summary>
    public long DiskDueUs { get; private set; }

    public void CarryOut()
    {
        Check.That(!_isCarryingOut, "effects are carried out once at a time");
        if (Replica is not { HasEffects: true } replica)
        {
            _cluster.Observer.AfterStep(this);
            return;
        }

        _isCarryingOut = true;
        try
        {
            ReplicaEffects effects = replica.TakeEffects();
            if (effects.Persist is { } batch)
            {
                Enqueue(batch);
            }

            if (IsUp)
            {
                _cluster.Observer.AfterStep(this);
                SendAll(effects.Messages);
            }

            if (IsUp)
            {
                Answer(effects);
                DoSnapshots(effects);
                WakeReaders(replica.ReadPoint);
            }
        }
        finally
        {
            _isCarryingOut = false;
        }
    }

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
        _syncedBatch = last;
        _cluster.Trace.Add(_cluster.NowUs, Position, TraceKind.Synced, last, Durable.LastIndex.Value);
        if (Strikes(CrashPoint.AfterSync))
        {
            return;
        }

        long delay = _cluster.Profile.ReportDelayUs;
        Schedule(delay == 0 ? 0 : _random.Exponential(delay), EventKind.DiskReported, last);
        CompactWhenDue();
        if (IsUp && _queued.Count > 0)
        {
            StartWrite();
        }
    }

    public void OnDiskReported(long batchNumber)
    {
        if (!Strikes(CrashPoint.BeforeReport))
        {
            _cluster.Trace.Add(_cluster.NowUs, Position, TraceKind.Reported, batchNumber);
            Input(new NodeInput(InputKind.Persisted, batchNumber));
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
        _queued.Clear();
        _inFlight.Clear();
        _snapshotJobs.Clear();
        _isSnapshotJobScheduled = false;
        _lastBatch = 0;
        _syncedBatch = 0;
        _compactUpTo = null;
        DiskDueUs = 0;
    }

    private void Enqueue(PersistBatch batch)
    {
        _cluster.Trace.Add(_cluster.NowUs, Position, TraceKind.Persist, batch.Number, batch.Entries.Count, batch);
        _cluster.Observer.BatchAsked(this, batch);
        _cluster.Reach.BatchAsked(this, batch);
        Log.Apply(batch);
        _queued.Add(batch);
        _lastBatch = batch.Number;
        if (_inFlight.Count == 0)
        {
            StartWrite();
        }
    }

    private void StartWrite()
    {
        if (Strikes(CrashPoint.BeforeWrite))
        {
            return;
        }

        _inFlight.AddRange(_queued);
        _queued.Clear();
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

    private void Answer(ReplicaEffects effects)
    {
        _cluster.Observer.NoAlarms(this, effects.Alarms);
        for (int i = 0; i < effects.ProposalAnswers.Count; i++)
        {
            _cluster.Clients.ProposalAnswered(this, effects.ProposalAnswers[i]);
        }

        for (int i = 0; i < effects.ReadAnswers.Count; i++)
        {
            _cluster.Clients.ReadAnswered(this, effects.ReadAnswers[i]);
        }

        for (int i = 0; i < effects.LeaseAnswers.Count; i++)
        {
            _cluster.Clients.Asks.Answered(this, effects.LeaseAnswers[i]);
        }

        _cluster.Reach.Proposals.AnsweredLate(effects.LateAnswers);
    }

    private void DoSnapshots(ReplicaEffects effects)
    {
        if (effects.SnapshotToWrite is { } write)
        {
            AddSnapshotJob(() => WriteSnapshot(write));
        }

        for (int i = 0; i < effects.ChunksToLoad.Count; i++)
        {
            SnapshotChunkToLoad request = effects.ChunksToLoad[i];
            AddSnapshotJob(() => LoadChunk(request));
        }

        for (int i = 0; i < effects.ChunksToStore.Count; i++)
        {
            SnapshotChunkToStore chunk = effects.ChunksToStore[i];
            AddSnapshotJob(() => StoreChunk(chunk));
        }

        if (effects.SnapshotToInstall is { } install)
        {
            AddSnapshotJob(() => Install(install));
        }

        if (effects.CompactedUpTo is { } index)
        {
            // The WAL thread does things in order: what was handed over before is durable first.
            _compactUpTo = index;
            _compactAfterBatch = _lastBatch;
            CompactWhenDue();
        }
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
            Schedule(DiskLatency(_cluster.Profile.SnapshotJobMeanUs), EventKind.SnapshotStep);
        }
    }

    private void WriteSnapshot(SnapshotToWrite write)
    {
        long bytes = 0;
        _cluster.Observer.SnapshotViewTaken(this, write.Info.LastEntry, write.View);
        if (Strikes(CrashPoint.InsideSnapshotWrite) || !Guarded(() => bytes = Storage.WriteSnapshot(write)))
        {
            return;
        }

        SnapshotIsDurable(write.Info.LastEntry);
        if (!Strikes(CrashPoint.AfterSnapshotWrite))
        {
            _cluster.Trace.Add(_cluster.NowUs, Position, TraceKind.Snapshot, write.Info.LastEntry.Index.Value, 0, "written");
            Input(new NodeInput(InputKind.SnapshotWritten, bytes, write.Info));
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
            Input(new NodeInput(InputKind.ChunkLoaded, 0, new LoadedChunk(request, total, data)));
            return;
        }

        _cluster.Reach.Snapshots.PieceMissing();
        Input(new NodeInput(InputKind.ChunkMissing, 0, request));
    }

    private void StoreChunk(SnapshotChunkToStore chunk)
    {
        long length = 0;
        if (Guarded(() => length = Storage.StoreChunk(chunk)) && !Strikes(CrashPoint.AfterChunkStored))
        {
            _cluster.Reach.Snapshots.Stored(this, chunk, length);
            Input(new NodeInput(InputKind.ChunkStored, length, chunk.Info));
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
            Input(new NodeInput(InputKind.SnapshotRefused, 0, install.Info));
            return;
        }

        SnapshotIsDurable(install.Info.LastEntry);
        _cluster.Observer.SnapshotViewTaken(this, install.Info.LastEntry, store.View);
        if (!Strikes(CrashPoint.AfterInstall))
        {
            _cluster.Counters.SnapshotsInstalled++;
            _cluster.Trace.Add(_cluster.NowUs, Position, TraceKind.Snapshot, install.Info.LastEntry.Index.Value, 1, "installed");
            Input(new NodeInput(InputKind.SnapshotInstalled, 0, new InstalledSnapshot(install.Info, bytes, store)));
        }
    }

    private void CompactWhenDue()
    {
        if (_compactUpTo is not { } index || _syncedBatch < _compactAfterBatch)
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
