using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Roles;

namespace RaftKv.Core.Raft;

/// <summary>
/// A leader hands over to a voter of a higher priority once that one has been well for long: heard, caught up, and with a disk
/// that is not slow. Nothing hangs on it but who leads: an election looks at logs only, and a preferred voter that is not well
/// is nobody's leader.
/// </summary>
/// <remarks>
/// A voter that can't lead for long would be given leadership again and again, each time with a pause for writers. So who
/// leads again soon after it handed over waits twice as long before it does so anew, up to 64 times the first wait.
/// </remarks>
public sealed partial class RaftCore
{
    // In election timeouts: well for so long before it takes over.
    private const int PreferredPatience = 10;

    private const int MostPreferredDoublings = 6;

    private int _preferredDoublings;
    private long _ticksSincePreferred;

    /// <summary>How often this node, as leader, began to hand over to a voter of a higher priority.</summary>
    public long PreferredHandOverCount { get; private set; }

    private long PreferredWaitTicks => ((long)PreferredPatience * _options.ElectionTimeoutTicks) << _preferredDoublings;

    private void WatchPriorities(LeaderState leader)
    {
        if (leader.LedTicks == 1 && _ticksSincePreferred > 2 * PreferredWaitTicks)
        {
            _preferredDoublings = 0;
        }

        byte own = Membership.PriorityOf(Self);
        Progress? best = null;
        byte highest = own;
        for (int i = 0; i < leader.Followers.Count; i++)
        {
            Progress progress = leader.Followers[i];
            byte priority = Membership.PriorityOf(progress.Node);
            progress.WellTicks = priority > own && IsWell(progress) ? progress.WellTicks + 1 : 0;
            if (priority > highest && progress.WellTicks >= PreferredWaitTicks)
            {
                best = progress;
                highest = priority;
            }
        }

        if (best is null || !leader.TransferTarget.IsNone || Membership.IsJoint || !IsMembershipCommitted)
        {
            return;
        }

        _preferredDoublings = Math.Min(_preferredDoublings + 1, MostPreferredDoublings);
        _ticksSincePreferred = 0;
        best.WellTicks = 0;
        PreferredHandOverCount++;
        TransferLeadership(best.Node);
    }

    // Half of what makes a leader hand over for its disk: the two rules must not pass leadership to and fro.
    private bool IsWell(Progress progress) => Membership.Contains(Membership.Voters, progress.Node) && HasCaughtUp(progress)
        && progress.DelayTicks is { } delay && delay < _options.ElectionTimeoutTicks / (2 * SlowDivisor);
}
