namespace RaftKv.Doors.Rest.Bodies;

/// <summary>Body of POST /counters/{key}.</summary>
internal sealed record CounterBody
{
    /// <summary>What to add; null means 1.</summary>
    public long? By { get; init; }
}
