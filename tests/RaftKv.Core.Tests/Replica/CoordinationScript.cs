using System.Text;
using RaftKv.Core.Calls;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;

namespace RaftKv.Core.Tests.Replica;

/// <summary>Short words with which a script asks a cluster for leases and locks.</summary>
internal static class CoordinationScript
{
    /// <summary>Ticks after which a lease of so many milliseconds is over: 2 % and the slack added.</summary>
    public static int TicksOf(long ttlMs) => (int)((ttlMs + ((ttlMs + 49) / 50) + 9) / 10) + 4;

    /// <summary>Runs a command through a node, to its answer.</summary>
    public static CommandResult Run(this ReplicaTestCluster cluster, int node, KvCommand command)
    {
        long number = cluster[node].Propose(command);
        cluster.Settle();
        return cluster[node].Answers[number].Result!;
    }

    public static CommandResult Grant(this ReplicaTestCluster cluster, int node, long lease, long ttlMs) =>
        cluster.Run(node, new GrantLeaseCommand(new LeaseId(lease), ttlMs));

    public static CommandResult Put(this ReplicaTestCluster cluster, int node, string key, long lease) =>
        cluster.Run(node, new MutateCommand(new PutOp(Encoding.UTF8.GetBytes(key), "v"u8.ToArray(), new LeaseId(lease))));

    public static CommandResult Lock(
        this ReplicaTestCluster cluster, int node, string name, long lease, long ttlMs = 0, bool isTry = false) =>
        cluster.Run(node, new MutateCommand(new AcquireOp(
            LockKind.Lock, Encoding.UTF8.GetBytes(name), LockMode.Exclusive, new LeaseId(lease), default, IsTry: isTry, TtlMs: ttlMs)));

    public static bool IsHolder(this ReplicaTestCluster cluster, int node, string name, Revision token) =>
        cluster[node].Replica.View.IsHolder(LockKind.Lock, Encoding.UTF8.GetBytes(name), token);

    /// <summary>A keepalive through a node; null while it has no answer, or was refused.</summary>
    public static LeaseTime? KeepAlive(this ReplicaTestCluster cluster, int node, long lease) => cluster.Ask(node, lease, isRenewal: true);

    /// <summary>Asks for the time of a lease; null as above.</summary>
    public static LeaseTime? TimeOf(this ReplicaTestCluster cluster, int node, long lease) => cluster.Ask(node, lease, isRenewal: false);

    /// <summary>True when the lease is in the node's view.</summary>
    public static bool Lives(this ReplicaTestCluster cluster, int node, long lease) =>
        cluster[node].Replica.View.GetLease(new LeaseId(lease)) is not null;

    public static KeyValue? Get(this ReplicaTestCluster cluster, int node, string key) =>
        cluster[node].Replica.View.Get(Encoding.UTF8.GetBytes(key));

    /// <summary>The newest version of a key, a deletion included.</summary>
    public static KeyValue Newest(this ReplicaTestCluster cluster, int node, string key) =>
        cluster[node].Replica.View.History(Encoding.UTF8.GetBytes(key), 1)[0];

    private static LeaseTime? Ask(this ReplicaTestCluster cluster, int node, long lease, bool isRenewal)
    {
        long number = cluster[node].AskLeases(isRenewal, lease);
        cluster.Settle();
        return cluster[node].LeaseAnswers.TryGetValue(number, out LeaseAnswer answer) && answer.IsGranted ? answer.Times[0] : null;
    }
}
