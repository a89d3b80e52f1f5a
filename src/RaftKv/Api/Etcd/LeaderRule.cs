using RaftKv.Api.ErrorMapping;
using RaftKv.Api.Grpc;
using RaftKv.Node;

namespace RaftKv.Api.Etcd;

/// <summary>
/// Calls with the metadata <c>hasleader: true</c> (WithRequireLeader of etcd's client) are served only while this node
/// knows a leader: others fail at once, and streams end when it has had none for three election timeouts. Any thread.
/// </summary>
internal sealed class LeaderRule : ICallRule
{
    // etcd's: one look a timeout, and the third without a leader in a row ends the streams.
    private const int MaxLooksWithout = 3;

    private readonly INode _node;
    private readonly TimeSpan _electionTimeout;
    private readonly ITimer _timer;
    private readonly HashSet<RpcContext> _streams = [];
    private readonly Lock _lock = new();
    private int _looksWithout;

    public LeaderRule(INode node, TimeSpan electionTimeout, TimeProvider time)
    {
        _node = node;
        _electionTimeout = electionTimeout;
        _timer = time.CreateTimer(
            static rule => ((LeaderRule)rule!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <inheritdoc/>
    public void Begin(RpcContext context, RpcMethod method)
    {
        if (!IsAskedFor(context))
        {
            return;
        }

        if (_node.Status.Leader.IsNone)
        {
            throw EtcdErrors.NoLeader();
        }

        if (!method.IsStream)
        {
            return;
        }

        lock (_lock)
        {
            _streams.Add(context);
            if (_streams.Count == 1)
            {
                _looksWithout = 0;
                _timer.Change(_electionTimeout, _electionTimeout);
            }
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
            StopWhenIdle();
        }
    }

    /// <summary>Counts the looks that saw no leader; called once an election timeout while there are streams.</summary>
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
            StopWhenIdle();
        }

        foreach (RpcContext stream in ended)
        {
            stream.EndEarly(EtcdErrors.NoLeader());
        }
    }

    private static bool IsAskedFor(RpcContext context) => context.Metadata("hasleader") is { Count: > 0 } asked && asked[0] == "true";

    private void StopWhenIdle()
    {
        if (_streams.Count == 0)
        {
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
