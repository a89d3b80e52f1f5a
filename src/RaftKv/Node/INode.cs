using RaftKv.Core;
using RaftKv.Engine;
using RaftKv.Watch;

namespace RaftKv.Node;

/// <summary>A node as doors and service see it: its engine, and who waits for changes of what it publishes.</summary>
public interface INode : IEngine
{
    /// <summary>Who waits for changes of the store here; told of each published view by the loop.</summary>
    WatchHub Watches { get; }

    /// <summary>
    /// Makes the node ready to be stopped: leadership handed over, not ready any more, watches ended, new writes of its own
    /// refused. It goes on to follow, to vote and to answer reads. For good; asked again, it hands leadership over again.
    /// </summary>
    Task DrainAsync() => Task.CompletedTask;

    /// <summary>
    /// True when every other voter says that it drains, so that nobody would take writes once this node drains too. A voter that
    /// does not say counts as one that goes on.
    /// </summary>
    ValueTask<bool> IsLastToDrainAsync(TimeSpan patience, CancellationToken cancellationToken) => ValueTask.FromResult(false);

    /// <summary>
    /// Applied entries of this node's log from an index on, at least one when there is any, and about so many bytes. Null when
    /// the log does not hold them any more, or when there is no log.
    /// </summary>
    Task<IReadOnlyList<LoggedEntry>?> LookIntoLogAsync(LogIndex from, int maxBytes, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<LoggedEntry>?>(null);
}
