using System.Text;
using RaftKv.Core.Calls;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Levels;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Store.Snapshot;
using RaftKv.Core.Tests.Raft;
using ReplicaUnderTest = RaftKv.Core.Replica.ReplicaCore;

namespace RaftKv.Core.Tests.Replica;

/// <summary>
/// One replica with a host in memory: a log disk and snapshot work that are instant, or held until the script lets them
/// go. A restart keeps what is durable and begins a new incarnation.
/// </summary>
internal sealed class ReplicaTestNode
{
    private readonly Func<ReplicaOptions, ReplicaOptions> _tweak;
    private readonly Membership _membership;
    private readonly Queue<PersistBatch> _unsynced = new();
    private readonly Queue<Action> _snapshotWork = new();
    private SnapshotInfo? _whole;
    private readonly List<Message> _messages = [];
    private readonly Dictionary<EntryId, byte[]> _files = [];
    private readonly List<byte> _incoming = [];
    private List<LogEntry> _durableEntries = [];
    private EntryId _durableStart;
    private HardState _durableState;
    private SnapshotInfo? _durableSnapshot;
    private EntryId _incomingName;
    private long _lastNumber;

    public ReplicaTestNode(int id, Membership membership, Func<ReplicaOptions, ReplicaOptions> tweak, GateTable? gates = null)
    {
        Gates = gates ?? GateTable.ThisBuild;
        Id = Words.N(id);
        _membership = membership;
        _tweak = tweak;
        Replica = Start();
    }

    public NodeId Id { get; }

    public ulong Incarnation { get; private set; }

    public ReplicaUnderTest Replica { get; private set; }

    public RaftCore Raft => Replica.Raft;

    /// <summary>What its build knows, from the next restart on.</summary>
    public GateTable Gates { get; set; }

    /// <summary>While true nothing of the log becomes durable.</summary>
    public bool IsDiskHeld { get; set; }

    /// <summary>While true snapshots are neither written nor read, stored or installed.</summary>
    public bool IsSnapshotWorkHeld { get; set; }

    /// <summary>After so many rounds a drain ends, also when more is to be applied.</summary>
    public int RoundsPerDrain { get; set; } = int.MaxValue;

    /// <summary>While true a whole incoming snapshot is found to be bad.</summary>
    public bool IsIncomingBad { get; set; }

    /// <summary>The answers to this life's proposals; a second answer fails the test.</summary>
    public SortedDictionary<long, ProposalAnswer> Answers { get; } = [];

    /// <summary>Alarms of diverged states.</summary>
    public List<DivergenceAlarm> Alarms { get; } = [];

    /// <summary>The answers to this life's reads.</summary>
    public SortedDictionary<long, ReadAnswer> ReadAnswers { get; } = [];

    /// <summary>The answers to this life's questions about leases; a second answer fails the test.</summary>
    public SortedDictionary<long, LeaseAnswer> LeaseAnswers { get; } = [];

    /// <summary>Offsets of the snapshot pieces that were read from its own file for others.</summary>
    public List<(NodeId To, long Offset)> PiecesRead { get; } = [];

    /// <summary>True while an incoming snapshot is whole and not loaded.</summary>
    public bool HasWholeSnapshot => _whole is not null;

    /// <summary>Snapshots that were asked to be written.</summary>
    public int SnapshotWriteCount { get; private set; }

    /// <summary>Proposes "add 1" to a key of its own, and returns the number. Nothing is drained.</summary>
    public long Propose()
    {
        long number = ++_lastNumber;
        byte[] command = KvCommandCodec.Encode(
            new MutateCommand(new IncrementOp(Encoding.UTF8.GetBytes($"{Id.Value}.{Incarnation}.{number}"), 1), null));
        byte[] envelope = new byte[CommandEnvelope.HeaderBytes + command.Length];
        command.CopyTo(envelope.AsSpan(CommandEnvelope.HeaderBytes));
        Replica.Propose(number, envelope);
        return number;
    }

    /// <summary>Proposes a command; nothing is drained.</summary>
    public long Propose(KvCommand command)
    {
        Replica.Propose(++_lastNumber, KvCommandCodec.Encode(command, CommandEnvelope.HeaderBytes));
        return _lastNumber;
    }

