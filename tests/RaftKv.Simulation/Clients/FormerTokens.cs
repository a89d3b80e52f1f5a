using System.Security.Cryptography;
using System.Text;
using RaftKv.Core.Reads;
using RaftKv.Core.Store;
using RaftKv.Service.Sessions;
using RaftKv.Simulation.Cluster;
using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Clients;

/// <summary>
/// The session tokens that clients hold when their cluster is given up, as the server makes and reads them
/// (<see cref="SessionSeal"/>): whichever node of the restored cluster is shown one refuses it, and the client begins a new session.
/// </summary>
internal sealed class FormerTokens
{
    private readonly string?[] _texts;

    public FormerTokens(SimulatedCluster former, IReadOnlyList<SessionMark> marks)
    {
        StoreView last = former.Observer.CommittedView;
        SessionSeal seal = SealOf(former, last);
        _texts = [.. marks.Select(mark => mark == default ? null : seal.Encode(mark))];
    }

    /// <summary>A client asks a node of the restored cluster for the first time, and shows what it has.</summary>
    public void Show(SimulatedCluster cluster, SimulatedNode node, int client)
    {
        StoreView view = node.Point.View;
        if (_texts[client] is not { } text || view.AppliedIndex < cluster.Heritage!.Base.Index)
        {
            // A node that has nothing yet has no key to read tokens with either.
            return;
        }

        _texts[client] = null;
        Demand(SealOf(cluster, view).Open(text, out _));
        cluster.Counters.Faults.RefusedTokens++;
        cluster.Reach.Restores.TokenRefused();
    }

    /// <summary>T16: what was handed out before a restore is refused.</summary>
    internal static void Demand(SealVerdict verdict)
    {
        if (verdict == SealVerdict.Genuine)
        {
            throw new SimulationViolationException("T16", "a session token of before a restore is taken");
        }
    }

    internal static SessionSeal SealOf(SimulatedCluster cluster, StoreView view)
    {
        // Who leads first gives a cluster its key, which is random; here it is made of the cluster's number.
        ReadOnlyMemory<byte> key = view.ClusterKey.IsEmpty
            ? SHA256.HashData(Encoding.ASCII.GetBytes($"key of {cluster.ClusterId:x16}"))
            : view.ClusterKey;
        return new SessionSeal(new ClusterKeys(key), cluster.ClusterId, (ulong)view.Incarnation);
    }
}
