using RaftKv.Core.Replica;
using RaftKv.Core.Store;
using RaftKv.Diagnostics;
using RaftKv.Node;
using RaftKv.Service.Metrics;
using RaftKv.Service.Sessions;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Service.Calls;

/// <summary>What every call has to do with: the node, its clock, its keys, what is counted. Any thread.</summary>
internal sealed class NodeContext
{
    // Until restores exist there is one history only.
    private const ulong RestoreIncarnation = 0;

    private ViewFacts? _facts;
    private SessionTokens? _tokens;
    private ClusterKeys? _keys;

    public NodeContext(INode node, ApiOptions options)
    {
        Node = node;
        Options = options;
        NodeName = NodeNames.HeaderText(node.Identity.Name, node.Identity.Id);
        Metrics = options.Metrics ?? new ServerMetrics();
        NodeGauges.Register(Metrics.Registry, node);
        ProcessGauges.Register(Metrics.Registry);
        Answers = new AnswerRoom(node.Budget.AnswerBytes);
        Metrics.Registry.Gauge("raftkv_answer_bytes", "Memory of large answers under way.", sink => sink.Set(Answers.UsedBytes));
    }

    public INode Node { get; }

    public ApiOptions Options { get; }

    public TimeProvider Time => Options.Time;

    /// <summary>The node's name, fit for a header.</summary>
    public string NodeName { get; }

    /// <summary>What /metrics shows.</summary>
    public ServerMetrics Metrics { get; }

    /// <summary>Where large answers, of all doors, have their memory from.</summary>
    public AnswerRoom Answers { get; }

    /// <summary>What this node signs with; null until it has heard of its cluster's key.</summary>
    public ClusterKeys? Keys
    {
        get
        {
            if (_keys is not null)
            {
                return _keys;
            }

            // The key never changes once it is set. A race makes the same keys twice.
            ReadOnlyMemory<byte> clusterKey = Node.View.ClusterKey;
            return clusterKey.IsEmpty ? null : _keys = new ClusterKeys(clusterKey);
        }
    }

    /// <summary>The cluster's session tokens; null until the node has heard of the cluster's key.</summary>
    public SessionTokens? Tokens =>
        _tokens ?? (Keys is { } keys ? _tokens = new SessionTokens(keys, Node.Identity.ClusterId, RestoreIncarnation) : null);

    /// <summary>The texts about a view, shared while view and status stay the same.</summary>
    public ViewFacts FactsOf(StoreView view)
    {
        // A race makes the texts twice and keeps either: both are right.
        ViewFacts? facts = _facts;
        ReplicaStatus status = Node.Status;
        if (facts is not null && ReferenceEquals(facts.View, view) && ReferenceEquals(facts.Status, status))
        {
            return facts;
        }

        facts = new ViewFacts(Node, view, status);
        _facts = facts;
        return facts;
    }
}
