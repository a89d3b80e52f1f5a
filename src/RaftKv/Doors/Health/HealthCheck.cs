using RaftKv.Core.Calls;
using RaftKv.Core.Store.Commands;
using RaftKv.Doors.Http;
using RaftKv.Engine;
using RaftKv.Service.Reads;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Doors.Health;

/// <summary>One thing that a probe looks at. What it gives is what is wrong; null when it is well.</summary>
internal sealed record HealthCheck(string Name, Func<Exchange, ValueTask<string?>> LookAsync)
{
    // RaftKv's own: it is told to go before its reads fail.
    private static readonly HealthCheck _node = new("node", static exchange =>
        ValueTask.FromResult(Readiness.IsServing(exchange.Node) ? null
            : exchange.Node.Phase == NodePhase.Draining ? "shutting down" : "stopped after a failure"));

    private static readonly HealthCheck _serializableRead = new("serializable_read", static exchange =>
        ValueTask.FromResult(exchange.Node.Phase == NodePhase.Failed ? "the node has stopped after a failure" : null));

    private static readonly HealthCheck _dataCorruption = new("data_corruption", static exchange =>
        ValueTask.FromResult(exchange.Node.View.ListAlarms().Any(static alarm => alarm.Kind == AlarmKind.Corrupt)
            ? "alarm activated: " + AlarmNames.Of(AlarmKind.Corrupt) : null));

    private static readonly HealthCheck _linearizableRead = new("linearizable_read", static async exchange =>
        !Readiness.IsServing(exchange.Node) ? "not tried"
        : await TryReadAsync(exchange) ? null : "no leader could be confirmed within 800ms");

    private static readonly HealthCheck _nonLearner = new("non_learner", static exchange =>
        ValueTask.FromResult(exchange.Node.Status.Membership.IsVoter(exchange.Node.Status.Self) ? null : "not supported for learner"));

    /// <summary>What /livez looks at; etcd's.</summary>
    public static HealthCheck[] OfLive { get; } = [_serializableRead];

    /// <summary>
    /// What /readyz looks at. etcd's, but that a learner here serves every read and so is ready: that check has its own path
    /// only.
    /// </summary>
    public static HealthCheck[] OfReady { get; } = [_node, _dataCorruption, _serializableRead, _linearizableRead];

    /// <summary>What has a path below /readyz.</summary>
    public static HealthCheck[] BelowReady { get; } = [.. OfReady, _nonLearner];

    /// <summary>Makes a linearizable read, which the answer's headers then tell.</summary>
    public static async ValueTask<bool> TryReadAsync(Exchange exchange)
    {
        ReadBarrierResult barrier = await Readiness.CheckAsync(exchange.Node);
        if (!barrier.IsGranted)
        {
            return false;
        }

        exchange.AnsweredProbe(barrier);
        return true;
    }
}
