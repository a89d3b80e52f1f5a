using Amazon.Runtime;

namespace RaftKv.Backups.Targets;

/// <summary>How patient calls to an object store are, and who makes them.</summary>
/// <param name="Patience">The longest time of a call with what is repeated of it.</param>
/// <param name="Retries">How often the library repeats a call that failed in a way that may pass.</param>
/// <param name="Who">Null for whom the environment names.</param>
internal sealed record S3Limits(TimeSpan Patience, int Retries, AWSCredentials? Who)
{
    /// <summary>In two minutes a part of 8 MiB comes through at 0.6 Mbit/s.</summary>
    public static S3Limits Usual { get; } = new(TimeSpan.FromMinutes(2), Retries: 3, Who: null);
}
