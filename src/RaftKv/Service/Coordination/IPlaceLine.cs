using RaftKv.Core.Store;
using RaftKv.Core.Store.Tree;
using RaftKv.Watch;

namespace RaftKv.Service.Coordination;

/// <summary>
/// A line of those who wait for the same thing, each with a key of its own in the order of their create revisions. Says
/// what a view means for one place; pure.
/// </summary>
internal interface IPlaceLine
{
    /// <summary>Where a place stands in a view that is at least as new as the one that it was taken in.</summary>
    PlaceState StateOf(StoreView view, KeyValue place);
}

/// <summary>Where a place stands.</summary>
/// <param name="Ahead">For one that waits, what must change before it can hold; else null.</param>
internal readonly record struct PlaceState(PlaceStanding Standing, WatchSelector? Ahead = null);

/// <summary>The three ways in which a place can stand.</summary>
internal enum PlaceStanding
{
    /// <summary>It is not there any more.</summary>
    Gone = 0,

    /// <summary>It stands behind others.</summary>
    Waits = 1,

    /// <summary>It has what the line is for.</summary>
    Holds = 2,
}
