using RaftKv.Core.Store;

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
    public required int Node { get; init; }
    public required int Life { get; init; }
    public required NodeId Origin { get; init; }
    public required ulong Incarnation { get; init; }
    public required long InvokedAt { get; init; }

    /// <summary>The write; null for a read.</summary>
    public KvCommand? Command { get; init; }

    /// <summary>What is read, from the view after the barrier; null for a write.</summary>
    public RangeRequest? Request { get; init; }

    public bool IsRead => Command is null;
    public bool IsAnsweredByHost { get; set; }
    public OperationOutcome Outcome { get; set; }
    public long ReturnedAt { get; set; } = long.MaxValue;
    public EntryId Entry { get; set; }
    public CommandResult? Result { get; set; }
    public RangeResult? Read { get; set; }

    /// <summary>For a read: applied index of the view that was read.</summary>
    public long ViewIndex { get; set; }

    public long ViewRevision { get; set; }
}
