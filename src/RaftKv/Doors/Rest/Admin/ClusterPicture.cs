using RaftKv.Contract.Bodies;
using RaftKv.Doors.Http;
using RaftKv.Engine;
using RaftKv.Node;

namespace RaftKv.Doors.Rest.Admin;

/// <summary>What a node knows of its cluster at one moment, and what is different from another moment. Pure.</summary>
internal sealed record ClusterPicture(ClusterAnswer Cluster, IReadOnlyList<AlarmBody> Alarms)
{
    /// <summary>Now.</summary>
    public static ClusterPicture Of(INode node)
    {
        EngineStatus status = node.Status;
        var cluster = new ClusterAnswer
        {
            ClusterId = StatusBodies.Hex(node.Identity.ClusterId),
            Term = status.Term.Value,
            Leader = StatusBodies.LeaderOf(node, status),
            Joint = status.Membership.IsJoint,
            Members = [.. node.Members.Select(member => MemberAnswers.Of(member, status) with { LastSeenMs = null })],
        };
        return new ClusterPicture(cluster, [.. StatusBodies.DivergedOf(node, status), .. UseBodies.Alarms(node, node.View)]);
    }

    /// <summary>The whole of it, as the first event.</summary>
    public (string Kind, ClusterEventBody Body) Whole => (ClusterEvents.State, new ClusterEventBody { Cluster = Cluster, Alarms = Alarms });

    /// <summary>What is different now.</summary>
    public IEnumerable<(string Kind, ClusterEventBody Body)> Since(ClusterPicture before)
    {
        if (Cluster.Term != before.Cluster.Term || Cluster.Leader != before.Cluster.Leader)
        {
            yield return (ClusterEvents.Leader, new ClusterEventBody { Term = Cluster.Term, Leader = Cluster.Leader });
        }

        foreach (MemberBody member in Cluster.Members.Except(before.Cluster.Members))
        {
            yield return (ClusterEvents.Member, new ClusterEventBody { Member = member });
        }

        foreach (MemberBody gone in before.Cluster.Members.Where(known => Cluster.Members.All(member => member.Id != known.Id)))
        {
            yield return (ClusterEvents.Removed, new ClusterEventBody { Member = gone });
        }

        foreach (AlarmBody raised in Alarms.Except(before.Alarms))
        {
            yield return (ClusterEvents.Alarm, new ClusterEventBody { Alarm = raised });
        }

        foreach (AlarmBody cleared in before.Alarms.Except(Alarms))
        {
            yield return (ClusterEvents.Cleared, new ClusterEventBody { Alarm = cleared });
        }
    }
}
