using RaftKv.Core;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Http;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Reads;

/// <summary>Errors of a read at a revision that the view does not have.</summary>
internal static class RevisionErrors
{
    /// <summary>
    /// Compacted is final. A future revision is a mistake when the view is not stale; on a node that may lag it is only
    /// not here yet.
    /// </summary>
    public static ApiError From(Exchange exchange, ReadStatus status) => status switch
    {
        ReadStatus.Compacted => ErrorMapper.Compacted() with { CompactedRevision = exchange.View.CompactedRevision.Value },
        ReadStatus.FutureRevision when !exchange.IsFresh => ReadFlow.Unmet(
            exchange, exchange.Terms.Read, "This node has not reached that revision yet. Try again, or read linearizable.").Error,
        ReadStatus.FutureRevision => ErrorMapper.FutureRevision(),
        _ => Check.Unreachable<ApiError>(status),
    };
}
