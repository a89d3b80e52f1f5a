using RaftKv.Backups.Targets;
using RaftKv.Core;

namespace RaftKv.Backups;

/// <summary>How far a backup is.</summary>
internal enum BackupState
{
    Running,
    Done,
    Failed,
}

/// <summary>A backup that this node made, or makes. Immutable, but for the count of bytes. Any thread.</summary>
/// <param name="EstimatedBytes">About how large the file will be.</param>
internal sealed record BackupRun(BackupName Name, BackupState State, bool IsScheduled, long EstimatedBytes)
{
    private long _writtenBytes;

    /// <summary>Bytes written so far.</summary>
    public long WrittenBytes
    {
        get => Interlocked.Read(ref _writtenBytes);
        set => Interlocked.Exchange(ref _writtenBytes, value);
    }

    /// <summary>Last entry in it; zero for one that is known from the directory only.</summary>
    public LogIndex AppliedIndex { get; init; }

    /// <summary>Digest of the file, when it is done.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Why it failed, in a sentence.</summary>
    public string? Problem { get; init; }
}
