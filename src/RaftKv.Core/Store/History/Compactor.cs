using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Work;

namespace RaftKv.Core.Store.History;

/// <summary>
/// KV compaction. The command only moves the compacted revision, at once; the obsolete versions go in bounded slices,
/// with applied entries, at the same pace on every node. Works through the changes up to the compacted revision
/// and touches no other key.
/// </summary>
internal sealed class Compactor
{
    /// <summary>Changes visited after one entry before <see cref="Gates.FeatureGate.CompactionByWork"/>. Replicated.</summary>
    internal const int MaxVisitsPerEntry = 16;

    /// <summary>
    /// Most changes that one command pays for: twice what a txn of <see cref="Commands.KvLimits.MaxOps"/> can write. A
    /// larger deletion leaves the rest to slices. Replicated.
    /// </summary>
    internal const int MaxPaidVisits = 2 * Commands.KvLimits.MaxOps;

    /// <summary>
    /// Changes of a slice: a few milliseconds of work, so that a write behind it does not feel it. Replicated.
    /// </summary>
    internal const int VisitsPerSlice = 1_024;

    /// <summary>Dropped bytes after which a slice of the leader's ends (4 MiB). Replicated.</summary>
    internal const long MaxDroppedBytesPerSlice = 4_194_304;

    /// <summary>
    /// Dropped bytes after which a slice ends early, because each dropped version is hashed once more. Replicated as
    /// well.
    /// </summary>
    internal const long MaxDroppedBytesPerEntry = 1_048_576;

    private readonly VersionTable _table;

    public Compactor(VersionTable table, CompactionState state)
    {
        _table = table;
        State = state;
    }

    /// <summary>How far it has come.</summary>
    public CompactionState State { get; private set; }

    /// <summary>Refuses reads below the revision from now on, and begins to remove what only they could see.</summary>
    public CommandStatus Start(Revision revision, Revision current)
    {
        if (revision <= State.CompactedRevision)
        {
            return CommandStatus.Compacted;
        }

        if (revision > current)
        {
            return CommandStatus.FutureRevision;
        }

        State = State.StartedAt(revision);
        return CommandStatus.Ok;
    }

    /// <summary>
    /// Does so much of what is pending, now or in several goes; what is replicated is the sum. Called once for each applied
    /// entry.
    /// </summary>
    /// <param name="visitsLeft">Changes to visit at most; what is left of them.</param>
    /// <param name="bytesLeft">Dropped bytes after which it ends early; what is left of them.</param>
    /// <returns>False while it has to be called again.</returns>
    public bool RunSlice(ref long visitsLeft, ref long bytesLeft, WorkMeter meter)
    {
        if (!State.IsPending || visitsLeft == 0)
        {
            return true;
        }

        if (meter.IsSpent)
        {
            return false;
        }

        EventLogView events = _table.Events.View;
        long position = events.LowerBound(State.CursorRevision, State.CursorSub);
        while (!IsAtEnd(events, position) && visitsLeft > 0 && bytesLeft > 0 && !meter.IsSpent)
        {
            long droppedBytes = _table.DropObsolete(events[position], State.CompactedRevision);
            meter.Spend(WorkMeter.PerWrite);
            meter.Drop(droppedBytes);
            bytesLeft -= droppedBytes;
            visitsLeft--;
            position++;
        }

        bool isFinished = IsAtEnd(events, position);
        State = isFinished ? State.Finished() : State.MovedTo(events[position].ModRevision, events[position].Sub);
        _table.Events.TrimBefore(events.LowerBound(State.CursorRevision, sub: 0), isExact: isFinished);
        return isFinished || visitsLeft == 0 || bytesLeft <= 0;
    }

    private bool IsAtEnd(EventLogView events, long position) =>
        position == events.End || events[position].ModRevision > State.CompactedRevision;
}
