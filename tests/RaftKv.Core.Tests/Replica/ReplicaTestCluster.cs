using RaftKv.Core.Messages;
using RaftKv.Core.Raft.Log;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;
using RaftKv.Core.Replica;
using RaftKv.Core.Replica.Proposals;
using RaftKv.Core.Store.Gates;
using RaftKv.Core.Tests.Raft;

namespace RaftKv.Core.Tests.Replica;

/// <summary>
/// Some replicas and the messages between them, stepped by a script. All invariants are checked after every step.
/// </summary>
internal sealed class ReplicaTestCluster
{
    private readonly SortedDictionary<int, ReplicaTestNode> _nodes = [];
    private readonly ClusterInvariants _invariants = new();
    private readonly SortedDictionary<LogIndex, ulong> _hashes = [];

    public ReplicaTestCluster(
        int voterCount, int learnerCount = 0, Func<ReplicaOptions, ReplicaOptions>? options = null, GateTable? gates = null)
    {
        var membership = new Membership(
            Enumerable.Range(1, voterCount).Select(Words.N),
            learners: Enumerable.Range(voterCount + 1, learnerCount).Select(Words.N));
        for (int id = 1; id <= voterCount + learnerCount; id++)
        {
            _nodes.Add(id, new ReplicaTestNode(id, membership, options ?? (static given => given), gates));
        }
    }

    public TestNetwork Network { get; } = new();

    public IReadOnlyList<ReplicaTestNode> Nodes => [.. _nodes.Values];

    /// <summary>The leader of the newest term, if it has one.</summary>
    public ReplicaTestNode? Leader => _nodes.Values
        .Where(node => node.Raft.Role == Role.Leader).OrderBy(node => node.Raft.CurrentTerm).LastOrDefault();

    public ReplicaTestNode this[int node] => _nodes[node];

    /// <summary>Cuts a node off from all others, both ways.</summary>
    public void Isolate(int node)
    {
        foreach (int other in _nodes.Keys.Where(other => other != node))
        {
            Network.Cut(node, other);
        }
    }

    /// <summary>Delivers messages until none is under way.</summary>
    public void Settle()
    {
        foreach (ReplicaTestNode node in _nodes.Values)
        {
            SendAll(node.Drain());
        }

        for (int step = 0; step < 100_000; step++)
        {
            Check();
            if (Network.Next() is not { } message)
            {
                return;
            }

            ReplicaTestNode receiver = _nodes[(int)message.To.Value];
            receiver.Replica.Receive(message);
            SendAll(receiver.Drain());
        }

        Assert.Fail("The cluster never falls quiet.");
    }

    /// <summary>Hands one message to a node without draining it: several inputs in one batch.</summary>
    public void Deliver(Message message) => _nodes[(int)message.To.Value].Replica.Receive(message);

    public void Tick(int count = 1) => TickOnly(count, [.. _nodes.Keys]);

    public void TickOnly(int count, params int[] nodes)
    {
        for (int i = 0; i < count; i++)
        {
            foreach (int node in nodes)
            {
                _nodes[node].Replica.Tick();
            }

            Settle();
        }
    }

    /// <summary>Lets time pass until this node leads; the others ask for no votes meanwhile.</summary>
    public void Elect(int node)
    {
        Func<Message, bool> drops = Network.Drops;
        Network.Drops = message => drops(message) || (message is VoteRequest && message.From != Words.N(node));
        for (int i = 0; i < 4 * RaftTestNode.ElectionTimeoutTicks && this[node].Raft.Role != Role.Leader; i++)
        {
            Tick();
        }

        Network.Drops = drops;
        Assert.Equal(Role.Leader, this[node].Raft.Role);
    }

    /// <summary>Proposes through a node and settles.</summary>
    public long Write(int node)
    {
        long number = this[node].Propose();
        Settle();
        return number;
    }

    /// <summary>How often a proposal of this node's present life is committed in the log of another.</summary>
    public int TimesCommitted(int origin, long number, int log) => CountIn(log, origin, number, this[log].Raft.Log.CommitIndex);

    /// <summary>How often it stands in the log, committed or not.</summary>
    public int TimesInLog(int origin, long number, int log) => CountIn(log, origin, number, this[log].Raft.Log.LastEntry.Index);

    private int CountIn(int node, int origin, long number, LogIndex last)
    {
        RaftLog log = this[node].Raft.Log;
        int count = 0;
        for (LogIndex index = log.FirstIndex; index <= last; index = index.Next)
        {
            LogEntry entry = log.EntryAt(index);
            if (entry.Kind == EntryKind.Command
                && CommandEnvelope.TryRead(entry.Payload.Span, out NodeId from, out ulong incarnation, out long found)
                && (from, incarnation, found) == (Words.N(origin), this[origin].Incarnation, number))
            {
                count++;
            }
        }

        return count;
    }

    private void Check()
    {
        _invariants.Check([.. _nodes.Values.Select(node => node.Raft)]);
        foreach (ReplicaTestNode node in _nodes.Values)
        {
            // R5: the same state at the same applied index, on every node and for ever.
            (LogIndex index, ulong hash) = (node.Replica.View.AppliedIndex, node.Replica.View.StateHash);
            Assert.True(_hashes.TryAdd(index, hash) || _hashes[index] == hash, $"R5: {node.Id} has another state at {index}");
        }
    }

    private void SendAll(IReadOnlyList<Message> messages)
    {
        foreach (Message message in messages)
        {
            Network.Send(message);
        }
    }
}
