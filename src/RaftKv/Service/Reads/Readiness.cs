using RaftKv.Core.Calls;
using RaftKv.Engine;
using RaftKv.Node;

namespace RaftKv.Service.Reads;

/// <summary>What ready means, at every door that is asked: a linearizable read works.</summary>
internal static class Readiness
{
    // Shorter than the usual probe's own time-out of 1 s, so that the probe gets an answer rather than a hang.
    private static readonly TimeSpan _readTimeout = TimeSpan.FromMilliseconds(800);

    /// <summary>Tries such a read; one that is not granted is also that of a node which comes or goes.</summary>
    public static ValueTask<ReadBarrierResult> CheckAsync(INode node) => IsServing(node)
        ? node.ReadBarrierAsync(_readTimeout, CancellationToken.None)
        : ValueTask.FromResult(new ReadBarrierResult(IsGranted: false, node.Phase == NodePhase.Draining, default, default, View: null));

    /// <summary>False for a node that stops or has failed.</summary>
    public static bool IsServing(INode node) => node.Phase is NodePhase.Ready or NodePhase.Starting;
}
