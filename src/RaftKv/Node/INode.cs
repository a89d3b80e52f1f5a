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
    /// Waits until what a compaction made obsolete is removed from this node's view; false when it is not in time.
    /// </summary>
    ValueTask<bool> WaitForRemovalAsync(Revision compacted, TimeSpan timeout, CancellationToken cancellationToken);
}
