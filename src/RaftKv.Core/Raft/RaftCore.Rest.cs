using RaftKv.Core.Raft.Roles;

namespace RaftKv.Core.Raft;

/// <summary>How long nothing is to be done when nothing comes: most of the rounds of an idle node would only count a tick.</summary>
public sealed partial class RaftCore
{
    /// <summary>
    /// Ticks after which the next thing falls due by time alone, at least 1 and at most a heartbeat. The host may run no round
    /// until then, and delivers the ticks together: each rule meets the same ticks, and none later than a heartbeat.
    /// </summary>
    public int RestTicks
    {
        get
        {
            bool isBusy = _options.IsGuided || _installing is not null || HasRecords || _inFlight.Count > 0;
            int due = isBusy ? 1 : State switch
            {
                LeaderState leader => IsAmidHandOver(leader) ? 1 : Math.Min(
                    _options.HeartbeatTicks - leader.HeartbeatElapsed, _options.ElectionTimeoutTicks - leader.QuorumCheckElapsed),
                FollowerState => _electionTimeout - _electionElapsed,
                _ => 1,
            };
            return Math.Clamp(due, 1, Math.Max(1, _options.HeartbeatTicks));
        }
    }

    // What is counted in ticks beside heartbeats: a transfer's patience, and the silence of who gets a snapshot.
    private static bool IsAmidHandOver(LeaderState leader)
    {
        bool isAmid = !leader.TransferTarget.IsNone;
        for (int i = 0; i < leader.Followers.Count; i++)
        {
            isAmid |= leader.Followers[i].State == ProgressState.Snapshot;
        }

        return isAmid;
    }
}
