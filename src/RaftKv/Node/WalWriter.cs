using System.Diagnostics;
using RaftKv.Core;
using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Driver;
using RaftKv.Core.Raft.Log;

namespace RaftKv.Node;

/// <summary>
/// The thread that makes records durable, and the only one that syncs the log. A failure of the disk ends it, and the node: nothing
/// is ever retried, since the kernel may have dropped the pages that a failed fsync was about, and the next fsync would
/// then lie.
/// </summary>
internal sealed class WalWriter
{
    // Several batches become one sync, but not so many that the first of them waits for megabytes of the last.
    private const int MaxSyncBytes = 4 * 1024 * 1024;

    private readonly object _gate = new();
    private readonly ReplicaDisk _disk;
    private readonly Action<long> _persisted;
    private readonly Action _prepareSegment;
    private readonly Action<NodeFailure> _failed;
    private readonly Thread _thread;

    // Told how many microseconds each write and sync took; null when nobody wants to know.
    private readonly Action<long>? _syncTook;
    private readonly PersistQueue _queue = new();
    private List<PersistBatch> _writing = [];
    private bool _isStopping;

    /// <summary>Makes the writer; <see cref="Start"/> starts its thread.</summary>
    /// <param name="persisted">Told the number of the last batch that is durable; any thread may take it.</param>
    /// <param name="prepareSegment">Called after a sync when the log has no spare segment: another thread then makes
    /// one.</param>
    /// <param name="failed">Told once, as the last thing.</param>
    /// <param name="syncTook">Told how many microseconds each write and sync took; null for nobody.</param>
    public WalWriter(
        ReplicaDisk disk, string name, Action<long> persisted, Action prepareSegment, Action<NodeFailure> failed, Action<long>? syncTook = null)
    {
        _syncTook = syncTook;
        _disk = disk;
        _persisted = persisted;
        _prepareSegment = prepareSegment;
        _failed = failed;
        _thread = new Thread(Run) { Name = $"wal {name}", IsBackground = true };
    }

    /// <summary>Starts the thread.</summary>
    public void Start() => _thread.Start();

    /// <summary>
    /// Queues a batch.
    /// </summary>
    public void Enqueue(PersistBatch batch)
    {
        lock (_gate)
        {
            _queue.Add(batch);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Lets the log drop entries up to here, after what is queued.</summary>
    public void CompactLater(LogIndex upToInclusive)
    {
        lock (_gate)
        {
            _queue.CompactLater(upToInclusive);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Writes what is queued, syncs, and ends the thread; false when the disk took longer than this.</summary>
    public bool Stop(TimeSpan timeout)
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.Pulse(_gate);
        }

        return !_thread.IsAlive || _thread.Join(timeout);
    }

    private void Run()
    {
        try
        {
            while (WaitForWork(out LogIndex? compactUpTo))
            {
                WriteAll();
                if (compactUpTo is { } upTo)
                {
                    _disk.Compact(upTo);
                }
            }
        }
        catch (StorageFailedException failure)
        {
            _failed(new NodeFailure(NodeFailureKind.Disk, "wal", failure));
        }
        catch (Exception failure)
        {
            _failed(new NodeFailure(NodeFailureKind.Invariant, "wal", failure));
        }
    }

    private bool WaitForWork(out LogIndex? compactUpTo)
    {
        lock (_gate)
        {
            while (!_queue.HasWork && !_isStopping)
            {
                Monitor.Wait(_gate);
            }

            _writing = _queue.Take(out compactUpTo);
            return _writing.Count > 0 || compactUpTo is not null;
        }
    }

    private void WriteAll()
    {
        if (_writing.Count == 0)
        {
            return;
        }

        for (int i = 0; i < _writing.Count; i++)
        {
            _disk.Append(_writing[i]);
            if (i == _writing.Count - 1 || _disk.PendingBytes >= MaxSyncBytes)
            {
                long before = Stopwatch.GetTimestamp();
                long number = _disk.Sync();
                _syncTook?.Invoke((long)Stopwatch.GetElapsedTime(before).TotalMicroseconds);
                _persisted(number);
            }
        }

        if (_disk.NeedsSpareSegment)
        {
            _prepareSegment();
        }
    }
}
