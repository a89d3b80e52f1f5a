using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Service.Calls;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Reads;

/// <summary>Errors of a read at a revision that the view does not have.</summary>
internal static class RevisionErrors
{
    /// <summary>
    /// Compacted is final. A future revision is a mistake when the view is not stale; on a node that may lag it is only
    /// not here yet.
    /// </summary>
    public static ApiError From(ServiceCall call, ReadStatus status) => status switch
    {
        ReadStatus.Compacted => ErrorMapper.Compacted() with { CompactedRevision = call.View.CompactedRevision.Value },
        ReadStatus.FutureRevision when !call.IsFresh => ReadFlow.Unmet(
            call, call.Terms.Read, "This node has not reached that revision yet. Try again, or read linearizable."),
        ReadStatus.FutureRevision => ErrorMapper.FutureRevision(),
        _ => Check.Unreachable<ApiError>(status),
    };
}
