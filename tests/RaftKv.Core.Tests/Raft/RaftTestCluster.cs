using RaftKv.Core.Messages;
using RaftKv.Core.Raft;
using RaftKv.Core.Raft.Members;
using RaftKv.Core.Raft.Messages;

namespace RaftKv.Core.Tests.Raft;

/// <summary>
/// Some RaftCores and the messages between them, stepped by a script. All invariants are checked after every step.
/// </summary>
internal sealed class RaftTestCluster
{
    private readonly SortedDictionary<int, RaftTestNode> _nodes = [];
    private readonly ClusterInvariants _invariants = new();

    /// <summary>Fresh voters 1..<paramref name="voterCount"/> and learners after them.</summary>
    public RaftTestCluster(int voterCount, int learnerCount = 0, RaftOptions? options = null)
    {
        var membership = new Membership(
            Enumerable.Range(1, voterCount).Select(Words.N),
            learners: Enumerable.Range(voterCount + 1, learnerCount).Select(Words.N));
        Founding = membership;
        for (int id = 1; id <= voterCount + learnerCount; id++)
        {
            _nodes.Add(id, new RaftTestNode(id, membership, options: options));
        }
    }

    /// <summary>
    /// Voters with these logs, given as the terms of their entries; all know term <paramref name="term"/>.
    /// </summary>
    public RaftTestCluster(int[][] logs, long term, long[]? commits = null)
    {
        var membership = new Membership(Enumerable.Range(1, logs.Length).Select(Words.N));
        Founding = membership;
        for (int id = 1; id <= logs.Length; id++)
        {
            _nodes.Add(id, new RaftTestNode(id, membership, logs[id - 1], term, commit: commits?[id - 1] ?? 0));
        }
    }

    public TestNetwork Network { get; } = new();

    /// <summary>The membership before the first entry.</summary>
    public Membership Founding { get; }

    public IReadOnlyList<RaftTestNode> Nodes => [.. _nodes.Values];

    /// <summary>The leader of the newest term, if it has one.</summary>
    public RaftTestNode? Leader => _nodes.Values
        .Where(node => node.Raft.Role == Role.Leader).OrderBy(node => node.Raft.CurrentTerm).LastOrDefault();

    public RaftCore this[int node] => _nodes[node].Raft;

    public RaftTestNode Node(int node) => _nodes[node];

    /// <summary>A node that knows the founding's membership and is not in it.</summary>
    public RaftTestNode Join(int node)
    {
        _nodes.Add(node, new RaftTestNode(node, Founding));
        return _nodes[node];
    }

    /// <summary>Asks the leader for a change, and settles.</summary>
    public ChangeAnswer Change(int leader, MembershipChange change)
    {
        ChangeAnswer answer = this[leader].ChangeMembership(change);
        Settle();
        return answer;
    }

    /// <summary>Cuts a node off from all others, both ways.</summary>
    public void Isolate(int node)
    {
        foreach (int other in _nodes.Keys.Where(other => other != node))
        {
            Network.Cut(node, other);
        }
    }

    /// <summary>Cuts every link but those between the nodes of one group.</summary>
    public void Partition(params int[][] groups)
    {
        foreach (int a in _nodes.Keys)
        {
            foreach (int b in _nodes.Keys.Where(b => b != a && !groups.Any(group => group.Contains(a) && group.Contains(b))))
            {
                Network.Cut(a, b);
            }
        }
    }

    /// <summary>Delivers messages until none is under way.</summary>
    public void Settle()
    {
        foreach (RaftTestNode node in _nodes.Values)
        {
            SendAll(node.Drain());
        }

        // Bounded, so that a storm of messages fails the test instead of hanging it.
        for (int step = 0; step < 100_000; step++)
        {
            _invariants.Check([.. _nodes.Values.Select(node => node.Raft)]);
            if (Network.Next() is not { } message)
            {
                return;
            }

            if (_nodes.TryGetValue((int)message.To.Value, out RaftTestNode? receiver))
            {
                SendAll(receiver.Receive(message));
            }
        }

        Assert.Fail("The cluster never falls quiet.");
    }

    /// <summary>Lets time pass everywhere, settling after each tick.</summary>
    public void Tick(int count = 1) => TickOnly(count, [.. _nodes.Keys]);

    /// <summary>Lets time pass on these nodes only.</summary>
    public void TickOnly(int count, params int[] nodes)
    {
        for (int i = 0; i < count; i++)
        {
            foreach (int node in nodes)
            {
                _nodes[node].Raft.Tick();
            }

            Settle();
        }
    }

    /// <summary>Lets time pass until this node leads; the others ask for no votes meanwhile.</summary>
    public void Elect(int node)
    {
        Func<Message, bool> drops = Network.Drops;
        Network.Drops = message => drops(message) || (message is VoteRequest && message.From != Words.N(node));
        for (int i = 0; i < 4 * RaftTestNode.ElectionTimeoutTicks && this[node].Role != Role.Leader; i++)
        {
            Tick();
        }

        Network.Drops = drops;
        Assert.Equal(Role.Leader, this[node].Role);
    }

    /// <summary>Proposes on a node that leads; the bytes are the entry's id.</summary>
    public EntryId Propose(int node)
    {
        EntryId expected = new(this[node].CurrentTerm, this[node].Log.LastEntry.Index.Next);
        EntryId? id = this[node].Propose(Words.Entry(expected.Term.Value, expected.Index.Value).Payload, out _);
        Assert.Equal(expected, id);
        return expected;
    }

    /// <summary>Proposes and settles.</summary>
    public EntryId Write(int node)
    {
        EntryId id = Propose(node);
        Settle();
        return id;
    }

    private void SendAll(IReadOnlyList<Message> messages)
    {
        foreach (Message message in messages)
        {
            Network.Send(message);
        }
    }
}
