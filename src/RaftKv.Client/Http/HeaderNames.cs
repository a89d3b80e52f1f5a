namespace RaftKv.Client.Http;

/// <summary>The contract's own header names, once.</summary>
internal static class HeaderNames
{
    internal const string Consistency = "RaftKv-Consistency";
    internal const string MaxStaleness = "RaftKv-Max-Staleness";
    internal const string MaxLag = "RaftKv-Max-Lag";
    internal const string OnUnmet = "RaftKv-On-Unmet";
    internal const string Timeout = "RaftKv-Timeout";
    internal const string Session = "RaftKv-Session";
    internal const string WriteConcern = "RaftKv-Write-Concern";
    internal const string Fence = "RaftKv-Fence";
    internal const string Revision = "RaftKv-Revision";
    internal const string Term = "RaftKv-Term";
    internal const string AppliedIndex = "RaftKv-Applied-Index";
    internal const string ServedBy = "RaftKv-Served-By";
    internal const string Role = "RaftKv-Role";
    internal const string Leader = "RaftKv-Leader";
    internal const string StalenessMs = "RaftKv-Staleness-Ms";
    internal const string Replayed = "RaftKv-Replayed";
    internal const string Receipt = "RaftKv-Receipt";
    internal const string IdempotencyKey = "Idempotency-Key";
    internal const string ClientSession = "RaftKv-Client-Session";
}
