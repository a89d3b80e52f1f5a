using RaftKv.Core;
using RaftKv.Doors.Http;
using RaftKv.Service.Refusals;
using RaftKv.Service.Watches;
using RaftKv.Watch;

namespace RaftKv.Doors.Rest.Watches;

/// <summary>Opens feeds for requests.</summary>
internal static class Feeds
{
    /// <summary>A feed that ends with the request, or a refusal when too many wait on this node.</summary>
    public static ChangeFeed Open(Exchange exchange, WatchSelector selector, Revision next) =>
        ChangeFeed.TryOpen(exchange.Node, selector, next, exchange.ClientGone) ?? throw new ApiException(ErrorMapper.TooManyWatchers());
}
