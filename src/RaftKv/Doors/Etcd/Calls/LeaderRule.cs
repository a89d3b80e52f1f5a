using RaftKv.Doors.Grpc;
using RaftKv.Node;

namespace RaftKv.Doors.Etcd.Calls;

/// <summary>
/// Calls with the metadata <c>hasleader: true</c> (WithRequireLeader of etcd's client) are served only while this node
/// knows a leader: others fail at once. Streams end, and new ones are refused, when it has had none for three election
/// timeouts. Any thread.
/// </summary>
/// <remarks>
/// etcd refuses a new stream at once, too. But its client ends a watch for good on that error, and a watch whose node
/// went away comes here just when the next leader is being elected.
/// </remarks>
internal sealed class LeaderRule : ICallRule, IDisposable
{
    // etcd's: one look a timeout, and the third without a leader in a row ends the streams.
    private const int MaxLooksWithout = 3;

    private readonly INode _node;
    private readonly ITimer _timer;
    private readonly HashSet<RpcContext> _streams = [];
    private readonly Lock _lock = new();
    private int _looksWithout;

    public LeaderRule(INode node, TimeSpan electionTimeout, TimeProvider time)
    {
        _node = node;
        _timer = time.CreateTimer(static rule => ((LeaderRule)rule!).Look(), this, electionTimeout, electionTimeout);
    }

    /// <summary>Ends the looking.</summary>
    public void Dispose() => _timer.Dispose();

    /// <inheritdoc/>
    public void Begin(RpcContext context, RpcMethod method)
    {
        if (!IsAskedFor(context))
        {
            return;
        }

        if (!method.IsStream)
        {
            Require(!_node.Status.Leader.IsNone);
            return;
        }

        lock (_lock)
        {
            Require(_looksWithout < MaxLooksWithout);
            _streams.Add(context);
        }
    }

    /// <inheritdoc/>
    public void End(RpcContext context, RpcMethod method)
    {
        if (!method.IsStream || !IsAskedFor(context))
        {
            return;
        }

        lock (_lock)
        {
            _streams.Remove(context);
        }
    }

    /// <summary>Counts the looks that saw no leader; called once an election timeout.</summary>
    internal void Look()
    {
        RpcContext[] ended;
        lock (_lock)
        {
            _looksWithout = _node.Status.Leader.IsNone ? _looksWithout + 1 : 0;
            if (_looksWithout < MaxLooksWithout)
            {
                return;
            }

            ended = [.. _streams];
            _streams.Clear();
        }

        foreach (RpcContext stream in ended)
        {
            stream.EndEarly(EtcdErrors.NoLeader());
        }
    }

    private static bool IsAskedFor(RpcContext context) => context.Metadata("hasleader") is { Count: > 0 } asked && asked[0] == "true";

    private static void Require(bool hasLeader)
    {
        if (!hasLeader)
        {
            throw EtcdErrors.NoLeader();
        }
    }
}
