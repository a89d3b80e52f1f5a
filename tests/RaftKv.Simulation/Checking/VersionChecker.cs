using RaftKv.Core.Driver;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Gates;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Checking;

/// <summary>
/// R16: a leader raises the cluster's version only to what every member has said to support, in this term, by the last that was
/// heard of it; told from the messages that it took, without asking it.
/// </summary>
internal sealed class VersionChecker(int nodeCount)
{
    // What each node heard last from each member, and all that it heard in the present round, in the newest term that it heard of.
    private readonly SortedDictionary<NodeId, List<(Term Term, ClusterVersion Supported)>>[] _heard =
        [.. Enumerable.Range(0, nodeCount).Select(static _ => new SortedDictionary<NodeId, List<(Term, ClusterVersion)>>())];

    /// <summary>The highest version that any leader ever proposed or began in.</summary>
    public ClusterVersion Highest { get; private set; }

    /// <summary>A node begins a life.</summary>
    public void Begun(int position) => _heard[position].Clear();

    /// <summary>A node's round begins with these inputs.</summary>
    public void Taken(int position, IReadOnlyList<DriverInput> inputs)
    {
        foreach (List<(Term, ClusterVersion)> known in _heard[position].Values)
        {
            known.RemoveRange(0, Math.Max(0, known.Count - 1));
        }

        for (int i = 0; i < inputs.Count; i++)
        {
            if (inputs[i] is { Kind: InputKind.PeerMessage, Subject: HeartbeatResponse response })
            {
                if (!_heard[position].TryGetValue(response.From, out List<(Term, ClusterVersion)>? known))
                {
                    _heard[position].Add(response.From, known = []);
                }

                known.Add((response.Term, response.Supported));
            }
        }
    }

    /// <summary>A log begins in this version.</summary>
    public void Began(ClusterVersion version) => Highest = version > Highest ? version : Highest;

    /// <summary>An entry is in a log for the first time: in that of the leader who made it, unless it was recovered.</summary>
    /// <param name="own">What the leader's build supports.</param>
    public void Proposed(int position, LogEntry entry, NodeId self, ClusterVersion own, Membership members)
    {
        if (VersionIn(entry) is not { } version)
        {
            return;
        }

        Began(version);
        Demand(own >= version, $"node {position + 1} raises the cluster to {version}, and supports {own}");
        foreach (NodeId member in members.Members())
        {
            bool hasSaid = member == self || (_heard[position].TryGetValue(member, out List<(Term Term, ClusterVersion Supported)>? known)
                && known.Exists(said => said.Term == entry.Term && said.Supported >= version));
            Demand(hasSaid, $"node {position + 1} raises the cluster to {version} in term {entry.Term}; {member} has not allowed it");
        }
    }

    /// <summary>What an entry raises the cluster to; null when it is no raise.</summary>
    internal static ClusterVersion? VersionIn(LogEntry entry)
    {
        if (entry.Kind != EntryKind.Command)
        {
            return null;
        }

        ReadOnlySpan<byte> body = entry.Payload.Span[CommandEnvelope.HeaderBytes..];
        return body is [1, (byte)CommandKind.SetClusterVersion, var version] ? new ClusterVersion(version) : null;
    }

    private static void Demand(bool condition, string message)
    {
        if (!condition)
        {
            throw new SimulationViolationException("R16", message);
        }
    }
}
