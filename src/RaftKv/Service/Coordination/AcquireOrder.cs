using RaftKv.Core.Store.Commands;
using RaftKv.Core;

namespace RaftKv.Service.Coordination;

/// <summary>What a call for a lock, a semaphore's place or a leadership asks for, checked.</summary>
internal sealed record AcquireOrder
{
    public required LockKind Kind { get; init; }

    public required byte[] Name { get; init; }

    public required LockMode Mode { get; init; }

    /// <summary>The lease that the place hangs on.</summary>
    public required LeaseId Lease { get; init; }

    /// <summary>Life of the lease that is made for this request; 0 when the client brought its own.</summary>
    public required long OwnTtlMs { get; init; }

    /// <summary>Owner text, or an election's value.</summary>
    public required byte[] Value { get; init; }

    /// <summary>Limit of a semaphore; else 0.</summary>
    public required int Limit { get; init; }

    /// <summary>How long to wait; zero tries once.</summary>
    public required TimeSpan Wait { get; init; }

    /// <summary>True when the lease is made for this request, and ends with it when it fails.</summary>
    public bool MakesLease => OwnTtlMs > 0;

    /// <summary>The operation for the log.</summary>
    public AcquireOp Operation => new(Kind, Name, Mode, Lease, Value, Limit, IsTry: Wait == TimeSpan.Zero, OwnTtlMs);
}
