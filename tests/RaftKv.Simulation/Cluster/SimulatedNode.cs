using RaftKv.Core.Calls;
using RaftKv.Core.Disk;
using RaftKv.Core.Driver;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Reads;
using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Gates;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Disk;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>
/// One node: the real <see cref="ReplicaDriver"/> with its replica and calls, and a model of the host: a thread that may be
/// late, a WAL writer with group commit, a snapshot writer beside it. It can die between any two steps.
/// </summary>
internal sealed partial class SimulatedNode : IRoundHost
{
    private readonly SimulatedCluster _cluster;
    private readonly DeterministicRandom _random;
    private List<DriverInput> _inbox = [];
    private List<DriverInput> _taken = [];
    private MailboxShares _shares = null!;
    private ReplicaDriver? _driver;
    private bool _isLoopScheduled;
    private bool _isInRound;
    private long _tickUs;
    private int _missedTicks;
    private int _dueTicks;

    public SimulatedNode(SimulatedCluster cluster, int position, DeterministicRandom random)
    {
        _cluster = cluster;
        _random = random;
        Position = position;
        Id = cluster.FirstInstanceAt(position);
        Directory = new SimulatedDirectory(Id, Name, isFounded: !cluster.Profile.HasFounding);
        Storage = NewStorage();
    }

    public int Position { get; }

    /// <summary>Its label, which stays when its disk is replaced.</summary>
    public string Name => $"n{Position + 1}";

    /// <summary>What its disk says of itself, beside log and snapshots.</summary>
    public SimulatedDirectory Directory { get; private set; }

    /// <summary>The instance of its disk: another one when the disk is replaced.</summary>
    public NodeId Id { get; private set; }

    /// <summary>Grows with each crash; events of a former life are void.</summary>
    public int Life { get; private set; }

    public ulong Incarnation { get; private set; }

    public bool IsUp => Replica is not null;

    public bool IsPaused { get; private set; }

    public ReplicaCore? Replica { get; private set; }

    public INodeStorage Storage { get; private set; }

    /// <summary>What of this node is synced; kept by the host as it syncs, whatever the storage does.</summary>
    public DurableState Durable { get; private set; } = new();

    /// <summary>The log as the replica has it in memory.</summary>
    public LogMirror Log { get; } = new();

    /// <summary>The next time the node passes this point, it dies.</summary>
    public CrashPoint ArmedCrash { get; set; }

    public void Start()
    {
        if (IsFounding || !Directory.MayRun)
        {
            BeginFounding();
            return;
        }

        Storage.ClusterId = _cluster.ClusterId;
        Storage.Gates = _cluster.Builds.BuildOf(this);
        if (IsCondemned || !TryRecover(out RecoveredState recovered))
        {
            return;
        }

        CountStart();
        _cluster.Observer.NodeRecovered(this, recovered);
        _cluster.Reach.Recovered(this, recovered);
        ResetMirrors(recovered);
        Incarnation = _random.NextUInt64();
        Replica = new ReplicaCore(
            _cluster.Profile.ToOptions(Id, _cluster.Membership, _random, Incarnation), recovered);
        _driver = new ReplicaDriver(Replica, Id, Incarnation);
        _shares = new MailboxShares(_cluster.Profile.Mailbox);
        Point = Replica.ReadPoint;
        int drift = _cluster.Profile.DriftPerMille;
        _tickUs = SwarmProfile.TickUs * (1000 + (drift == 0 ? 0 : _random.Next(-drift, drift + 1))) / 1000;
        StartClock();
        _cluster.Trace.Add(_cluster.NowUs, Position, TraceKind.Restart, Life, recovered.LogStart.Index.Value + recovered.Entries.Count);
        Schedule(_random.Next((int)_tickUs), EventKind.Tick);
        RunRound();
    }

