using RaftKv.Core.Reads;
using RaftKv.Simulation.Clients;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// A6, in true time: an answer that claims to be at most B old has every write that was acknowledged to anyone earlier
/// than B before it; a bounded one has those of its bound before the call, and lags no more revisions than it may. Drift
/// is no excuse: clocks run within what is allowed for.
/// </summary>
internal static class StalenessChecker
{
    public static void Check(List<ClientOperation> operations)
    {
        List<ClientOperation> writes = operations.FindAll(static o => !o.IsRead && o.Outcome == OperationOutcome.Ok);
        writes.Sort(static (a, b) => a.ReturnedAtUs.CompareTo(b.ReturnedAtUs));
        long[] times = new long[writes.Count];
        long[] newestIndex = new long[writes.Count];
        long[] newestRevision = new long[writes.Count];
        for (int i = 0; i < writes.Count; i++)
        {
            times[i] = writes[i].ReturnedAtUs;
            newestIndex[i] = Math.Max(i == 0 ? 0 : newestIndex[i - 1], writes[i].Entry.Index.Value);
            newestRevision[i] = Math.Max(i == 0 ? 0 : newestRevision[i - 1], writes[i].Result!.Revision.Value);
        }

        foreach (ClientOperation read in operations)
        {
            if (read is { IsRead: true, Outcome: OperationOutcome.Ok })
            {
                CheckClaim(read, times, newestIndex);
                CheckBounds(read, times, newestIndex, newestRevision);
            }
        }
    }

    private static void CheckClaim(ClientOperation read, long[] times, long[] newestIndex)
    {
        if (read.BoundUs is not { } bound)
        {
            return;
        }

        // What is linearizable speaks of the call, a proof of the moment when it was looked at.
        long since = bound == 0 ? read.InvokedAtUs : read.DecidedAtUs - bound;
        long needed = NewestBefore(times, newestIndex, since);
        Demand(read.ViewIndex >= needed, read, $"claims {bound} us, has index {read.ViewIndex} and misses {needed}");
    }

    private static void CheckBounds(ClientOperation read, long[] times, long[] newestIndex, long[] newestRevision)
    {
        if (read.Terms.Level != ReadLevel.Bounded)
        {
            return;
        }

        if (read.Terms.MaxStalenessUs is { } most)
        {
            long needed = NewestBefore(times, newestIndex, read.InvokedAtUs - most);
            Demand(read.BoundUs <= most, read, $"may be {most} us old and claims {read.BoundUs}");
            Demand(read.ViewIndex >= needed, read, $"may be {most} us old, has index {read.ViewIndex} and misses {needed}");
        }

        if (read.Terms.MaxLagRevisions is { } lag)
        {
            long needed = NewestBefore(times, newestRevision, read.InvokedAtUs) - lag;
            Demand(read.ViewRevision >= needed, read, $"may lag {lag} revisions, has {read.ViewRevision} and needs {needed}");
        }
    }

    /// <summary>The newest of what was acknowledged strictly before a time.</summary>
    private static long NewestBefore(long[] times, long[] newest, long timeUs)
    {
        int low = 0;
        int high = times.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (times[middle] < timeUs)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low == 0 ? 0 : newest[low - 1];
    }

    private static void Demand(bool condition, ClientOperation read, string problem)
    {
        if (!condition)
        {
            throw new SimulationViolationException("A6", $"read {read.Id} ({read.Terms.Level}): {problem}");
        }
    }
}
