using RaftKv.Core.Store;
using RaftKv.Diagnostics;
using RaftKv.Engine;
using RaftKv.Node;
using RaftKv.Service.Access;
using RaftKv.Service.Metrics;
using RaftKv.Service.Observing;
using RaftKv.Service.Sessions;
using RaftKv.Service.Shares;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Service.Calls;

/// <summary>What every call has to do with: the node, its clock, its keys, what is counted. Any thread.</summary>
internal sealed class NodeContext
{
    private ViewFacts? _facts;
    private SessionTokens? _tokens;
    private ClusterKeys? _keys;

    public NodeContext(INode node, ApiOptions options)
    {
        Node = node;
        Options = options;
        NodeName = NodeNames.HeaderText(node.Identity.Name, node.Identity.Id);
        Metrics = options.Metrics ?? new ServerMetrics();
        Observers = [Metrics, .. options.Observers];
        Access = new AccessDesk(node, options.Time, () => Keys, options.PasswordTurns, options.Jwt);
        Shares = new FairShares(options.Shares, options.Time, Metrics.Registry);
        NodeGauges.Register(Metrics.Registry, node);
        ProcessGauges.Register(Metrics.Registry);
        Answers = new AnswerRoom(node.Budget.AnswerBytes);
        Metrics.Registry.Gauge("raftkv_answer_bytes", "Memory of large answers under way.", sink => sink.Set(Answers.UsedBytes));
    }

    public INode Node { get; }

    public ApiOptions Options { get; }

    public TimeProvider Time => Options.Time;

    /// <summary>Who callers are, and what they may do.</summary>
    public AccessDesk Access { get; }

    /// <summary>How much of this node each caller may have.</summary>
    public FairShares Shares { get; }

    /// <summary>The node's name, fit for a header.</summary>
    public string NodeName { get; }

    /// <summary>What /metrics shows.</summary>
    public ServerMetrics Metrics { get; }

    /// <summary>Who is told how calls end; what /metrics shows is one of them.</summary>
    public ICallObserver[] Observers { get; }

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
        _tokens ?? (Keys is { } keys ? _tokens = new SessionTokens(keys, Node.Identity.ClusterId, (ulong)Node.View.Incarnation) : null);

    /// <summary>The texts about a view, shared while view and status stay the same.</summary>
    public ViewFacts FactsOf(StoreView view)
    {
        // A race makes the texts twice and keeps either: both are right.
        ViewFacts? facts = _facts;
        EngineStatus status = Node.Status;
        if (facts is not null && ReferenceEquals(facts.View, view) && ReferenceEquals(facts.Status, status))
        {
            return facts;
        }

        facts = new ViewFacts(Node, view, status);
        _facts = facts;
        return facts;
    }
}
