using System.Globalization;
using RaftKv.Core.Raft.Log;

namespace RaftKv.Core.Disk.Log;

/// <summary>A record as a reader meets it, for tools.</summary>
/// <param name="File">Its segment.</param>
/// <param name="Text">What it says, in one line: fields as name=value.</param>
public readonly record struct WalRecordSeen(string File, WalRecord Record, string Text)
{
    internal static WalRecordSeen From(string file, ReadOnlySpan<byte> segment, WalRecord record)
    {
        ReadOnlySpan<byte> payload = segment.Slice(record.PayloadOffset, record.PayloadBytes);
        return new WalRecordSeen(file, record, Describe(record.Type, payload));
    }

    private static string Describe(WalRecordType type, ReadOnlySpan<byte> payload)
    {
        if (type == WalRecordType.Entry && WalRecord.TryReadEntry(payload, out LogEntry entry))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"index={entry.Index} term={entry.Term} kind={entry.Kind} payloadBytes={entry.Payload.Length}");
        }

        if (type == WalRecordType.HardState && WalRecord.TryReadHardState(payload, out HardState state))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"term={state.Term} votedFor={state.VotedFor} commit={state.CommitIndex} heard={state.Heard.Node} led={state.Heard.Term}");
        }

        if (type == WalRecordType.LogStart && WalRecord.TryReadLogStart(payload, out EntryId start))
        {
            return string.Create(CultureInfo.InvariantCulture, $"after index={start.Index} term={start.Term}");
        }

        return "";
    }
}