    /// <summary>Asks for the time of leases; nothing is drained.</summary>
    public long AskLeases(bool isRenewal, params long[] leases)
    {
        Replica.AskLeases(++_lastNumber, [.. leases.Select(lease => new LeaseId(lease))], isRenewal);
        return _lastNumber;
    }

    public long Read(ReadDemand demand = default)
    {
        Replica.Read(++_lastNumber, demand);
        return _lastNumber;
    }

    /// <summary>What the proposal was answered; null while it is pending.</summary>
    public ProposalOutcome? OutcomeOf(long number) => Answers.TryGetValue(number, out ProposalAnswer answer) ? answer.Outcome : null;

    /// <summary>What became of proposals that were answered as unknown; at most one answer each.</summary>
    public Dictionary<long, ProposalAnswer> LateAnswers { get; } = [];

    /// <summary>What the read was answered; null while it is pending.</summary>
    public bool? IsGranted(long number) => ReadAnswers.TryGetValue(number, out ReadAnswer answer) ? answer.IsGranted : null;

    /// <summary>
    /// Does what a host does after inputs, until nothing more follows, and returns the messages that may go.
    /// </summary>
    public IReadOnlyList<Message> Drain()
    {
        for (int round = 0; Replica.HasEffects && round < RoundsPerDrain; round++)
        {
            Assert.True(round < 10_000, $"{Id} is never done with its effects");
            CarryOut(Replica.TakeEffects());
            if (!IsDiskHeld)
            {
                SyncAll();
            }

            if (!IsSnapshotWorkHeld)
            {
                DoSnapshotWork();
            }
        }

        RaftInvariants.CheckAll(Raft);
        Message[] messages = [.. _messages];
        _messages.Clear();
        return messages;
    }

    public void SyncAll()
    {
        while (_unsynced.TryDequeue(out PersistBatch? batch))
        {
            WriteDurably(batch);
            Replica.Persisted(batch.Number);
        }
    }

    /// <summary>
    /// Does what was asked for, the loading of a whole incoming snapshot first; that may be held back.
    /// </summary>
    public void DoSnapshotWork(bool isInstallHeld = false)
    {
        if (!isInstallHeld && _whole is { } info)
        {
            _whole = null;
            Install(info);
        }

        while (_snapshotWork.TryDequeue(out Action? work))
        {
            work();
        }
    }

    /// <summary>The node's newest snapshot file is gone from the disk.</summary>
    public void LoseSnapshotFile(EntryId snapshot) => Assert.True(_files.Remove(snapshot));

    public void Restart()
    {
        _unsynced.Clear();
        _snapshotWork.Clear();
        _messages.Clear();
        _incoming.Clear();
        _whole = null;
        Answers.Clear();
        ReadAnswers.Clear();
        LeaseAnswers.Clear();
        Replica = Start();
    }

    private ReplicaUnderTest Start()
    {
        Incarnation++;
        _lastNumber = 0;
        EntryId last = _durableSnapshot?.LastEntry ?? EntryId.Zero;
        if (last != _durableStart && !_durableEntries.Any(entry => entry.Id == last))
        {
            // A crash came between the install and the record of it: as the recovery of the log does, restart at the
            // snapshot.
            _durableStart = last;
            _durableEntries = [];
            _durableState = _durableState.Term < last.Term
                ? _durableState with { Term = last.Term, VotedFor = default, CommitIndex = last.Index }
                : _durableState;
        }

        MvccStore store = _durableSnapshot is null ? new MvccStore(Gates) : StoreSnapshot.Decode([_files[last]], Gates);
        var recovered = new RecoveredState(
            _durableState, _durableSnapshot, _durableSnapshot is null ? 0 : _files[last].Length, store,
            _durableStart, _durableEntries);
        return new ReplicaUnderTest(
            _tweak(new ReplicaOptions
            {
                Self = Id,
                InitialMembership = _membership,
                Seed = (Id.Value * 1000) + Incarnation,
                Incarnation = Incarnation,
                HeartbeatTicks = RaftTestNode.HeartbeatTicks,
                ElectionTimeoutTicks = RaftTestNode.ElectionTimeoutTicks,
                SnapshotChunkBytes = 64,
                NoLeaderTimeoutTicks = 100,
            }),
            recovered);
    }

