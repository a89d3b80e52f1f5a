using System.Text;
using RaftKv.Core;
using RaftKv.Simulation.Cluster;

namespace RaftKv.Simulation.Reach;

/// <summary>Where nodes died, what they were then, and how many of them were left.</summary>
internal sealed class CrashReach(SimulatedCluster cluster, ReachCounts counts)
{
    public static readonly ReachTheme Theme = new("crashes");

    private static readonly ReachState?[] AtPoint = MakePoints();
    private static readonly ReachState InRecovery =
        Theme.Add("crash-in-recovery", "the power went, or the disk failed, while a node recovered");
    private static readonly ReachState OfLeader = Theme.Add("crash-of-leader", "a leader died");
    private static readonly ReachState OfLeaderUncommitted =
        Theme.Add("crash-of-leader-uncommitted", "a leader died with uncommitted entries");
    private static readonly ReachState OfCandidate = Theme.Add("crash-of-candidate", "a candidate died that had voted for itself");
    private static readonly ReachState WhilePaused = Theme.Add("crash-while-paused", "a node died that stood still");
    private static readonly ReachState MajorityDown = Theme.Add("majority-down", "a majority of the voters was down at once");
    private static readonly ReachState AllDown = Theme.Add("all-down", "all nodes of several were down at once");
    private static readonly ReachState MajorityPaused = Theme.Add("majority-paused", "a majority of several voters stood still at once");
    private static readonly ReachState LeaderPaused = Theme.Add("leader-paused", "a leader stood still");
    private static readonly ReachState ResumedDeposed =
        Theme.Add("leader-resumed-deposed", "a leader went on, and another led a newer term by then");

    public void Struck(CrashPoint point)
    {
        if (AtPoint[(int)point] is { } state)
        {
            counts.Hit(state);
        }
    }

    public void RecoveryFailed() => counts.Hit(InRecovery);

    /// <summary>While the node still has its replica.</summary>
    public void Dying(SimulatedNode node)
    {
        RaftPicture picture = ReplicaProbe.Look(node.Replica!);
        counts.HitIf(node.IsPaused, WhilePaused);
        counts.HitIf(picture.Role == Role.Leader, OfLeader);
        counts.HitIf(picture.Role == Role.Leader && picture.LastIndex > picture.CommitIndex, OfLeaderUncommitted);
        counts.HitIf(picture.Role == Role.Candidate, OfCandidate);
    }

    /// <summary>The node is down.</summary>
    public void Died()
    {
        if (!cluster.IsFaulty)
        {
            // The end of a world cuts the power everywhere; that is the runner's doing.
            return;
        }

        int voters = 0;
        int nodes = 0;
        foreach (SimulatedNode node in cluster.Nodes)
        {
            nodes += node.IsUp ? 0 : 1;
            voters += node.IsUp || node.Position >= cluster.Profile.VoterCount ? 0 : 1;
        }

        counts.HitIf(voters > 1 && voters == (cluster.Profile.VoterCount / 2) + 1, MajorityDown);
        counts.HitIf(nodes > 1 && nodes == cluster.Nodes.Length, AllDown);
    }

    public void Paused(SimulatedNode node)
    {
        counts.HitIf(node.Replica is { Role: Role.Leader }, LeaderPaused);
        int paused = 0;
        for (int i = 0; i < cluster.Profile.VoterCount; i++)
        {
            paused += cluster.Nodes[i].IsPaused ? 1 : 0;
        }

        counts.HitIf(paused > 1 && paused == (cluster.Profile.VoterCount / 2) + 1, MajorityPaused);
    }

    public void Resuming(SimulatedNode node) => counts.HitIf(
        node.Replica is { Role: Role.Leader } replica && cluster.LeaderPosition() != node.Position
        && cluster.Observer.HighestTerm > replica.Term.Value, ResumedDeposed);

    // By the names of the points, so that a new one is a state without being asked for.
    private static ReachState?[] MakePoints()
    {
        CrashPoint[] points = Enum.GetValues<CrashPoint>();
        var states = new ReachState?[points.Length];
        foreach (CrashPoint point in points)
        {
            if (point != CrashPoint.None)
            {
                string words = Words(point.ToString());
                states[(int)point] = Theme.Add("crash-" + words.Replace(' ', '-'), $"a node died at this point of its host: {words}");
            }
        }

        return states;
    }

    private static string Words(string name)
    {
        var text = new StringBuilder();
        foreach (char c in name)
        {
            text.Append(char.IsUpper(c) && text.Length > 0 ? " " : "").Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }
}
