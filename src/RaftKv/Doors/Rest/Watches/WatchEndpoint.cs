using RaftKv.Core;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Http;
using RaftKv.Service.Reads;
using RaftKv.Service.Refusals;

namespace RaftKv.Doors.Rest.Watches;

/// <summary>GET /watch: changes of keys, from now or from a revision on, exactly once each and in order.</summary>
internal static class WatchEndpoint
{
    public static async Task GetAsync(Exchange exchange)
    {
        WatchRequest request = WatchRequest.Parse(exchange);
        if (exchange.Node.Watches.IsStopping)
        {
            throw new ApiException(ErrorMapper.FromRefusedBarrier(isShuttingDown: true, exchange.Node.Phase));
        }

        exchange.WillRead(request.Selector.Keys, request.Rights);
        if (await StartViewAsync(exchange, request) is not { } view)
        {
            return;
        }

        Revision next = request.Start == Revision.Zero ? view.Revision.Next : request.Start;
        bool isGone = next < view.CompactedRevision;
        if (request.IsSnapshot && (request.Start == Revision.Zero || isGone))
        {
            await new WatchStream(exchange, request, view.Revision.Next).RunAsync(view);
            return;
        }

        if (isGone)
        {
            await ProblemWriter.SendAsync(exchange, RevisionErrors.From(exchange, ReadStatus.Compacted));
            return;
        }

        await (request.Format == WatchFormat.Poll
            ? new WatchPoll(exchange, request, next).RunAsync()
            : new WatchStream(exchange, request, next).RunAsync(snapshot: null));
    }

    // A watch from a revision reads nothing first: the changes of a revision are the same on every node, and they come
    // when this node has them.
    private static ValueTask<StoreView?> StartViewAsync(Exchange exchange, WatchRequest request)
    {
        if (request.Start == Revision.Zero || request.IsSnapshot)
        {
            return exchange.ReadViewAsync();
        }

        exchange.Answered(exchange.Node.View, ReadLevel.Eventual, Term.Zero);
        return ValueTask.FromResult<StoreView?>(exchange.View);
    }
}
