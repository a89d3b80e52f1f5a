using RaftKv.Core.Identity;
using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Members;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Cluster;

/// <summary>
/// Nodes of a cluster that was given up, which somebody starts again with their old directories, behind the addresses that the
/// restored cluster has now. Each dials whom it knows, and whoever listens there judges by the server's own rules
/// (<see cref="DialRules"/>): none is ever let in, on either side, also where it has learned whom it would have to ask for (R15).
/// </summary>
internal sealed class Stragglers(SimulatedCluster former, SimulatedCluster present, DeterministicRandom random)
{
    private const long StepUs = 20_000;
    private const long MeanUs = 3_000_000;
    private long _untilUs;

    public void Start()
    {
        former.Stragglers = this;
        present.Stragglers = this;
        ScheduleNext();
    }

    /// <summary>A message has come to an address where no node of the sender's own cluster runs.</summary>
    public void Knock(SimulatedCluster sender, Message message, int position)
    {
        SimulatedCluster other = sender == former ? present : former;
        SimulatedNode node = other.Nodes[position];
        if (!node.IsUp)
        {
            return;
        }

        bool wasRemoved = ReplicaProbe.MembershipOf(node.Replica!).WasRemoved(message.From);
        Judge(other, node, new DialClaim(sender.ClusterId, message.From, message.To), wasRemoved);
        Judge(other, node, new DialClaim(sender.ClusterId, message.From, node.Id), wasRemoved);
        present.Counters.Faults.RefusedDials++;
        present.Reach.Restores.Refused(isByNew: other == present);
    }

    /// <summary>R15: who is of another cluster is let in nowhere.</summary>
    internal static void Judge(SimulatedCluster cluster, SimulatedNode node, in DialClaim claim, bool wasRemoved)
    {
        DialVerdict verdict = DialRules.Judge(cluster.ClusterId, node.Id, claim, wasRemoved);
        if (verdict == DialVerdict.Welcome)
        {
            throw new SimulationViolationException(
                "R15",
                $"node {claim.From} of cluster {claim.ClusterId:x16} is let in at node {node.Id} of cluster {cluster.ClusterId:x16}");
        }
    }

    private void ScheduleNext() => After(1 + random.Exponential(MeanUs), WakeSome);

    private void WakeSome()
    {
        if (!present.IsFaulty)
        {
            return;
        }

        // Mostly a few; at times so many that the old cluster goes on, and its clients are gone.
        SimulatedNode[] left =
            [.. former.Nodes.Where(node => node is { IsCondemned: false, Directory.MayRun: true } && !IsRecovered(node))];
        if (left.Length == 0)
        {
            return;
        }

        int count = random.Chance(300) ? left.Length : random.Next(1, left.Length + 1);
        former.WakeUp(present.NowUs, left.OrderBy(_ => random.NextUInt64()).Take(count).Select(static node => node.Position));
        _untilUs = present.NowUs + random.Next(500_000, 3_000_000);
        After(StepUs, Step);
    }

    private void Step()
    {
        former.RunUntil(present.NowUs);
        if (former.LeaderPosition() >= 0)
        {
            present.Reach.Restores.StragglersLead();
        }

        if (present.IsFaulty && present.NowUs < _untilUs)
        {
            After(StepUs, Step);
            return;
        }

        former.GiveUp();
        ScheduleNext();
    }

    // That directory is of another cluster now.
    private bool IsRecovered(SimulatedNode node) => present.Heritage is { IsRecovery: true } heritage && heritage.Alone == node.Position;

    private void After(long us, Action work) =>
        present.Queue.Schedule(present.NowUs + us, new SimEvent { Kind = EventKind.Custom, Payload = work });
}
