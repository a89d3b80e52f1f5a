using RaftKv.Client;

namespace RaftKv.BackgroundWork;

/// <summary>How an outbox delivers.</summary>
public sealed record WatchOutboxOptions
{
    /// <summary>Whose position it is: one name for each consumer, kept at the cluster. 1 to 1,000 characters.</summary>
    public required string Name
    {
        get;
        init => field = value is { Length: >= 1 and <= 1_000 }
            ? value
            : throw new ArgumentException("A name has 1 to 1,000 characters.", nameof(Name));
    }

    /// <summary>Most batches that wait in the channel, 1 or more; when it is full the watch waits. Default 100.</summary>
    public int Capacity
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(Capacity), value, "1 or more.");
    } = 100;

    /// <summary>The position is written after so many acknowledged batches, 1 or more: what a crash may deliver again. Default 1.</summary>
    public int CheckpointEvery
    {
        get;
        init => field = value >= 1 ? value : throw new ArgumentOutOfRangeException(nameof(CheckpointEvery), value, "1 or more.");
    } = 1;

    /// <summary>
    /// What happens when what comes next is compacted: the channel ends with <see cref="RaftKvCompactedException"/>, or the
    /// present state is delivered in its place, and also the first time ever.
    /// </summary>
    public WatchCompaction OnCompacted { get; init; }

    /// <summary>Under whose lock, leadership or shard it runs: a position that comes too late is refused. Null for none.</summary>
    public Fence? Fence { get; init; }

    internal RaftKvKey PositionKey => "outbox/" + Name;
}
