using RaftKv.Bench.Grpc;
using RaftKv.EtcdConformance.Kubernetes;
using RaftKv.Protocol.Etcd;

namespace RaftKv.Bench.Kubernetes;

/// <summary>
/// An API server's watch of one resource, from the first revision on, with previous values and bookmarks. When its node goes,
/// it goes on at another one from the revision after the last that it was told. One task; bookmarks are asked for from anywhere.
/// </summary>
internal sealed class WatchCache
{
    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(20);
    private static readonly WatchRequest _progress = new() { ProgressRequest = new WatchProgressRequest() };

    private readonly ResourceLog _log;
    private readonly IReadOnlyList<EtcdEndpoint> _nodes;
    private readonly LoadFigures _figures;
    private EtcdWatch? _stream;
    private int _node;

    internal WatchCache(ResourceLog log, IReadOnlyList<EtcdEndpoint> nodes, int first, LoadFigures figures)
    {
        _log = log;
        _nodes = nodes;
        _node = first;
        _figures = figures;
        Run = new WatchRun($"watch {first} of {log.Name}", 1, []);
    }

    internal WatchRun Run { get; }

    /// <summary>It was told the resource's last key.</summary>
    internal bool IsDone { get; private set; }

    /// <summary>Why it can't go on; null when it can.</summary>
    internal string? Failure { get; private set; }

    internal bool IsOf(ResourceLog log) => ReferenceEquals(_log, log);

    /// <summary>Watches until the last key is told.</summary>
    internal async Task RunAsync(CancellationToken stop)
    {
        while (!IsDone && Failure is null && !stop.IsCancellationRequested)
        {
            try
            {
                await WatchAsync(stop);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
            {
                // The node was killed.
            }

            _node++;
            await Task.Delay(_pause, CancellationToken.None);
        }
    }

    /// <summary>Asks for a bookmark on the stream that is open.</summary>
    internal void AskForBookmark() => Volatile.Read(ref _stream)?.Send(_progress);

    private async Task WatchAsync(CancellationToken stop)
    {
        WatchCreateRequest create = new()
        {
            Key = _log.Start,
            RangeEnd = _log.End,
            StartRevision = Run.Last + 1,
            PrevKv = true,
            ProgressNotify = true,
        };
        using EtcdWatch stream = await _nodes[_node % _nodes.Count].WatchAsync(new WatchRequest { CreateRequest = create }, stop);
        Volatile.Write(ref _stream, stream);
        while (!IsDone && await stream.ReadAsync(stop) is { } answer)
        {
            if (answer.CompactRevision != 0)
            {
                Failure = $"{Run.Name} wanted revision {create.StartRevision}, but all below {answer.CompactRevision} was compacted";
            }

            if (answer.Canceled)
            {
                return;
            }

            foreach (Event change in answer.Events)
            {
                Take(change);
            }

            if (answer is { Created: false, Events.Count: 0 })
            {
                Run.Told.Add(Told.UpTo(answer.Header.Revision));
            }
        }
    }

    private void Take(Event change)
    {
        bool isDelete = change.Type == Event.Types.EventType.Delete;
        string key = change.Kv.Key.ToStringUtf8();
        (string Id, long Made) now = isDelete ? ("", 0) : StoredValue.Read(change.Kv.Value);
        string? before = change.PrevKv is null ? null : StoredValue.Read(change.PrevKv.Value).Id;
        Change told = new(
            change.Kv.ModRevision, key, isDelete ? null : now.Id, before, change.Kv.CreateRevision, change.Kv.Version);
        Run.Told.Add(Told.Of(_log.Shared(told)));
        IsDone |= key == _log.LastKey;
        if (now.Made != 0)
        {
            _figures.Told(now.Made);
        }
    }
}
