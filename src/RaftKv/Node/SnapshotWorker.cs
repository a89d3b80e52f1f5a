using System.Threading.Channels;
using RaftKv.Core;
using RaftKv.Core.Disk;
using RaftKv.Core.Disk.Device;
using RaftKv.Core.Disk.Snapshots;
using RaftKv.Core.Driver;
using RaftKv.Core.Replica;
using RaftKv.Diagnostics;

namespace RaftKv.Node;

/// <summary>
/// The thread for work on snapshot files: writing one, reading pieces for followers, storing pieces of an incoming one,
/// installing it. In order, and apart from the log's thread, so that a large snapshot never holds up a write. Results
/// go back to the loop as inputs.
/// </summary>
internal sealed class SnapshotWorker
{
    private readonly ReplicaDisk _disk;
    private readonly Action<HostReport> _post;
    private readonly Action<NodeFailure> _failed;
    private readonly ILogger _logger;
    private readonly Thread _thread;

    // Not bounded by itself: the replica asks for one snapshot at a time, and for one piece per follower.
    private readonly Channel<object> _work = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private volatile bool _isStopping;
    private volatile bool _isSegmentAskedFor;

    /// <summary>Makes the worker; <see cref="Start"/> starts its thread.</summary>
    /// <param name="post">Brings an input to the replica.</param>
    /// <param name="failed">Told once, as the last thing.</param>
    public SnapshotWorker(ReplicaDisk disk, string name, Action<HostReport> post, Action<NodeFailure> failed, ILogger logger)
    {
        _logger = logger;
        _disk = disk;
        _post = post;
        _failed = failed;
        _thread = new Thread(Run) { Name = $"snapshot {name}", IsBackground = true, Priority = ThreadPriority.BelowNormal };
    }

    /// <summary>Starts the thread.</summary>
    public void Start() => _thread.Start();

    /// <summary>Queues the snapshot work of one round. Loop thread only.</summary>
    public void Enqueue(List<SnapshotWork> work)
    {
        for (int i = 0; i < work.Count; i++)
        {
            _work.Writer.TryWrite(work[i]);
        }
    }

    /// <summary>Makes the log's next segment ahead of time, once, however often it is asked for. Any thread.</summary>
    public void PrepareSegmentLater()
    {
        if (!_isSegmentAskedFor)
        {
            _isSegmentAskedFor = true;
            _work.Writer.TryWrite(SegmentToPrepare.Instance);
        }
    }

    /// <summary>
    /// Ends the thread after the piece at hand; false when that took longer. An unfinished snapshot file is no loss.
    /// </summary>
    public bool Stop(TimeSpan timeout)
    {
        _isStopping = true;
        _work.Writer.TryComplete();
        return !_thread.IsAlive || _thread.Join(timeout);
    }

    private void Run()
    {
        try
        {
            // The thread exists for this queue alone, so waiting on it holds up nobody.
            while (_work.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (!_isStopping && _work.Reader.TryRead(out object? work))
                {
                    Do(work);
                }

                if (_isStopping)
                {
                    return;
                }
            }
        }
        catch (StorageFailedException failure)
        {
            _failed(new NodeFailure(NodeFailureKind.Disk, "snapshot", failure));
        }
        catch (StorageCorruptException failure)
        {
            _failed(new NodeFailure(NodeFailureKind.Corruption, "snapshot", failure));
        }
        catch (UnsupportedVersionException refusal)
        {
            _failed(new NodeFailure(NodeFailureKind.Version, "snapshot", refusal));
        }
        catch (Exception failure)
        {
            _failed(new NodeFailure(NodeFailureKind.Invariant, "snapshot", failure));
        }
    }

    private void Do(object work)
    {
        switch (work)
        {
            case SnapshotToWrite write:
                long writtenBytes = _disk.WriteSnapshot(write.Info, write.View);
                _post(new SnapshotWrittenReport(write.Info.LastEntry, writtenBytes));
                break;
            case SnapshotChunkToLoad load:
                Load(load);
                break;
            case SnapshotChunkToStore store:
                long length = _disk.StoreChunk(store);
                _post(new ChunkStoredReport(store.Info.LastEntry, length));
                break;
            case SnapshotToInstall install:
                Install(install);
                break;
            case SegmentToPrepare:
                _isSegmentAskedFor = false;
                _disk.PrepareNextSegment();
                break;
            default:
                Core.Check.Unreachable<int>(work);
                break;
        }
    }

    private void Load(SnapshotChunkToLoad load)
    {
        using SnapshotReader? reader = _disk.OpenSnapshotForRead(load.Snapshot, load.Offset);
        if (reader is null)
        {
            _post(new ChunkMissingReport(load));
            return;
        }

        byte[] data = reader.ReadChunk(load.Offset, load.MaxBytes);
        long totalBytes = reader.TotalBytes;
        _post(new ChunkLoadedReport(load, totalBytes, data));
    }

    private void Install(SnapshotToInstall install)
    {
        InstallOutcome outcome = _disk.InstallIncoming(install.Info);
        if (outcome.Store is { } store)
        {
            _post(new SnapshotInstalledReport(install.Info.LastEntry, outcome.FileBytes, store));
        }
        else
        {
            Log.SnapshotRefused(_logger, outcome.Refusal ?? "");
            _post(new SnapshotRefusedReport(install.Info.LastEntry));
        }
    }

    private sealed class SegmentToPrepare
    {
        public static SegmentToPrepare Instance { get; } = new();
    }
}
