using RaftKv.Core;
using RaftKv.Core.Replica;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Reach;

/// <summary>Who leads and who stops to: from the roles that nodes are seen in after each of their steps.</summary>
internal sealed class ElectionReach(SimulatedCluster cluster, ReachCounts counts)
{
    public static readonly ReachTheme Theme = new("elections");

    private static readonly ReachState DeposedUncommitted =
        Theme.Add("leader-deposed-uncommitted", "a leader lost its term with entries in its log that were not committed");
    private static readonly ReachState DeposedByTerm = Theme.Add("leader-deposed-by-term", "a leader heard of a newer term");
    private static readonly ReachState SteppedDown =
        Theme.Add("leader-stepped-down", "a leader that heard no majority gave its term up by itself (check-quorum)");
    private static readonly ReachState TwoLeaders = Theme.Add("two-leaders", "a node began to lead while another led an older term");
    private static readonly ReachState ThreeLeaders = Theme.Add("three-leaders", "a node began to lead while two others led older terms");
    private static readonly ReachState OldLeaderPaused =
        Theme.Add("elected-while-leader-paused", "a node began to lead while the leader of an older term stood still");
    private static readonly ReachState LeaderAgain =
        Theme.Add("leader-elected-again", "a node that was deposed leads the next term that has a leader");
    private static readonly ReachState LongerLog =
        Theme.Add("leader-with-shorter-log", "a leader began with a shorter log than another living node has");
    private static readonly ReachState AfterRefusedPreVote =
        Theme.Add("won-after-refused-pre-vote", "a node leads to which a pre-vote had been refused since it led or followed last");
    private static readonly ReachState LoneVoter = Theme.Add("lone-voter-leads-again", "the only voter restarted and leads");
    private static readonly ReachState PreVoteLost = Theme.Add("pre-vote-lost", "a majority refused a pre-vote");
    private static readonly ReachState PreVoteInterrupted = Theme.Add("pre-vote-interrupted", "a pre-candidate heard of a leader");
    private static readonly ReachState VoteLost = Theme.Add("vote-lost", "a majority refused a candidate");
    private static readonly ReachState CandidateYields =
        Theme.Add("candidate-yields", "a candidate heard of another's victory in its term");
    private static readonly ReachState CandidateOvertaken = Theme.Add("candidate-overtaken", "a candidate heard of a newer term");
    private static readonly ReachState CandidateTimedOut = Theme.Add("candidate-timed-out", "no answer decided a candidacy in time");

    private readonly RaftPicture[] _last = new RaftPicture[cluster.Profile.NodeCount];
    private readonly bool[] _wasRefused = new bool[cluster.Profile.NodeCount];
    private int _lastLeader = -1;

    public void PreVoteRefused(SimulatedNode node) => _wasRefused[node.Position] = true;

    public void Died(SimulatedNode node)
    {
        _last[node.Position] = default;
        _wasRefused[node.Position] = false;
    }

    public void Stepped(SimulatedNode node, ReplicaCore replica, in RaftPicture now)
    {
        RaftPicture was = _last[node.Position];
        _last[node.Position] = now;
        if (was.Role == now.Role && was.Term == now.Term)
        {
            return;
        }

        switch (was.Role)
        {
            case Role.Leader:
                counts.HitIf(was.LastIndex > was.CommitIndex, DeposedUncommitted);
                counts.Hit(now.Term == was.Term ? SteppedDown : DeposedByTerm);
                break;
            case Role.PreCandidate when now.Role == Role.Follower:
                counts.Hit(replica.Leader.IsNone && now.Term == was.Term ? PreVoteLost : PreVoteInterrupted);
                break;
            case Role.Candidate when now.Role == Role.Follower:
                counts.Hit(now.Term > was.Term ? CandidateOvertaken : replica.Leader.IsNone ? VoteLost : CandidateYields);
                break;
            case Role.Candidate:
                counts.HitIf(now.Role == Role.PreCandidate, CandidateTimedOut);
                break;
            default:
                break;
        }

        if (now.Role == Role.Leader)
        {
            BeganToLead(node, now);
        }
        else if (now.Role == Role.Follower)
        {
            _wasRefused[node.Position] &= replica.Leader.IsNone;
        }
    }

    private void BeganToLead(SimulatedNode node, in RaftPicture now)
    {
        int others = 0;
        bool isPaused = false;
        bool isLonger = false;
        foreach (SimulatedNode other in cluster.Nodes)
        {
            if (other != node && other.IsUp)
            {
                bool leads = _last[other.Position].Role == Role.Leader;
                others += leads ? 1 : 0;
                isPaused |= leads && other.IsPaused;

                // Its own log has the entry of the new term already.
                isLonger |= _last[other.Position].LastIndex >= now.LastIndex;
            }
        }

        counts.HitIf(others > 0, TwoLeaders);
        counts.HitIf(others > 1, ThreeLeaders);
        counts.HitIf(isPaused, OldLeaderPaused);
        counts.HitIf(isLonger, LongerLog);
        counts.HitIf(_lastLeader == node.Position && node.Life == 0, LeaderAgain);
        counts.HitIf(_wasRefused[node.Position], AfterRefusedPreVote);
        counts.HitIf(cluster.Profile.VoterCount == 1 && node.Life > 0, LoneVoter);
        _wasRefused[node.Position] = false;
        _lastLeader = node.Position;
    }
}
