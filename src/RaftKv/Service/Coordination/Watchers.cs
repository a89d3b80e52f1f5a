using RaftKv.Doors.Http;
using RaftKv.Service.Refusals;
using RaftKv.Watch;

namespace RaftKv.Service.Coordination;

/// <summary>Opens watchers for requests.</summary>
internal static class Watchers
{
    /// <summary>A watcher that ends with the request, or a refusal when too many wait on this node.</summary>
    public static Watcher Open(Exchange exchange, WatchSelector selector) =>
        exchange.Node.Watches.TryOpen(selector, exchange.Context.RequestAborted)
        ?? throw new ApiException(new ApiError(
            ErrorCode.Overloaded, "Too many requests wait for changes on this node. Poll without waiting, or try another node."));
}
