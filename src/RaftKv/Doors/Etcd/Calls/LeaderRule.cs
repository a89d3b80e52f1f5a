using RaftKv.Doors.Grpc;
using RaftKv.Node;

namespace RaftKv.Doors.Etcd.Calls;

/// <summary>
/// Calls with the metadata <c>hasleader: true</c> (WithRequireLeader of etcd's client) are served only while this node
/// knows a leader: others fail at once. A stream ends when there was none for three election timeouts of its own life.
/// Any thread.
/// </summary>
/// <remarks>
/// etcd refuses a new stream at once, too. But its client ends a watch for good on that error, and a watch whose node
/// went away comes here just when the next leader is being elected. Nor does it matter how long there was none before: a
/// node of etcd's does not listen until its cluster has a leader, this one does, and what it went without while the
/// others were still starting says nothing about the leader that may come next.
/// </remarks>
internal sealed class LeaderRule : ICallRule, IDisposable
{
    // etcd's: one look a timeout, and the third without a leader in a row ends the streams.
    private const int MaxLooksWithout = 3;

    private readonly INode _node;
    private readonly ITimer _timer;

    // How many looks in a row each stream has gone without a leader.
    private readonly Dictionary<RpcContext, int> _looksWithout = [];
    private readonly Lock _lock = new();

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
            if (_node.Status.Leader.IsNone)
            {
                throw EtcdErrors.NoLeader();
            }

            return;
        }

        lock (_lock)
        {
            _looksWithout.Add(context, 0);
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
            _looksWithout.Remove(context);
        }
    }

    /// <summary>Counts the looks that saw no leader; called once an election timeout.</summary>
    internal void Look()
    {
        bool hasLeader = !_node.Status.Leader.IsNone;
        var ended = new List<RpcContext>();
        lock (_lock)
        {
            foreach (RpcContext stream in _looksWithout.Keys)
            {
                int looks = hasLeader ? 0 : _looksWithout[stream] + 1;
                _looksWithout[stream] = looks;
                if (looks >= MaxLooksWithout)
                {
                    ended.Add(stream);
                }
            }

            ended.ForEach(stream => _looksWithout.Remove(stream));
        }

        foreach (RpcContext stream in ended)
        {
            stream.EndEarly(EtcdErrors.NoLeader());
        }
    }

    private static bool IsAskedFor(RpcContext context) => context.Metadata("hasleader") is { Count: > 0 } asked && asked[0] == "true";
}