    /// <summary>
    /// Its directory, on which no node has run, gets the state that its cluster begins with. The power may fail amid it, and then
    /// it is begun again.
    /// </summary>
    public void LayDown(Heritage heritage)
    {
        Storage.ClusterId = _cluster.ClusterId;
        int cuts = Storage.Found(heritage.InfoOf(_cluster.Membership), heritage.State, heritage.Blocks, _random);
        _cluster.Counters.Faults.CutFoundings += cuts;
    }

    /// <summary>
    /// What its operator reads of it when it is stopped for good, on a disk that works: for a recovery, and as a start would.
    /// </summary>
    public (SurvivorState State, RecoveredState Recovered) ReadStopped()
    {
        Storage.Disarm();
        Storage.Gates = GateTable.ThisBuild;
        SurvivorState state = Storage.Inspect(_cluster.Membership);
        RecoveredState recovered = Storage.Recover();
        Storage.Crash(isPowerCut: false);
        return (state, recovered);
    }

    /// <summary>The process dies. What it owed to clients is unknown from now on.</summary>
    /// <param name="leastDownUs">See <see cref="SimulatedCluster.NodeCrashed"/>.</param>
    public void Crash(bool isPowerCut, long leastDownUs = 0)
    {
        if (!IsUp)
        {
            return;
        }

        _cluster.Reach.Dying(this);
        Replica = null;
        _driver = null;
        IsPaused = false;
        IsDraining = false;
        ArmedCrash = CrashPoint.None;
        Life++;
        _welcome.Clear();
        _inbox.Clear();
        _isLoopScheduled = false;
        _missedTicks = 0;
        _dueTicks = 0;
        _stalled.Clear();
        ClearReaders();
        ClearHost();
        Storage.Crash(isPowerCut);
        _cluster.Trace.Add(_cluster.NowUs, Position, TraceKind.Crash, Life, isPowerCut ? 1 : 0);
        _cluster.NodeCrashed(this, leastDownUs);
    }

    /// <summary>
    /// The process dies, and its disk is gone: whoever starts it finds an empty one, which is another instance.
    /// </summary>
    /// <param name="isOffForGood">Nobody starts it otherwise.</param>
    /// <param name="isListed">It is started as before, with the list; else that is drawn.</param>
    public void Wipe(bool isOffForGood = false, bool isListed = false)
    {
        bool mustStart = isOffForGood || IsFounding;
        Crash(isPowerCut: true);
        _cluster.Observer.DiskLost(this);
        Id = new NodeId(Id.Value + (ulong)_cluster.Profile.NodeCount);
        IsFounding = false;
        Directory = new SimulatedDirectory(Id, Name, isFounded: false);
        _wasHeard = false;
        if (!isListed && (!_cluster.Profile.HasFounding || _random.Chance(500)))
        {
            Directory.Join(_cluster.Roll);
        }

        _cluster.Builds.Replaced(this);
        Storage = NewStorage();
        Durable = new DurableState();
        Log.Reset(EntryId.Zero);
        _cluster.Trace.Add(_cluster.NowUs, Position, TraceKind.Disk, -3, (long)Id.Value, "wiped");
        if (!_cluster.IsFaulty)
        {
            Start();
        }
        else if (mustStart)
        {
            _cluster.Queue.Schedule(_cluster.NowUs + 1, new SimEvent { Kind = EventKind.Restart, Node = Position, Life = Life });
        }
    }

    private INodeStorage NewStorage()
    {
        var random = new DeterministicRandom(_random.NextUInt64());
        return _cluster.Profile.UsesRealWal
            ? new WalStorage(Id, random, _cluster.Counters.Faults.Disk, _cluster.Profile.MaxLogBytes / 4)
            : new ModelStorage(random);
    }

    /// <summary>No crash waits any more.</summary>
    public void Disarm()
    {
        ArmedCrash = CrashPoint.None;
        Storage.Disarm();
    }

    /// <summary>The loop stands still, or the whole process.</summary>
    public void Pause(bool isFrozen)
    {
        IsPaused = true;
        IsFrozen = isFrozen;
        _cluster.Reach.Crashes.Paused(this);
    }

