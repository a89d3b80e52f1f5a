using RaftKv.Core.Messages;
using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;

namespace RaftKv.Core.Tests.Raft;

/// <summary>
/// One RaftCore with a disk that a script can hold: records reach <see cref="Drain"/> in order, become durable at once
/// or when the script says so, and a restart keeps exactly what is durable. Every drain checks all invariants of the
/// node.
/// </summary>
internal sealed class RaftTestNode
{
    public const int HeartbeatTicks = 2;
    public const int ElectionTimeoutTicks = 20;

    private readonly Membership _membership;
    private readonly Queue<PersistBatch> _unsynced = new();
    private List<LogEntry> _durableEntries;
    private EntryId _durableStart;
    private HardState _durableState;
    private int _startCount;

    /// <summary>A node with a log of these terms, all durable.</summary>
    public RaftTestNode(
        int id, Membership membership, int[]? log = null, long? term = null, int vote = 0, long commit = 0, RaftOptions? options = null)
    {
        log ??= [];
        Id = Words.N(id);
        Options = (options ?? DefaultOptions) with { Self = Id };
        _membership = membership;
        _durableEntries = [.. Words.Entries(log)];
        _durableState = new HardState(Words.T(term ?? (log.Length == 0 ? 0 : log[^1])), Words.N(vote), Words.I(commit));
        Raft = Start();
    }

    public static RaftOptions DefaultOptions { get; } = new(
        Self: default, Seed: 0, HeartbeatTicks, ElectionTimeoutTicks, MaxAppendBytes: 64 * 1024, MaxInflightAppends: 8,
        MaxUncommittedBytes: 1024 * 1024, SnapshotChunkBytes: 16);

    public NodeId Id { get; }

    public RaftOptions Options { get; }

    public RaftCore Raft { get; private set; }

    /// <summary>While true nothing becomes durable.</summary>
    public bool IsDiskHeld { get; set; }

    /// <summary>Batches handed over and not durable.</summary>
    public int UnsyncedCount => _unsynced.Count;

    /// <summary>Term and vote as a restart would find them.</summary>
    public HardState DurableState => _durableState;

    /// <summary>Does what a host does after an input, and returns the messages that may go.</summary>
    public IReadOnlyList<Message> Drain()
    {
        do
        {
            Raft.FlushReplication();
            if (Raft.HasRecords)
            {
                _unsynced.Enqueue(Raft.TakeRecords());
            }

            if (!IsDiskHeld)
            {
                SyncAll();
            }
        }
        while (Raft.HasRecords);

        Raft.FlushReplication();
        RaftInvariants.CheckAll(Raft);
        Message[] messages = [.. Raft.Output.Messages];
        Raft.Output.Messages.Clear();
        return messages;
    }

    /// <summary>One message in, the answers out.</summary>
    public IReadOnlyList<Message> Receive(Message message)
    {
        Raft.Receive((RaftMessage)message);
        return Drain();
    }

    public IReadOnlyList<Message> Tick(int count = 1)
    {
        var messages = new List<Message>();
        for (int i = 0; i < count; i++)
        {
            Raft.Tick();
            messages.AddRange(Drain());
        }

        return messages;
    }

    public void SyncAll()
    {
        while (_unsynced.Count > 0)
        {
            SyncOne();
        }
    }

    /// <summary>The oldest batch becomes durable and is reported.</summary>
    public void SyncOne()
    {
        PersistBatch records = _unsynced.Dequeue();
        WriteDurably(records);
        Raft.Persisted(records.Number);
    }

    /// <summary>A crash: what is not durable is lost.</summary>
    public void Restart()
    {
        _unsynced.Clear();
        Raft = Start();
    }

    private void WriteDurably(PersistBatch records)
    {
        if (records.LogStart is { } start)
        {
            _durableStart = start;
            _durableEntries = [];
        }

        foreach (LogEntry entry in records.Entries)
        {
            int place = (int)(entry.Index - _durableStart.Index) - 1;
            Assert.InRange(place, 0, _durableEntries.Count);
            _durableEntries.RemoveRange(place, _durableEntries.Count - place);
            _durableEntries.Add(entry);
        }

        _durableState = records.HardState ?? _durableState;
    }

    private RaftCore Start()
    {
        ulong seed = (Id.Value * 1000) + (ulong)_startCount++;
        var log = new RaftLog(_durableStart, _durableEntries, _durableState.CommitIndex);
        return new RaftCore(Options with { Seed = seed }, _durableState, _membership, _durableStart, log);
    }
}
