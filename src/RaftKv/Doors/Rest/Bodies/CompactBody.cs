namespace RaftKv.Doors.Rest.Bodies;

/// <summary>Body of POST /compact.</summary>
internal sealed record CompactBody
{
    /// <summary>Versions that no read at or after this revision can see are forgotten.</summary>
    public long? Revision { get; init; }
}