    /// <summary>
    /// The process runs again, its threads in any order. The loop first gets the missed ticks (at most
    /// <paramref name="mostTicks"/>, as a host may bound them) and then all that piled up.
    /// </summary>
    public void Resume(int mostTicks)
    {
        if (!IsPaused)
        {
            return;
        }

        _cluster.Reach.Crashes.Resuming(this);
        bool isLoopLast = _random.Chance(500);
        if (isLoopLast)
        {
            Thaw();
        }

        IsPaused = false;
        _dueTicks += Math.Min(_missedTicks, mostTicks);
        _missedTicks = 0;
        if (IsStalled)
        {
            OnEffectsResumed();
        }

        // What it had left to do may have ended it.
        if (!IsUp)
        {
            return;
        }

        RunLoop();
        if (!isLoopLast && IsUp)
        {
            Thaw();
        }
    }

    public void OnTick()
    {
        Schedule(_tickUs, EventKind.Tick);
        if (IsPaused)
        {
            _missedTicks++;
            return;
        }

        // A third of a minute in turn; once the faults are over every disk has room.
        Replica!.NoteDisk(_cluster.Profile.HasLowDisks && ((_cluster.NowUs / 2_000_000) + Position) % 8 == 0);
        _dueTicks++;
        Dial();
        if (_dueTicks < _driver!.RestTicks(this))
        {
            return;
        }

        if (IsIdle)
        {
            RunLoop();
        }
        else
        {
            ScheduleLoop();
        }
    }

    /// <summary>Takes an input of the node itself: at once when the loop is idle and quick, else into the inbox.</summary>
    public void Input(in DriverInput input)
    {
        if (!IsUp)
        {
            return;
        }

        _inbox.Add(input);
        if (IsIdle)
        {
            RunRound();
        }
        else
        {
            ScheduleLoop();
        }
    }

    /// <summary>A client's call; false when the mailbox has no room for it, and nothing happened.</summary>
    public bool TryBegin(Call call, int bytes)
    {
        if (!_shares.TryTakeClient(bytes))
        {
            _cluster.Reach.Calls.MailboxFull();
            return false;
        }

        Input(DriverInput.Begin(call));
        return true;
    }

    /// <summary>A peer's message, which is dropped when the mailbox is full of them.</summary>
    public void Deliver(Message message)
    {
        if (_shares.TryTakePeers(1, 0))
        {
            Input(DriverInput.Of(message));
        }
        else
        {
            _cluster.Reach.Calls.MessageDropped();
        }
    }

    /// <summary>One turn of the loop: everything in the inbox, then the effects once.</summary>
    public void RunLoop()
    {
        _isLoopScheduled = false;
        if (!IsPaused && !IsStalled)
        {
            RunRound();
        }
    }

    private bool IsIdle => !IsPaused && !_isLoopScheduled && !_isInRound && !IsStalled && _cluster.Profile.LoopDelayUs == 0;

    private void ScheduleLoop(long leastDelayUs = 0)
    {
        if (!IsPaused && !_isLoopScheduled)
        {
            _isLoopScheduled = true;
            long delay = _cluster.Profile.LoopDelayUs;
            Schedule(leastDelayUs + (delay == 0 ? 0 : _random.Exponential(delay)), EventKind.Loop);
        }
    }

    private void ResetMirrors(RecoveredState recovered)
    {
        Log.Reset(recovered.LogStart);
        Durable.Log.Reset(recovered.LogStart);
        foreach (LogEntry entry in recovered.Entries)
        {
            Log.Put(entry);
            Durable.Log.Put(entry);
        }

        _underWay.Clear();
        Durable.HardState = recovered.HardState;
        Durable.Snapshot = recovered.Snapshot?.LastEntry ?? EntryId.Zero;
    }

    private void Schedule(long delayUs, EventKind kind, long value = 0, object? payload = null) =>
        _cluster.Queue.Schedule(
            _cluster.NowUs + delayUs, new SimEvent { Kind = kind, Node = Position, Life = Life, Value = value, Payload = payload });
}
