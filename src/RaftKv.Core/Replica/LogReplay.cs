using RaftKv.Core.Raft.Log;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store;

namespace RaftKv.Core.Replica;

/// <summary>
/// Applies entries of a log to a store without a node: for restores. What comes of it is what a node has after the same
/// entries (R11).
/// </summary>
public static class LogReplay
{
    /// <summary>Applies the entry that follows the store's last one. Publish the store afterwards.</summary>
    /// <exception cref="UnsupportedVersionException">The entry needs a version that this build does not support.</exception>
    public static void Apply(MvccStore store, LogEntry entry)
    {
        ArgumentNullException.ThrowIfNull(store);
        switch (entry.Kind)
        {
            case EntryKind.Command:
                bool hasEnvelope = CommandEnvelope.TryRead(entry.Payload.Span, out _, out _, out _);
                Check.That(hasEnvelope, "a command entry has an envelope", entry.Index.Value, entry.Payload.Length);
                store.Apply(entry.Index, entry.Payload[CommandEnvelope.HeaderBytes..], entry.Term);
                break;
            case EntryKind.Noop:
                store.Begin(entry.Index, entry.Payload.Span);
                break;
            case EntryKind.Membership:
                store.Skip(entry.Index);
                break;
            default:
                Check.Unreachable<bool>(entry.Kind);
                break;
        }
    }
}
