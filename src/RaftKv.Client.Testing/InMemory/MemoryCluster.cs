namespace RaftKv.Client.Testing.InMemory;

/// <summary>What the double consists of: a store, leases, and the queues in the store, under one lock.</summary>
internal sealed class MemoryCluster
{
    private readonly HashSet<(string Root, string Name)> _queues = [];
    private readonly ITimer _timer;

    internal MemoryCluster(TimeProvider time)
    {
        Time = time;
        Leases = new MemoryLeases(time);
        Store = new MemoryStore(Leases.HasEnded);
        _timer = time.CreateTimer(static state => ((MemoryCluster)state!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Whoever uses the rest holds it.</summary>
    internal Lock Gate { get; } = new();

    internal TimeProvider Time { get; }

    internal MemoryStore Store { get; }

    internal MemoryLeases Leases { get; }

    /// <summary>Ends what is due, and sees to it that the next one is looked at in time.</summary>
    internal void EndDue()
    {
        foreach (string id in Leases.Due())
        {
            End(id, WatchEventReason.Expired);
        }

        // Timers of the platform take at most some 49 days at once.
        if (Leases.UntilNext is { } next)
        {
            _timer.Change(next < TimeSpan.FromDays(1) ? next : TimeSpan.FromDays(1), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Ends a lease, one that was granted or one that the test made up; its keys go in one revision.</summary>
    /// <returns>False when there was no such granted lease.</returns>
    internal bool End(string id, WatchEventReason reason)
    {
        bool wasGranted = Leases.TryEnd(id);
        Store.Write(() => Store.Delete(entry => entry.Lease == id, reason));
        return wasGranted;
    }

    internal MemoryQueue Queue(string root, string name) => MemoryQueue.Read(Store, root, name);

    /// <summary>Puts a place into a queue; where it stands is in the queue then.</summary>
    internal void Enter(string root, string name, RaftKvKey key, byte[] value, string lease)
    {
        _queues.Add((root, name));
        Store.Write(() => Store.Put(key, value, lease));
    }

    internal void Leave(RaftKvKey key) => Store.Write(() => Store.Delete(entry => entry.Key == key, WatchEventReason.Deleted));

    internal bool Holds(Fence fence) =>
        Queue(MemoryQueue.RootOf(fence.Kind), fence.Name).Holders.Any(holder => holder.Token == fence.Token);

    /// <summary>A fence of a queue that somebody stood in is judged by it; any other one is the test's own, and holds.</summary>
    internal bool Allows(Fence fence) => !_queues.Contains((MemoryQueue.RootOf(fence.Kind), fence.Name)) || Holds(fence);

    private void Tick()
    {
        lock (Gate)
        {
            EndDue();
        }
    }
}
