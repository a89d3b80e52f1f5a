namespace RaftKv.Core.Replica;

/// <remarks>
/// A burst leaves entries in memory that no bound asks a snapshot for. Once it is over they are written down: the log lets go
/// of them, and a start has next to nothing to replay. Local, as every snapshot: nothing is agreed upon.
/// </remarks>
public sealed partial class ReplicaCore
{
    /// <summary>A quiet store is rewritten for no less than this part of its last snapshot.</summary>
    private const int QuietShare = 16;

    private long _appliedBytes;
    private long _appliedBytesAtLook;
    private int _ticksSinceLook;
    private bool _isQuiet;

    /// <summary>All is quiet, and there is enough to write down; also for checks.</summary>
    internal bool IsQuietSnapshotDue =>
        _isQuiet && _bytesSinceSnapshot >= Math.Max(_options.QuietSnapshotBytes, _snapshotBytes / QuietShare);

    // What is kept before a snapshot is for a voter that lacks it. When none does, and nothing is under way, a little is enough.
    private long TrailingBytesOf(LogIndex snapshot) => _isQuiet && Raft.AllAppliedIndex >= snapshot
        ? Math.Min(_options.TrailingBytes, _options.QuietSnapshotBytes / 4)
        : _options.TrailingBytes;

    // Quiet is a whole span between two looks in which next to nothing was applied: an entry now and then, of the cluster's
    // time or a lease's end, is no burst.
    private void TickQuiet()
    {
        if (++_ticksSinceLook < _options.QuietTicks)
        {
            return;
        }

        _isQuiet = _appliedBytes - _appliedBytesAtLook <= _options.QuietSnapshotBytes / QuietShare;
        _appliedBytesAtLook = _appliedBytes;
        _ticksSinceLook = 0;
    }
}
