namespace RaftKv.Doors.Rest.Bodies;

/// <summary>Body of POST /compact.</summary>
internal sealed record CompactBody
{
    /// <summary>Versions that no read at or after this revision can see are forgotten.</summary>
    public long? Revision { get; init; }

    /// <summary>The answer comes when they are removed.</summary>
    public bool? Physical { get; init; }
}
