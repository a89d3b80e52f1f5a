using RaftKv.Core;

namespace RaftKv.Watch;

/// <summary>The two lists that a watcher can be in, one of each kind.</summary>
internal enum WatcherListKind : byte
{
    /// <summary>Those with the same key or prefix, or all with a range.</summary>
    Index = 0,

    /// <summary>Those whose patience ends in the same slot of the wheel.</summary>
    Wheel = 1,
}

/// <summary>A watcher's place in a list; all null when it is in none.</summary>
internal struct WatcherLinks
{
    public WatcherList? List;
    public Watcher? Previous;
    public Watcher? Next;
}

/// <summary>
/// A list through the watchers themselves: joining and leaving cost a few stores and allocate nothing. Guarded by the
/// hub's lock.
/// </summary>
internal sealed class WatcherList(WatcherListKind kind)
{
    /// <summary>The first, or null.</summary>
    public Watcher? First { get; private set; }

    /// <summary>The one after <paramref name="watcher"/>, or null.</summary>
    public Watcher? After(Watcher watcher) => watcher.LinksIn(kind).Next;

    /// <summary>Puts a watcher in that is in no list of this kind.</summary>
    public void Add(Watcher watcher)
    {
        ref WatcherLinks links = ref watcher.LinksIn(kind);
        Check.That(links.List is null, "a watcher joins one list at a time");
        links.List = this;
        links.Previous = null;
        links.Next = First;
        if (First is not null)
        {
            First.LinksIn(kind).Previous = watcher;
        }

        First = watcher;
    }

    /// <summary>Takes a watcher out that is in this list.</summary>
    public void Remove(Watcher watcher)
    {
        ref WatcherLinks links = ref watcher.LinksIn(kind);
        Check.That(ReferenceEquals(links.List, this), "a watcher leaves the list that it is in");
        if (links.Previous is not null)
        {
            links.Previous.LinksIn(kind).Next = links.Next;
        }
        else
        {
            First = links.Next;
        }

        if (links.Next is not null)
        {
            links.Next.LinksIn(kind).Previous = links.Previous;
        }

        links = default;
    }
}
