using System.Text;
using RaftKv.Core;
using RaftKv.Core.Calls;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;

namespace RaftKv.Engine.Conformance;

/// <summary>What the conformance tests of every engine begin with.</summary>
public abstract class EngineTests
{
    /// <summary>How long something may take that must come. A bound of the test, not a promise.</summary>
    protected virtual TimeSpan Patience => TimeSpan.FromSeconds(60);

    /// <summary>How long to wait for what must not come.</summary>
    protected static TimeSpan Short { get; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A new cluster of so many engines, none of them started.</summary>
    protected abstract IEngineCluster Make(int engines);

    /// <summary>A new cluster, started.</summary>
    protected IEngineCluster Start(int engines)
    {
        IEngineCluster cluster = Make(engines);
        StartAll(cluster, engines);
        return cluster;
    }

    /// <summary>Starts engines that are stopped.</summary>
    protected static void StartAll(IEngineCluster cluster, int engines)
    {
        for (int i = 0; i < engines; i++)
        {
            cluster.Start(i);
        }
    }

    /// <summary>
    /// A write that must be applied. Nobody led: it surely was not, and is asked for again, as whoever calls an engine may; what
    /// was applied nevertheless would be there twice.
    /// </summary>
    protected async Task<ProposeResult> WriteAsync(IEngine engine, string key, string value)
    {
        using var patience = new CancellationTokenSource(Patience);
        ProposeResult result;
        do
        {
            result = await ProposeAsync(engine, Put(key, value), Patience);
        }
        while (result.Outcome == ProposalOutcome.NoLeader && !patience.IsCancellationRequested);

        Assert.Equal(ProposalOutcome.Applied, result.Outcome);
        return result;
    }

    /// <summary>Any command, with the engine's own headroom; never waits for ever, whatever the engine does.</summary>
    protected Task<ProposeResult> ProposeAsync(
        IEngine engine, KvCommand command, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        engine.ProposeAsync(KvCommandCodec.Encode(command, engine.HeadroomBytes), timeout, cancellationToken)
            .AsTask().WaitAsync(2 * Patience, CancellationToken.None);

    /// <summary>A barrier that must be granted.</summary>
    protected async Task<StoreView> BarrierAsync(IEngine engine)
    {
        ReadBarrierResult barrier = await engine.ReadBarrierAsync(Patience, CancellationToken.None);
        Assert.True(barrier.IsGranted);
        Assert.True(engine.ReadPoint.View.AppliedIndex >= barrier.ReadIndex);
        return barrier.View!;
    }

    /// <summary>Looks again and again until it is so.</summary>
    protected async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
        {
            if (patience.IsCancellationRequested)
            {
                throw new TimeoutException("What was waited for did not come.");
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Writes one key.</summary>
    protected static KvCommand Put(string key, string value, LeaseId lease = default) =>
        new MutateCommand(new PutOp(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value), lease));

    /// <summary>A key's value in a view; null when it is not there.</summary>
    protected static string? Read(StoreView view, string key) =>
        view.Get(Encoding.UTF8.GetBytes(key)) is { } pair ? Encoding.UTF8.GetString(pair.Value.Span) : null;
}
