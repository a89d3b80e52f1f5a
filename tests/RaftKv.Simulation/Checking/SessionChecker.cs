using RaftKv.Core.Reads;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// A4 and A5: each client's past is put together anew from what it did and whom it heard from, whatever its token said;
/// reads that promise so must have it, and writes come after it. Revisions are honest by A7, so they stand for the past.
/// </summary>
internal static class SessionChecker
{
    public static void Check(List<ClientOperation> operations, List<Handoff> handoffs)
    {
        var pasts = new Dictionary<int, Past>();
        List<(long At, ClientOperation? Operation, bool IsReturn, Handoff Handoff)> events = [];
        foreach (ClientOperation operation in operations)
        {
            events.Add((operation.InvokedAt, operation, false, default));
            if (operation.Outcome == OperationOutcome.Ok)
            {
                events.Add((operation.ReturnedAt, operation, true, default));
            }
        }

        foreach (Handoff handoff in handoffs)
        {
            events.Add((handoff.At, null, false, handoff));
        }

        events.Sort(static (a, b) => a.At.CompareTo(b.At));
        var atInvocation = new Past[operations.Count == 0 ? 1 : operations[^1].Id + 1];
        foreach ((_, ClientOperation? operation, bool isReturn, Handoff handoff) in events)
        {
            if (operation is null)
            {
                pasts[handoff.To] = Past.Merge(PastOf(pasts, handoff.To), PastOf(pasts, handoff.From));
            }
            else if (!isReturn)
            {
                atInvocation[operation.Id] = PastOf(pasts, operation.Client);
            }
            else
            {
                Demand(operation, atInvocation[operation.Id]);
                pasts[operation.Client] = Past.Merge(PastOf(pasts, operation.Client), After(operation));
            }
        }
    }

    private static Past PastOf(Dictionary<int, Past> pasts, int client) => pasts.TryGetValue(client, out Past past) ? past : default;

    private static Past After(ClientOperation operation) => operation.IsRead
        ? new Past(operation.ViewRevision, 0, operation.ViewIndex)
        : new Past(0, operation.Result!.Revision.Value, operation.Entry.Index.Value);

    private static void Demand(ClientOperation operation, Past past)
    {
        if (!operation.IsRead)
        {
            // Monotonic writes, and writes follow reads.
            long place = operation.Entry.Index.Value;
            Demand(place > past.Index, operation, $"write at {place}, the client had seen {past.Index}");
            return;
        }

        ReadLevel level = operation.Terms.Level;
        bool needsBoth = operation.IsStrong || level is ReadLevel.Session or ReadLevel.Causal or ReadLevel.Sequential;
        bool needsWrites = needsBoth || level == ReadLevel.ReadYourWrites;
        bool needsReads = needsBoth || level == ReadLevel.MonotonicReads;
        Demand(
            !needsWrites || operation.ViewRevision >= past.Written, operation,
            $"view at revision {operation.ViewRevision}, the client had written {past.Written}");
        Demand(
            !needsReads || operation.ViewRevision >= past.Read, operation,
            $"view at revision {operation.ViewRevision}, the client had read {past.Read}");
    }

    private static void Demand(bool condition, ClientOperation operation, string problem)
    {
        if (!condition)
        {
            string rule = operation is { IsRead: true, Terms.Level: ReadLevel.Causal } ? "A5" : "A4";
            throw new SimulationViolationException(
                rule, $"operation {operation.Id} ({operation.Terms.Level}) of client {operation.Client}: {problem}");
        }
    }

    private readonly record struct Past(long Read, long Written, long Index)
    {
        public static Past Merge(Past a, Past b) =>
            new(Math.Max(a.Read, b.Read), Math.Max(a.Written, b.Written), Math.Max(a.Index, b.Index));
    }
}
