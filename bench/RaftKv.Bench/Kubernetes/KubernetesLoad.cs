using System.Diagnostics;
using System.Globalization;
using System.Runtime;
using RaftKv.Bench.Nodes;
using RaftKv.EtcdConformance.Kubernetes;

namespace RaftKv.Bench.Kubernetes;

/// <summary>
/// The traffic of one run: three API servers, one at each node, with a watch of each resource, and everyone who writes at even
/// intervals, however slowly it is answered. What could not begin when it was due counts its latency from then.
/// </summary>
internal sealed class KubernetesLoad : IDisposable
{
    private const int ApiServers = 3;
    private const int LeaseWorkers = 32;
    private const int StatusWorkers = 4;
    private const int PodWorkers = 16;
    private const int GetWorkers = 4;
    private const int ObjectsOfATxn = 32;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _bookmarkInterval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _longestDown = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _longestStep = TimeSpan.FromSeconds(120);

    private readonly KubernetesRates _rates;
    private readonly TimeSpan _duration;
    private readonly ServerCluster _cluster;
    private readonly LoadFigures _figures;
    private readonly StorageApi[] _servers;
    private readonly WatchCache[] _caches;
    private readonly StoredObject[] _leases;
    private readonly StoredObject[] _nodes;
    private readonly StoredObject[] _pods;
    private readonly StoredObject[] _slices;
    private readonly StoredObject[] _leaders = [new("/registry/leases/kube-system/scheduler"), new("/registry/leases/kube-system/manager")];
    private readonly CancellationTokenSource _stop = new();
    private long _start;

    internal KubernetesLoad(KubernetesRates rates, TimeSpan duration, ServerCluster cluster, LoadFigures figures)
    {
        _rates = rates;
        _duration = duration;
        _cluster = cluster;
        _figures = figures;
        _servers = [.. Enumerable.Range(0, ApiServers).Select(i => new StorageApi(cluster.Endpoints, i, figures))];
        _caches = [.. Log.All.SelectMany(log => _servers.Select((server, i) => new WatchCache(log, server.Nodes, i, figures)))];
        _leases = Objects(rates.Nodes, static i => $"/registry/leases/kube-node-lease/node-{i:00000}");
        _nodes = Objects(rates.Nodes, static i => $"/registry/minions/node-{i:00000}");
        _pods = Objects(rates.Pods, static i => $"{NamespacePrefix(i)}pod-{i:000000}");
        _slices = Objects(rates.Slices, static i => $"/registry/endpointslices/ns-{i % KubernetesRates.Namespaces:000}/slice-{i:00000}");
    }

    internal KubernetesLog Log { get; } = new();

    internal int Bookmarks => _caches.Sum(static cache => cache.Run.Told.Count(static told => told.Change is null));

    internal int Events => _caches.Sum(static cache => cache.Run.Told.Count) - Bookmarks;

    // The leases of events end within the run, and within a short one too; kube-apiserver's default is an hour.
    private TimeSpan EventLife => TimeSpan.FromSeconds(Math.Clamp(_duration.TotalSeconds / 4, 4, _longestStep.TotalSeconds));

    private TimeSpan CompactionInterval => _duration / 4 < _longestStep ? _duration / 4 : _longestStep;

    /// <summary>Loads the objects, runs, and says where what was seen does not agree.</summary>
    internal async Task<IReadOnlyList<string>> RunAsync()
    {
        Task[] watches = [.. _caches.Select(cache => cache.RunAsync(_stop.Token))];
        await PreloadAsync();

        // What is kept for the check is large: the generator looks through it beside its work, never in place of it.
        GC.Collect();
        GCLatencyMode before = GCSettings.LatencyMode;
        GCSettings.LatencyMode = GCLatencyMode.SustainedLowLatency;
        _start = Stopwatch.GetTimestamp();
        _figures.Begin();
        Task[] loops = [.. Loops()];
        await Task.WhenAny(Task.WhenAll(loops), Task.Delay(_duration + _patience));
        _figures.End();
        GCSettings.LatencyMode = before;

        // Whoever still waits for an answer gives up; then the last keys are written, and told.
        bool isLate = !Task.WhenAll(loops).IsCompleted;
        using CancellationTokenSource ending = new(_patience);
        if (isLate)
        {
            await _stop.CancelAsync();
        }

        await Task.WhenAll(loops);
        foreach (ResourceLog log in Log.All)
        {
            await _servers[0].UpdateAsync(log, new StoredObject(log.LastKey), bytes: 0, lease: 0, ending.Token);
        }

        await Task.WhenAny(Task.WhenAll(watches), Task.Delay(_patience));
        await _stop.CancelAsync();
        await Task.WhenAll(watches);
        return Judge(isLate);
    }

    public void Dispose()
    {
        Array.ForEach(_servers, static server => server.Dispose());
        _stop.Dispose();
    }

    private List<string> Judge(bool isLate)
    {
        List<string> wrong = [.. _caches.Select(static cache => cache.Failure).OfType<string>()];
        wrong.AddRange(_caches.Where(static cache => !cache.IsDone && cache.Failure is null)
            .Select(static cache => $"{cache.Run.Name} was not told the last key"));
        if (isLate)
        {
            wrong.Add("not all that was due was done a minute after the end");
        }

        foreach (ResourceLog log in Log.All)
        {
            log.Seen.Watches.AddRange(_caches.Where(cache => cache.IsOf(log)).Select(static cache => cache.Run));
        }

        wrong.AddRange(Log.Violations());
        return wrong;
    }

