using System.Diagnostics;
using System.Globalization;

namespace RaftKv.Bench.Kubernetes;

/// <summary>
/// Replaces pods, the oldest first: what the scheduler, a kubelet and the controllers write while one goes and another comes,
/// with the events that tell of it and the endpoint slices that change. Owns its pods and slices. One task.
/// </summary>
internal sealed class PodWorker(
    int number, StorageApi api, KubernetesLog logs, LoadFigures figures, IEnumerable<StoredObject> pods, IReadOnlyList<StoredObject> slices,
    TimeSpan eventLife)
{
    // kube-apiserver attaches the events of a minute, at most a thousand, to one lease.
    private const int MostEventsOfALease = 1_000;

    private readonly Queue<StoredObject> _pods = new(pods);
    private readonly Random _random = new(number);
    private long _lease;
    private long _leaseGranted;
    private int _leaseEvents;
    private int _created;
    private int _told;

    /// <summary>One pod goes, one comes.</summary>
    internal async Task ReplaceAsync(long due, CancellationToken stop)
    {
        StoredObject old = _pods.Dequeue();
        string space = old.Key[..(old.Key.LastIndexOf('/') + 1)];
        await PodAsync(old, due, stop);
        await PodAsync(old, 0, stop);
        long begun = Stopwatch.GetTimestamp();
        if (await api.DeleteAsync(logs.Pods, old, stop))
        {
            figures.Write("pod", begun, begun);
        }

        await EventAsync(stop);
        await SliceAsync(stop);
        StoredObject fresh = new(string.Create(CultureInfo.InvariantCulture, $"{space}pod-{number}-{++_created}"));
        const int Updates = KubernetesRates.PodWrites - 3;
        for (int i = 0; i < Updates; i++)
        {
            await PodAsync(fresh, 0, stop);
            if (i < KubernetesRates.PodEvents - 1)
            {
                await EventAsync(stop);
            }
        }

        await SliceAsync(stop);
        _pods.Enqueue(fresh);
    }

    private async Task PodAsync(StoredObject pod, long due, CancellationToken stop)
    {
        long begun = Stopwatch.GetTimestamp();
        if (await api.UpdateAsync(logs.Pods, pod, KubernetesRates.PodBytes, lease: 0, stop))
        {
            figures.Write("pod", due == 0 ? begun : due, begun);
        }
    }

    private async Task SliceAsync(CancellationToken stop)
    {
        long begun = Stopwatch.GetTimestamp();
        StoredObject slice = slices[_random.Next(slices.Count)];
        if (await api.UpdateAsync(logs.Slices, slice, KubernetesRates.SliceBytes, lease: 0, stop))
        {
            figures.Write("endpoint slice", begun, begun);
        }
    }

    // Whose lease has ended meanwhile takes another one.
    private async Task EventAsync(CancellationToken stop)
    {
        StoredObject told = new(string.Create(CultureInfo.InvariantCulture, $"{logs.Events.Prefix}e-{number}-{++_told}"));
        long begun = Stopwatch.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            if (_lease == 0 || ++_leaseEvents > MostEventsOfALease || Stopwatch.GetElapsedTime(_leaseGranted) > eventLife / 2)
            {
                _lease = await api.GrantAsync((long)eventLife.TotalSeconds);
                _leaseGranted = Stopwatch.GetTimestamp();
                _leaseEvents = 0;
            }

            if (_lease != 0 && await api.UpdateAsync(logs.Events, told, KubernetesRates.EventBytes, _lease, stop))
            {
                figures.Write("event", begun, begun);
                return;
            }

            _lease = 0;
        }
    }
}
