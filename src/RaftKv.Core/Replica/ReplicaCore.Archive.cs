using RaftKv.Core.Raft.Log;

namespace RaftKv.Core.Replica;

/// <summary>Applied entries of the log, for an archive.</summary>
/// <param name="Entries">Without a gap; none when there is nothing new.</param>
public sealed record LogPiece(IReadOnlyList<LogEntry> Entries);

public sealed partial class ReplicaCore
{
    /// <summary>
    /// Entries from an index on that are applied here, and therefore committed: at least one when there is any, and about so
    /// many bytes. Null when the log does not hold that entry any more.
    /// </summary>
    public LogPiece? ReadLog(LogIndex from, int maxBytes)
    {
        RaftLog log = Raft.Log;
        if (from < log.FirstIndex)
        {
            return null;
        }

        List<LogEntry> entries = [];
        long bytes = 0;
        for (LogIndex index = from; index <= _appliedEntry.Index && (entries.Count == 0 || bytes < maxBytes); index = index.Next)
        {
            LogEntry entry = log.EntryAt(index);
            bytes += entry.SizeBytes;
            entries.Add(entry);
        }

        return new LogPiece(entries);
    }
}
