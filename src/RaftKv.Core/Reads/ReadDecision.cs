using RaftKv.Core.Calls;

namespace RaftKv.Core.Reads;

/// <summary>What a reader must do; a closed set.</summary>
public abstract record ReadDecision
{
    private protected ReadDecision()
    {
    }
}

/// <summary>Read the point's view.</summary>
/// <param name="StalenessBoundUs">Everything that was acknowledged so long before the call is in the view; 0 for what is
/// linearizable, null when nothing is proven.</param>
public sealed record ServeDecision(long? StalenessBoundUs) : ReadDecision
{
    /// <summary>A linearizable answer.</summary>
    public static ServeDecision Linearizable { get; } = new(0L);

    /// <summary>Nothing is known of its age.</summary>
    public static ServeDecision Unproven { get; } = new((long?)null);
}

/// <summary>Ask for a barrier, and then <see cref="ReadPlanner.DecideAfterBarrier"/>.</summary>
public sealed record NeedsBarrierDecision(ReadDemand Demand) : ReadDecision
{
    /// <summary>A barrier without any ease.</summary>
    public static NeedsBarrierDecision Linearizable { get; } = new(default(ReadDemand));

    /// <summary>The leader's lease is enough.</summary>
    public static NeedsBarrierDecision Lease { get; } = new(new ReadDemand(AllowsLeaderLease: true));
}

/// <summary>Wait until the view has this revision, and decide anew.</summary>
public sealed record NeedsRevisionDecision(Revision Revision) : ReadDecision;

/// <summary>Wait until every voter has applied the log up to here, and then <see cref="ReadCourse.AfterAllApplied"/>.</summary>
public sealed record NeedsAllAppliedDecision(LogIndex Index) : ReadDecision;

/// <summary>Pass the read on to the leader, once; its answer is this node's.</summary>
public sealed record ForwardDecision(NodeId Leader) : ReadDecision;

/// <summary>Read nothing.</summary>
public sealed record RefuseDecision(ReadRefusal Reason) : ReadDecision;

/// <summary>Why a read is refused.</summary>
public enum ReadRefusal : byte
{
    /// <summary>The level can't be met here in time.</summary>
    Unmet = 0,

    /// <summary>Not every voter has applied what would be shown, in time.</summary>
    NotAllApplied = 1,

    /// <summary>The node is stopping.</summary>
    ShuttingDown = 2,
}
