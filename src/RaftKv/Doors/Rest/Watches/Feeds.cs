using RaftKv.Core;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Http;
using RaftKv.Service.Refusals;
using RaftKv.Service.Watches;
using RaftKv.Watch;

namespace RaftKv.Doors.Rest.Watches;

/// <summary>Opens feeds for requests.</summary>
internal static class Feeds
{
    /// <summary>A feed that ends with the request, or a refusal when too many wait on this node.</summary>
    /// <exception cref="ApiException">Too many wait, the caller has no share left, or may not see all these keys.</exception>
    public static ChangeFeed Open(Exchange exchange, WatchSelector selector, Revision next, KeyRights rights = KeyRights.Watch)
    {
        if (exchange.Share?.EnterWatch(selector.Keys) is { } tooMuch)
        {
            throw new ApiException(tooMuch);
        }

        ChangeFeed feed = ChangeFeed.TryOpen(exchange, selector, next, exchange.ClientGone, rights)
            ?? throw new ApiException(ErrorMapper.TooManyWatchers());
        if (exchange.Refused(feed.Refusal) is not { } refusal)
        {
            return feed;
        }

        feed.Dispose();
        throw new ApiException(refusal);
    }
}
