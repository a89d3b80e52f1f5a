using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Store.Commands;
using RaftKv.Engine;
using RaftKv.Service.Calls;
using RaftKv.Service.Refusals;

namespace RaftKv.Service.Leases;

/// <summary>
/// What the leader says of leases, which no log entry tells: renewals, and the time that is left. For every door; stateless.
/// </summary>
internal static class LeaseDesk
{
    /// <summary>Renews a lease.</summary>
    public static async ValueTask<LeaseOutcome> RenewAsync(ServiceCall call, LeaseId lease)
    {
        if (call.RefusalOf(OperationRights.Lease) is { } denied)
        {
            return Tell(call, lease, isRenewal: true, new LeaseOutcome(default, denied));
        }

        long before = call.Context.Time.GetTimestamp();
        LeaseTimesResult renewed = await call.Node.KeepAliveAsync(lease, call.Patience, call.ClientGone);
        call.Waited(before);
        return Tell(call, lease, isRenewal: true, OutcomeOf(call, renewed));
    }

    /// <summary>How long a lease still lives.</summary>
    public static async ValueTask<LeaseOutcome> TimeOfAsync(ServiceCall call, LeaseId lease)
    {
        LeaseOutcome outcome = call.RefusalOf(OperationRights.Lease) is { } denied
            ? new LeaseOutcome(default, denied)
            : OutcomeOf(call, await call.Node.LeaseTimesAsync([lease], call.Patience, call.ClientGone));
        return Tell(call, lease, isRenewal: false, outcome);
    }

    /// <summary>
    /// How long leases still live, in their order, as far as a leader says so soon; else none. Of more than an engine takes
    /// at once, the first.
    /// </summary>
    public static async ValueTask<IReadOnlyList<LeaseTime>> GlanceAsync(
        ServiceCall call, IReadOnlyList<LeaseId> leases, TimeSpan patience)
    {
        if (leases.Count == 0)
        {
            return [];
        }

        LeaseId[] asked = [.. leases.Take(IEngine.MaxLeasesPerAsk)];
        LeaseTimesResult result = await call.Node.LeaseTimesAsync(asked, patience, CancellationToken.None);
        return result.IsGranted ? result.Times : [];
    }

    private static LeaseOutcome Tell(ServiceCall call, LeaseId lease, bool isRenewal, LeaseOutcome outcome)
    {
        call.LeaseAsked(lease, isRenewal, outcome.Refusal);
        return outcome;
    }

    private static LeaseOutcome OutcomeOf(ServiceCall call, LeaseTimesResult result)
    {
        if (!result.IsGranted)
        {
            return new LeaseOutcome(default, ErrorMapper.FromRefusedBarrier(result.IsShuttingDown, call.Node.Phase));
        }

        return result.Times[0].Lives
            ? new LeaseOutcome(result.Times[0], Refusal: null)
            : new LeaseOutcome(result.Times[0], ErrorMapper.NoSuchLease());
    }
}

/// <summary>What came of asking for a lease.</summary>
/// <param name="Time">Of a lease that lives.</param>
/// <param name="Refusal">Why there is none; null when it lives.</param>
internal readonly record struct LeaseOutcome(LeaseTime Time, ApiError? Refusal);
