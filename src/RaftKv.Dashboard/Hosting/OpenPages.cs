namespace RaftKv.Dashboard.Hosting;

/// <summary>How many pages are open on this node, and how many may be. Any thread.</summary>
internal sealed class OpenPages(DashboardSettings settings)
{
    private int _count;

    /// <summary>Pages that are open now, those that may still come back among them.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>True when no further page is served.</summary>
    public bool AreFull => Count >= settings.MaxOpenPages;

    /// <summary>One more.</summary>
    public void Opened() => Interlocked.Increment(ref _count);

    /// <summary>One less.</summary>
    public void Closed() => Interlocked.Decrement(ref _count);
}