    private void CarryOut(ReplicaEffects effects)
    {
        if (effects.Persist is { } batch)
        {
            _unsynced.Enqueue(batch);
        }

        _messages.AddRange(effects.Messages);
        Alarms.AddRange(effects.Alarms);
        effects.ProposalAnswers.ForEach(answer => Answers.Add(answer.RequestNumber, answer));
        effects.LateAnswers.ForEach(answer => LateAnswers.Add(answer.RequestNumber, answer));
        effects.ReadAnswers.ForEach(answer => ReadAnswers.Add(answer.ReadNumber, answer));
        effects.LeaseAnswers.ForEach(answer => LeaseAnswers.Add(answer.Number, answer));
        if (effects.SnapshotToWrite is { } write)
        {
            SnapshotWriteCount++;
            _snapshotWork.Enqueue(() => WriteSnapshot(write));
        }

        effects.ChunksToLoad.ForEach(chunk => _snapshotWork.Enqueue(() => LoadChunk(chunk)));
        effects.ChunksToStore.ForEach(chunk => _snapshotWork.Enqueue(() => StoreChunk(chunk)));
        if (effects.SnapshotToInstall is { } install)
        {
            _whole = install.Info;
        }
    }

    private void WriteDurably(PersistBatch batch)
    {
        if (batch.LogStart is { } start)
        {
            _durableStart = start;
            _durableEntries = [];
        }

        foreach (LogEntry entry in batch.Entries)
        {
            int place = (int)(entry.Index - _durableStart.Index) - 1;
            Assert.InRange(place, 0, _durableEntries.Count);
            _durableEntries = [.. _durableEntries.Take(place), entry];
        }

        _durableState = batch.HardState ?? _durableState;
    }

    private void WriteSnapshot(SnapshotToWrite write)
    {
        byte[] file = [.. StoreSnapshot.Encode(write.View, 64).SelectMany(block => block.ToArray())];
        Keep(write.Info, file);
        Replica.SnapshotWritten(write.Info.LastEntry, file.Length);
    }

    private void Keep(SnapshotInfo info, byte[] file)
    {
        _files[info.LastEntry] = file;
        if (_durableSnapshot is null || info.LastEntry.Index > _durableSnapshot.LastEntry.Index)
        {
            _durableSnapshot = info;
        }
    }

    private void LoadChunk(SnapshotChunkToLoad chunk)
    {
        PiecesRead.Add((chunk.To, chunk.Offset));
        if (!_files.TryGetValue(chunk.Snapshot, out byte[]? file))
        {
            Replica.SnapshotChunkMissing(chunk.To, chunk.Snapshot);
            return;
        }

        int offset = (int)chunk.Offset;
        Replica.SnapshotChunkLoaded(
            chunk.To, chunk.Snapshot, file.Length, offset, file.AsMemory(offset, Math.Min(chunk.MaxBytes, file.Length - offset)));
    }

    private void StoreChunk(SnapshotChunkToStore chunk)
    {
        if (_incomingName != chunk.Info.LastEntry)
        {
            _incomingName = chunk.Info.LastEntry;
            _incoming.Clear();
        }

        int overlap = _incoming.Count - (int)chunk.Offset;
        if (overlap >= 0 && overlap < chunk.Data.Length)
        {
            _incoming.AddRange(chunk.Data.Span[overlap..]);
        }

        Replica.SnapshotChunkStored(chunk.Info.LastEntry, _incoming.Count);
    }

    private void Install(SnapshotInfo info)
    {
        byte[] file = [.. _incoming];
        _incoming.Clear();
        if (IsIncomingBad)
        {
            Replica.SnapshotRefused(info.LastEntry);
            return;
        }

        Keep(info, file);
        Replica.SnapshotInstalled(info.LastEntry, file.Length, StoreSnapshot.Decode([file], Gates));
    }
}
