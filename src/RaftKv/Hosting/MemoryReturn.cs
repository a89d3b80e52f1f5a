using RaftKv.Diagnostics;
using RaftKv.Diagnostics.Metrics;

namespace RaftKv.Hosting;

/// <summary>
/// Gives memory back to the system after a burst. A collection in the background frees what is dead without holding up
/// anybody; only when much would stay with the process all the same, little is alive and nobody asks for anything, a second one
/// compacts and lets go of it, which stops the process for a moment. On a timer's thread; one look at a time.
/// </summary>
internal sealed class MemoryReturn : IDisposable
{
    /// <summary>Between two looks: a return comes 15 s after a burst, the second 15 s later.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // A compacting collection stops the process for as long as it takes to walk what is alive. Beyond this it could last
    // longer than a heartbeat may wait: then the background collection has to do.
    private const long MostLiveBytes = 256L << 20;

    // Less is not worth a stop.
    private const long WorthwhileExcessBytes = 32L << 20;

    private readonly IdleMemory _idle = new();
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private readonly Counter _returns;
    private int _isLooking;

    /// <summary>Starts to look.</summary>
    /// <param name="returns">Counts how often memory was given back.</param>
    public MemoryReturn(TimeProvider time, ILogger logger, Counter returns)
    {
        _returns = returns;
        _logger = logger;
        _timer = time.CreateTimer(static state => ((MemoryReturn)state!).Look(), this, Interval, Interval);
    }

    /// <summary>Ends the looks.</summary>
    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        if (Interlocked.Exchange(ref _isLooking, 1) != 0)
        {
            return;
        }

        if (_idle.Look(GC.GetTotalAllocatedBytes(precise: false)))
        {
            Return();
        }

        Volatile.Write(ref _isLooking, 0);
    }

    private void Return()
    {
        long before = Environment.WorkingSet;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);

        // A small heap is collected at once; how long a background collection of a large one takes does not matter here:
        // what it frees is seen by the second return at the latest.
        GCMemoryInfo info = GC.GetGCMemoryInfo(GCKind.Any);
        long live = GC.GetTotalMemory(forceFullCollection: false);
        if (_idle.MayStop && live <= MostLiveBytes && Math.Max(info.TotalCommittedBytes, before) - live >= WorthwhileExcessBytes)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }

        _returns.Add();
        Log.MemoryReturned(_logger, ByteSize.Text(before), ByteSize.Text(Environment.WorkingSet));
    }
}
