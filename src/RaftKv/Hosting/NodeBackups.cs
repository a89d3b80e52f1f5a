using RaftKv.Backups;
using RaftKv.Backups.Targets;
using RaftKv.Diagnostics.Metrics;
using RaftKv.Node;

namespace RaftKv.Hosting;

/// <summary>The backups of a node: its desk, and what archives the log where that is asked for.</summary>
internal sealed class NodeBackups : IAsyncDisposable
{
    private readonly IBackupTarget _target;
    private readonly LogShipper? _shipper;
    private int _isStopped;

    public NodeBackups(RaftNode node, BackupPlan plan, ILogger logger, MetricRegistry metrics)
    {
        _target = BackupTargets.Open(plan.Target);
        Desk = new BackupDesk(node, _target, plan, TimeProvider.System, logger, metrics);
        _shipper = plan.LogEvery is null
            ? null
            : new LogShipper(node, node.ReadLogAsync, Desk, TimeProvider.System, logger, metrics);
    }

    /// <summary>Makes backups.</summary>
    public BackupDesk Desk { get; }

    /// <summary>Starts what is done by itself.</summary>
    public void Start()
    {
        Desk.Start();
        if (Desk.Plan.LogEvery is { } every)
        {
            _shipper?.Start(every);
        }
    }

    /// <summary>Ends it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isStopped, 1) != 0)
        {
            return;
        }

        if (_shipper is not null)
        {
            await _shipper.DisposeAsync().ConfigureAwait(false);
        }

        await Desk.DisposeAsync().ConfigureAwait(false);
        _target.Dispose();
    }
}
