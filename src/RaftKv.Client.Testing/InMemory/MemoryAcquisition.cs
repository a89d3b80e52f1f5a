using System.Net;
using RaftKv.Contract;
using RaftKv.Contract.Bodies;

namespace RaftKv.Client.Testing.InMemory;

/// <summary>What is asked for: a lock, a semaphore's place or a leadership, under a lease of the caller's.</summary>
/// <param name="Root"><c>locks</c>, <c>semaphores</c> or <c>elections</c>.</param>
internal sealed record AcquireOrder(string Root, string Name, AcquireBody Body)
{
    internal string Lease => Body.Lease ?? throw new InvalidOperationException("The client brings a lease of its own.");

    internal int Limit => Body.Limit ?? 0;

    internal char Mode => Root == MemoryQueue.Semaphores ? MemoryPlace.Counted
        : Body.Mode == LockModes.Shared ? MemoryPlace.Shared : MemoryPlace.Exclusive;

    internal RaftKvKey Key => MemoryQueue.KeyOf(Root, Name, Mode, Lease);
}

/// <summary>Takes a place in a queue and waits until it holds; whatever ends the wait otherwise gives the place back.</summary>
internal sealed class MemoryAcquisition(MemoryCluster cluster)
{
    internal async Task<HttpResponseMessage> RunAsync(AcquireOrder order, CancellationToken cancellationToken)
    {
        TimeSpan wait = Durations.TryParse(order.Body.Wait, out TimeSpan given) ? given : TimeSpan.FromSeconds(30);
        long startTimestamp = cluster.Time.GetTimestamp();
        lock (cluster.Gate)
        {
            cluster.EndDue();
            if (Enter(order, isTry: wait == TimeSpan.Zero) is { } refusal)
            {
                return refusal;
            }
        }

        try
        {
            while (true)
            {
                Task changed;
                TimeSpan left = wait - cluster.Time.GetElapsedTime(startTimestamp);
                lock (cluster.Gate)
                {
                    cluster.EndDue();
                    if (Settled(order, left) is { } answer)
                    {
                        return answer;
                    }

                    changed = cluster.Store.Changed;
                }

                await changed.WaitAsync(left, cluster.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException)
        {
            lock (cluster.Gate)
            {
                cluster.Leave(order.Key);
            }

            throw;
        }
    }

    /// <summary>Takes the place; a refusal when there is none to be had, and then nothing was written.</summary>
    private HttpResponseMessage? Enter(AcquireOrder order, bool isTry)
    {
        if (cluster.Leases.TtlOf(order.Lease) is null)
        {
            return Problem(HttpStatusCode.NotFound, ErrorCodes.LeaseNotFound, "The lease does not exist, so nothing was written.");
        }

        if (order.Name.Contains('\0', StringComparison.Ordinal))
        {
            return Problem(HttpStatusCode.BadRequest, ErrorCodes.InvalidRequest, "A name has no zero in it.");
        }

        MemoryQueue queue = cluster.Queue(order.Root, order.Name);
        if (queue.Limit > 0 && queue.Limit != order.Limit)
        {
            return Problem(HttpStatusCode.Conflict, ErrorCodes.LimitMismatch, "The semaphore is held under another limit.");
        }

        if (isTry && !queue.WouldHold(order.Mode, order.Limit))
        {
            return Held(queue);
        }

        string owner = order.Body.Owner ?? order.Body.Value ?? "";
        cluster.Enter(order.Root, order.Name, order.Key, MemoryPlace.ValueOf(order.Root, order.Limit, owner), order.Lease);
        return null;
    }

    /// <summary>The answer when there is one; null while the place waits.</summary>
    private HttpResponseMessage? Settled(AcquireOrder order, TimeSpan left)
    {
        MemoryQueue queue = cluster.Queue(order.Root, order.Name);
        MemoryPlace? own = queue.Places.FirstOrDefault(place => place.Entry.Key == order.Key);
        if (own is null)
        {
            return Problem(HttpStatusCode.NotFound, ErrorCodes.LeaseNotFound, "The place is gone: its lease ended, or it was released.");
        }

        if (queue.Holders.Contains(own))
        {
            return Granted(order, own);
        }

        if (left > TimeSpan.Zero)
        {
            return null;
        }

        cluster.Leave(order.Key);
        return Held(cluster.Queue(order.Root, order.Name));
    }

    private HttpResponseMessage Granted(AcquireOrder order, MemoryPlace own)
    {
        long revision = cluster.Store.Revision;
        long ttlMs = (long)(cluster.Leases.TtlOf(order.Lease) ?? TimeSpan.Zero).TotalMilliseconds;
        return order.Root == MemoryQueue.Elections
            ? MemoryWire.Answer(
                new LeadershipAnswer { Name = order.Name, Token = own.Token, Value = own.Owner, Lease = order.Lease, TtlMs = ttlMs },
                AnswerJson.Default.LeadershipAnswer, revision, HttpStatusCode.Created)
            : MemoryWire.Answer(
                new GrantAnswer
                {
                    Name = order.Name,
                    FencingToken = own.Token,
                    Mode = own.ModeWord,
                    Owner = own.Owner,
                    Lease = order.Lease,
                    TtlMs = ttlMs,
                },
                AnswerJson.Default.GrantAnswer, revision, HttpStatusCode.Created);
    }

    private HttpResponseMessage Held(MemoryQueue queue) => MemoryWire.Problem(
        HttpStatusCode.Conflict, ErrorCodes.LockHeld, "Others hold it, and it did not become free in time; no place in the queue was kept.",
        cluster.Store.Revision, problem => problem with
        {
            Holders = [.. queue.Holders.Select(place => MemoryWire.Holder(place, cluster.Leases.RemainingOf(place.Entry.Lease!)))],
            QueueLength = queue.Waiters.Count(),
        });

    private HttpResponseMessage Problem(HttpStatusCode status, string code, string detail) =>
        MemoryWire.Problem(status, code, detail, cluster.Store.Revision);
}
