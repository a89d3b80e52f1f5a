using System.Collections.Immutable;
using RaftKv.Core;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica;

namespace RaftKv.Tests.Storage.DiskPath;

/// <summary>What a disk holds after some batches: entries from index 1, and the hard state.</summary>
internal sealed record DiskState(ImmutableList<LogEntry> Entries, HardState HardState)
{
    public static readonly DiskState Empty = new([], default);

    public long LastIndex => Entries.Count;

    /// <summary>The state once a batch is durable; its first entry may overwrite a suffix.</summary>
    public DiskState With(IReadOnlyList<LogEntry> entries, HardState? state)
    {
        ImmutableList<LogEntry> kept = entries.Count == 0 ? Entries : Entries.GetRange(0, (int)entries[0].Index.Value - 1);
        return new DiskState(kept.AddRange(entries), state ?? HardState);
    }

    /// <summary>True when recovery found this: term and vote, and every entry that is not behind the log's start.</summary>
    public bool Matches(RecoveredState found)
    {
        long start = found.LogStart.Index.Value;
        if (found.HardState.Term != HardState.Term || found.HardState.VotedFor != HardState.VotedFor
            || start + found.Entries.Count != LastIndex)
        {
            return false;
        }

        for (int i = 0; i < found.Entries.Count; i++)
        {
            LogEntry mine = Entries[(int)start + i];
            if (mine.Id != found.Entries[i].Id || !mine.Payload.Span.SequenceEqual(found.Entries[i].Payload.Span))
            {
                return false;
            }
        }

        return true;
    }
}
