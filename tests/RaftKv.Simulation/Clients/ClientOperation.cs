using RaftKv.Core.Calls;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Locks;
using RaftKv.Core.Store.Reading;

namespace RaftKv.Simulation.Clients;

/// <summary>What a client knows of its operation.</summary>
internal enum OperationOutcome : byte
{
    Pending,

    /// <summary>Applied, or read.</summary>
    Ok,

    /// <summary>Surely without effect, for ever.</summary>
    Refused,

    /// <summary>May have an effect, now or later: it returns at +infinity.</summary>
    Unknown,
}

/// <summary>One operation of one client. Stamps order invocations and answers of a world strictly.</summary>
internal sealed class ClientOperation
{
    public required int Id { get; init; }
    public required int Client { get; init; }
    /// <summary>Where it is carried out, and in which life of that node: another one once it was passed on.</summary>
    public required int Node { get; set; }
    public required int Life { get; set; }
    public required NodeId Origin { get; init; }
    public required ulong Incarnation { get; init; }
    public required long InvokedAt { get; init; }

    /// <summary>True time, for what is promised in time.</summary>
    public long InvokedAtUs { get; init; }
    public long ReturnedAtUs { get; set; } = long.MaxValue;

    /// <summary>For a read: what it asks for.</summary>
    public ReadTerms Terms { get; set; }

    /// <summary>For a read: the barrier that was asked for last, and the index that it gave.</summary>
    public ReadDemand Demand { get; set; }
    public ReadPath Path { get; set; }
    public long ReadIndex { get; set; }

    /// <summary>For a read: the age that the answer claims at most, null when unknown; and when that was said.</summary>
    public long? BoundUs { get; set; }
    public long DecidedAtUs { get; set; }

    /// <summary>True for a write, and for a read that is linearizable by its level.</summary>
    public bool IsStrong => !IsRead || Terms.Level is ReadLevel.Linearizable or ReadLevel.Lease or ReadLevel.All;

    /// <summary>The write; null for a read.</summary>
    public KvCommand? Command { get; init; }

    /// <summary>What is read, from the view after the barrier; null for a write.</summary>
    public RangeRequest? Request { get; init; }

    /// <summary>True for leases, locks and what goes with them: keys outside the registers' and counters' histories.</summary>
    public bool IsCoordination { get; init; }

    /// <summary>For a read of a queue: which, and what it looked like in the view that was read.</summary>
    public LockName? AskedLock { get; init; }
    public LockQueue? Queue { get; set; }

    public bool IsRead => Command is null;
    public bool IsAnsweredByHost { get; set; }

    /// <summary>For a write: the call that it became; null when it never reached a loop.</summary>
    public ProposalCall? Call { get; set; }

    /// <summary>For a write: its number in the log, by which its origin knows it.</summary>
    public long Number => Call?.Number ?? Id;

    /// <summary>Ticks of its node's clock until the node gives it up.</summary>
    public long TimeoutTicks { get; init; }

    /// <summary>When that is, on its node's clock.</summary>
    public MonotonicTime Deadline { get; init; }

    /// <summary>True when the client goes away by itself, and its node is told so.</summary>
    public bool IsImpatient { get; init; }

    /// <summary>For a read: what to do when it can't be served at once.</summary>
    public UnmetPolicy Policy { get; set; }

    /// <summary>For a read: the barrier that it waits for, null when none; and which use of that object is its own.</summary>
    public BarrierCall? Round { get; set; }
    public short RoundToken { get; set; }
    public LevelReads.Run? Run { get; set; }

    /// <summary>For a read: the node that passed it on, and its life then; null when none did.</summary>
    public (int Node, int Life)? PassedOnBy { get; set; }

    /// <summary>The client waits no longer.</summary>
    public bool IsGivenUp { get; set; }
    public OperationOutcome Outcome { get; set; }
    public long ReturnedAt { get; set; } = long.MaxValue;
    public EntryId Entry { get; set; }
    public CommandResult? Result { get; set; }
    public RangeResult? Read { get; set; }

    /// <summary>For a read of everything: who gets the view, or null when there is none.</summary>
    public Action<StoreView?>? Backup { get; init; }

    /// <summary>The view of such a read.</summary>
    public StoreView? BackupView { get; set; }

    /// <summary>For a read: applied index of the view that was read.</summary>
    public long ViewIndex { get; set; }

    public long ViewRevision { get; set; }
}
