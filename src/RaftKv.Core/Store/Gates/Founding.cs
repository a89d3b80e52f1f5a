namespace RaftKv.Core.Store.Gates;

/// <summary>
/// Payload of the first entry of a log, a no-op: one byte, the version in which the cluster begins.
/// </summary>
public static class Founding
{
    /// <summary>The payload that says a version.</summary>
    public static byte[] PayloadOf(ClusterVersion version) => [(byte)version.Value];

    /// <summary>The version that a payload says; none when it is no such payload.</summary>
    public static ClusterVersion VersionIn(ReadOnlySpan<byte> payload) => payload.Length == 1 ? new ClusterVersion(payload[0]) : default;
}
