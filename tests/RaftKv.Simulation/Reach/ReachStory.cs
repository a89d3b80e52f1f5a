using RaftKv.Core.Raft.Log;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Simulation.Checking;
using RaftKv.Simulation.Clients;

namespace RaftKv.Simulation.Reach;

/// <summary>What a world came to: for states that only the whole history shows.</summary>
/// <param name="Commands">Every committed command.</param>
/// <param name="Results">The answers, by index - 1.</param>
/// <param name="Noops">First entries of the terms, in order.</param>
internal sealed record ReachStory(
    List<(LogEntry Entry, KvCommand Command)> Commands, List<CommandResult?> Results, List<LogEntry> Noops, NaiveStore Replayed,
    List<ClientOperation> Operations, List<LeaseAsk> Asks)
{
    private OperationIndex? _index;

    /// <summary>The write that an entry is; null for a leader's own.</summary>
    public ClientOperation? OperationOf(LogEntry entry) => (_index ??= new OperationIndex(Operations)).Find(entry);

    /// <summary>The cluster's version before the raise at an index.</summary>
    public int VersionBefore(long raise) => Replayed.VersionsBefore[raise];

    public CommandResult ResultOf(LogEntry entry) => Results[(int)entry.Index.Value - 1]!;
}