    private async Task PreloadAsync()
    {
        (ResourceLog Log, StoredObject[] Objects, int Bytes)[] kinds =
        [
            (Log.Leases, _leases, KubernetesRates.LeaseBytes), (Log.Nodes, _nodes, KubernetesRates.NodeBytes),
            (Log.Pods, _pods, KubernetesRates.PodBytes), (Log.Slices, _slices, KubernetesRates.SliceBytes),
        ];
        await Task.WhenAll(kinds.Select(async kind =>
        {
            foreach (StoredObject[] some in kind.Objects.Chunk(ObjectsOfATxn))
            {
                await _servers[0].CreateAsync(kind.Log, some, kind.Bytes);
            }
        }));
    }

    private IEnumerable<Task> Loops()
    {
        foreach (int worker in Enumerable.Range(0, LeaseWorkers))
        {
            yield return EachAsync(worker, LeaseWorkers, _rates.NodeLeases, _leases, Log.Leases, "node lease", KubernetesRates.LeaseBytes);
        }

        foreach (int worker in Enumerable.Range(0, StatusWorkers))
        {
            yield return EachAsync(worker, StatusWorkers, _rates.NodeStatus, _nodes, Log.Nodes, "node status", KubernetesRates.NodeBytes);
        }

        yield return EachAsync(0, 1, _rates.LeaderLeases, _leaders, Log.Leases, "leader lease", KubernetesRates.LeaseBytes);
        foreach (int worker in Enumerable.Range(0, PodWorkers))
        {
            StorageApi server = _servers[worker % ApiServers];
            PodWorker pods = new(
                worker, server, Log, _figures, Own(_pods, worker, PodWorkers), Own(_slices, worker, PodWorkers), EventLife);
            yield return PaceAsync(worker, PodWorkers, _rates.PodLives, (_, due) => pods.ReplaceAsync(due, _stop.Token));
        }

        foreach (int worker in Enumerable.Range(0, GetWorkers))
        {
            yield return PaceAsync(worker, GetWorkers, _rates.Gets, (number, due) => GetAsync(worker, number, due));
        }

        yield return PaceAsync(0, 1, _rates.Lists, (number, _) => ListAsync(NamespacePrefix(number)));

        // All pods, after a quarter and after three quarters: what an API server does that starts.
        yield return PaceAsync(0, 1, 4 / _duration.TotalSeconds, (number, _) =>
            number % 2 == 0 ? Task.CompletedTask : ListAsync(Log.Pods.Prefix));
        yield return PaceAsync(0, 1, 1 / _bookmarkInterval.TotalSeconds, (_, _) =>
        {
            Array.ForEach(_caches, static cache => cache.AskForBookmark());
            return Task.CompletedTask;
        });
        yield return CompactAsync();
        yield return KillAsync();
    }

    private static StoredObject[] Own(StoredObject[] all, int worker, int workers) => [.. all.Where((_, i) => i % workers == worker)];

    // Each worker goes around its own objects, so that each object is written in turn.
    private Task EachAsync(int worker, int workers, double perSecond, StoredObject[] all, ResourceLog log, string kind, int bytes)
    {
        StoredObject[] own = Own(all, worker, workers);
        int next = 0;
        return PaceAsync(worker, workers, perSecond, async (_, due) =>
        {
            long begun = Stopwatch.GetTimestamp();
            StoredObject target = own[next++ % own.Length];
            if (await _servers[worker % ApiServers].UpdateAsync(log, target, bytes, lease: 0, _stop.Token))
            {
                _figures.Write(kind, due, begun);
            }
        });
    }

    private async Task GetAsync(int worker, long number, long due)
    {
        if (await _servers[worker % ApiServers].GetAsync(_leases[number % _leases.Length].Key) != 0)
        {
            _figures.Read("get", due);
        }
    }

    private async Task ListAsync(string prefix)
    {
        Listed? list = await _servers[0].ListAsync(prefix, begun => _figures.Read("page of a list", begun), Stopwatch.GetTimestamp);
        if (list is not null)
        {
            Log.Pods.Note(list);
        }
    }

    // As kube-apiserver: each time up to where the store was the time before.
    private async Task CompactAsync()
    {
        long before = 0;
        await PaceAsync(0, 1, 1 / CompactionInterval.TotalSeconds, async (_, _) =>
        {
            long begun = Stopwatch.GetTimestamp();
            if (before != 0 && await _servers[1].CompactAsync(before))
            {
                _figures.Read("compaction", begun);
            }

            before = await _servers[1].GetAsync(_leases[0].Key);
        });
    }

    private async Task KillAsync()
    {
        await Task.Delay(_duration / 2);
        int node = await _cluster.KillLeaderAsync();
        _figures.Killed();
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  the leader, node {node + 1}, is killed"));
        await Task.Delay(_duration / 6 < _longestDown ? _duration / 6 : _longestDown);
        _cluster.Restart(node);
    }

    // Every workers-th of what is due perSecond. Who is behind does the next at once.
    private async Task PaceAsync(int worker, int workers, double perSecond, Func<long, long, Task> step)
    {
        await Task.Yield();
        for (long number = worker; !_stop.IsCancellationRequested; number += workers)
        {
            double seconds = number / perSecond;
            if (seconds >= _duration.TotalSeconds)
            {
                return;
            }

            long due = _start + (long)(seconds * Stopwatch.Frequency);
            long now = Stopwatch.GetTimestamp();
            if (due > now)
            {
                // A timer's own lateness is not the server's.
                await Task.Delay(Stopwatch.GetElapsedTime(now, due));
                due = Stopwatch.GetTimestamp();
            }

            await step(number, due);
        }
    }

    private static string NamespacePrefix(long number) =>
        string.Create(CultureInfo.InvariantCulture, $"/registry/pods/ns-{number % KubernetesRates.Namespaces:000}/");

    private static StoredObject[] Objects(int count, Func<int, string> keyOf) =>
        [.. Enumerable.Range(0, count).Select(i => new StoredObject(keyOf(i)))];
}
