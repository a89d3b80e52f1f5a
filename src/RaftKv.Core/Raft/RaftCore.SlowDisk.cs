using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Roles;

namespace RaftKv.Core.Raft;

/// <summary>
/// A leader whose own disk is slow for seconds, while others' are not, hands over: every write waits for a majority, and
/// a follower's slow disk need not be in it, yet the leader's is in the way of each read and each change of its state.
/// </summary>
public sealed partial class RaftCore
{
    // Slow is what would count as silence in half an election timeout.
    private const int SlowDivisor = 2;

    // So much quicker is whoever takes over, or it would not be worth a change of leader.
    private const int QuickerFactor = 4;

    // In election timeouts: slow for so long, and led for so long, before it hands over. What is handed to and fro would be
    // without a leader for longer than a slow disk costs.
    private const int SlowPatience = 3;
    private const int LedPatience = 6;

    private readonly SyncDelay _syncDelay;

    /// <summary>How slow this node's disk is, in ticks; 0 when it is quick or idle.</summary>
    public long OwnDelayTicks => _syncDelay.Ticks(_inFlight.Count > 0 ? _inFlight[0].AtTick : null);

    /// <summary>How often this node, as leader, began to hand over because its disk was slow.</summary>
    public long SlowHandOverCount { get; private set; }

    private void WatchOwnDisk(LeaderState leader)
    {
        long own = OwnDelayTicks;
        leader.LedTicks++;
        leader.SlowTicks = own >= _options.ElectionTimeoutTicks / SlowDivisor ? leader.SlowTicks + 1 : 0;
        bool mayHandOver = leader.SlowTicks >= SlowPatience * _options.ElectionTimeoutTicks
            && leader.LedTicks >= LedPatience * _options.ElectionTimeoutTicks && leader.TransferTarget.IsNone;
        if (mayHandOver && QuickestVoter(leader, own / QuickerFactor) is { } quicker)
        {
            leader.SlowTicks = 0;
            SlowHandOverCount++;
            TransferLeadership(quicker.Node);
        }
    }

    // Of those that have nearly everything, and said in this term that their disks take no longer than that.
    private Progress? QuickestVoter(LeaderState leader, long mostTicks)
    {
        Progress? best = null;
        foreach (Progress progress in leader.Followers)
        {
            bool isCandidate = Membership.Contains(Membership.Voters, progress.Node) && HasCaughtUp(progress)
                && progress.DelayTicks is { } delay && delay <= mostTicks;
            if (isCandidate && (best is null || progress.DelayTicks < best.DelayTicks))
            {
                best = progress;
            }
        }

        return best;
    }
}
