namespace RaftKv.Dashboard.Cluster;

/// <summary>A part of a node's log on the common scale, from 0 to 1000.</summary>
public sealed record LogPart(string Kind, double From, double To)
{
    public double Width => To - From;
}

/// <summary>
/// The logs of all nodes on one scale, so that they can be drawn as bars of one log. A long log shows its end: the part
/// where the nodes differ, and some of what they share. A pure function of the picture.
/// </summary>
public sealed record LogWindow(long First, long Last)
{
    /// <summary>The scale's length.</summary>
    public const double Scale = 1000;

    // A log of which no node lacks anything shows this many entries, so that each still has a width.
    private const long LeastEntries = 40;

    /// <summary>The window of a picture.</summary>
    public static LogWindow Of(ClusterPicture picture)
    {
        var known = picture.Nodes.Where(static node => node.Status is not null).Select(static node => node.Status!).ToList();
        if (known.Count == 0)
        {
            return new LogWindow(0, LeastEntries);
        }

        long last = known.Max(static status => status.LastIndex);
        long behind = last - known.Min(static status => Math.Min(status.AppliedIndex, status.LastIndex));

        // A third of the picture at most is what differs, so that what is shared is seen to be more.
        long length = Math.Max(LeastEntries, 3 * behind);
        return new LogWindow(Math.Max(0, last - length), Math.Max(last, LeastEntries));
    }

    /// <summary>
    /// The parts of one node's log, left to right: what only its snapshot has, what it has applied, what is committed,
    /// what is on its disk, what is in its memory only.
    /// </summary>
    public IReadOnlyList<LogPart> PartsOf(NodeSight node)
    {
        if (node.Status is not { } status)
        {
            return [];
        }

        var parts = new List<LogPart>();
        long at = First;
        Add("snapshot", Math.Min(status.Snapshot.Index, status.FirstIndex - 1));
        Add("applied", status.AppliedIndex);
        Add("committed", Math.Min(status.CommitIndex, status.LastIndex));
        Add("durable", status.PersistedIndex);
        Add("volatile", status.LastIndex);
        return parts;

        void Add(string kind, long until)
        {
            if (until > at)
            {
                parts.Add(new LogPart(kind, PlaceOf(at), PlaceOf(until)));
                at = until;
            }
        }
    }

    /// <summary>Where an index ends on the scale.</summary>
    public double PlaceOf(long index) => Math.Round(Scale * (Math.Clamp(index, First, Last) - First) / Math.Max(1, Last - First), 1);
}
