namespace RaftKv.Diagnostics;

/// <summary>Sentences about backups. Ids 1040 to 1049.</summary>
internal static partial class BackupLog
{
    [LoggerMessage(1040, LogLevel.Information, "Backup {Id} is whole: {Bytes} bytes, sha-256 {Sha256}")]
    public static partial void Done(ILogger logger, string id, long bytes, string sha256);

    [LoggerMessage(1041, LogLevel.Error, "Backup {Id} failed: {Problem}")]
    public static partial void Failed(ILogger logger, string id, string problem);

    [LoggerMessage(
        1042, LogLevel.Warning, "The newest backup in {Directory} is {AgeSeconds} s old; one every {EverySeconds} s was asked for")]
    public static partial void Overdue(ILogger logger, string directory, long ageSeconds, long everySeconds);

    [LoggerMessage(1043, LogLevel.Error, "The log could not be archived in {Directory}: {Problem}")]
    public static partial void LogFailed(ILogger logger, string directory, string problem);
}
