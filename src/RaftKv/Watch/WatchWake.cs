namespace RaftKv.Watch;

/// <summary>Why a parked watcher goes on.</summary>
public enum WatchWake : byte
{
    /// <summary>There may be something to read from <see cref="Watcher.Next"/> on, or that revision is gone.</summary>
    Changes = 0,

    /// <summary>Nothing came within the patience; everything below <see cref="Watcher.Next"/> is settled.</summary>
    Due = 1,

    /// <summary>The node is leaving.</summary>
    Stopping = 2,

    /// <summary>Whoever watched has gone.</summary>
    Cancelled = 3,
}
