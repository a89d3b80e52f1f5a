namespace RaftKv.Client;

/// <summary>How a watch runs.</summary>
public sealed record WatchOptions
{
    /// <summary>First revision to deliver; null begins with what comes after the call.</summary>
    public long? StartRevision { get; init; }

    /// <summary>Deliver the value before each change too.</summary>
    public bool WithPreviousValues { get; init; }

    /// <summary>Deliver only puts or only deletes; null delivers both.</summary>
    public WatchEventType? Only { get; init; }

    /// <summary>
    /// What happens when the next revision is compacted, after a long disconnection for instance. With
    /// <see cref="WatchCompaction.Snapshot"/> a watch without <see cref="StartRevision"/> also begins with a snapshot.
    /// </summary>
    public WatchCompaction OnCompacted { get; init; }

    /// <summary>
    /// Also yield <see cref="WatchBookmark"/>: "everything up to this revision was delivered", for consumers that keep
    /// their position.
    /// </summary>
    public bool WithBookmarks { get; init; }

    /// <summary>
    /// How often a quiet stream says that it lives. After three intervals without a word the watch goes on at another
    /// node. Default 10 s; at least 100 ms.
    /// </summary>
    public TimeSpan BookmarkInterval
    {
        get;
        init => field = value >= TimeSpan.FromMilliseconds(100) && value <= TimeSpan.FromHours(1)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(BookmarkInterval), value, "From 100 ms to one hour.");
    } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The level at which a node must be able to read to be taken for the stream, at the start and at each resumption;
    /// null means the client's default.
    /// </summary>
    public ReadLevel? Level { get; init; }

    /// <summary>Told of each broken connection with its reason, before the watch tries again. Must not block or throw.</summary>
    public Action<Exception>? Disconnected { get; init; }

    /// <summary>Told of each connection that stands. Must not block or throw.</summary>
    public Action<ResponseMetadata>? Connected { get; init; }
}

/// <summary>What a watch does when the revisions that it needs are compacted.</summary>
public enum WatchCompaction
{
    /// <summary>It ends with <see cref="RaftKvCompactedException"/>: the consumer decides.</summary>
    Throw = 0,

    /// <summary>It yields the present state as <see cref="WatchSnapshot"/>, in place of what is gone, and goes on.</summary>
    Snapshot = 1,
}
