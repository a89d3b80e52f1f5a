namespace RaftKv.Core.Reads;

/// <summary>
/// What a session has seen: one log orders everything, so a revision stands for all that came before it. The door wraps
/// it into a signed token.
/// </summary>
/// <param name="Read">The newest revision of the views that were read; zero when none.</param>
/// <param name="Write">The newest revision that the session's own writes made or found; zero when none.</param>
public readonly record struct SessionMark(Revision Read, Revision Write)
{
    /// <summary>The newest of both parts.</summary>
    public Revision Newest => Read >= Write ? Read : Write;

    /// <summary>Both sessions' past.</summary>
    public SessionMark Merge(SessionMark other) => new(
        Read >= other.Read ? Read : other.Read, Write >= other.Write ? Write : other.Write);

    /// <summary>The past after reading a view of this revision; the view that was really read, not a newer one.</summary>
    public SessionMark AfterRead(Revision viewRevision) => Merge(new SessionMark(viewRevision, Revision.Zero));

    /// <summary>The past after a write that was answered with this revision.</summary>
    public SessionMark AfterWrite(Revision revision) => Merge(new SessionMark(Revision.Zero, revision));
}
