using System.Globalization;
using System.Text;
using RaftKv.Dashboard.Api;

namespace RaftKv.Dashboard.Cluster;

/// <summary>
/// Asks every member for its status once a second, while somebody looks. One feed serves all open pages; with the last
/// of them it rests. Any thread; watchers are called on the pool.
/// </summary>
internal sealed class ClusterFeed(NodeClient client, TimeProvider time)
{
    private static readonly TimeSpan _interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(1500);
    private const int DiskEvery = 10;

    private readonly Lock _lock = new();
    private readonly List<Action> _watchers = [];
    private CancellationTokenSource? _running;
    private ClusterPicture _picture = ClusterPicture.Empty;

    /// <summary>Whom it asks by, and in whose name.</summary>
    public NodeClient Client => client;

    /// <summary>The newest picture.</summary>
    public ClusterPicture Picture => Volatile.Read(ref _picture);

    /// <summary>Calls back after each new picture, until the subscription is disposed.</summary>
    public IDisposable Watch(Action changed)
    {
        lock (_lock)
        {
            _watchers.Add(changed);
            if (_running is null)
            {
                _running = new CancellationTokenSource();
                _ = RunAsync(_running.Token);
            }
        }

        return new Subscription(() => Leave(changed));
    }

    /// <summary>Asks now, not at the next second.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken = default)
    {
        ClusterPicture next = await LookAsync(Picture, withDisk: false, cancellationToken).ConfigureAwait(false);
        Publish(next);
    }

    private void Leave(Action changed)
    {
        lock (_lock)
        {
            _watchers.Remove(changed);
            if (_watchers.Count == 0)
            {
                _running?.Cancel();
                _running = null;
            }
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_interval, time);
        try
        {
            for (int round = 0; ; round++)
            {
                Publish(await LookAsync(Picture, round % DiskEvery == 0, cancellationToken).ConfigureAwait(false));
                await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody looks any more.
        }
    }

    private void Publish(ClusterPicture next)
    {
        Action[] watchers;
        lock (_lock)
        {
            Volatile.Write(ref _picture, next);
            watchers = [.. _watchers];
        }

        foreach (Action watcher in watchers)
        {
            watcher();
        }
    }

    private async Task<ClusterPicture> LookAsync(ClusterPicture before, bool withDisk, CancellationToken cancellationToken)
    {
        ClusterAnswer? cluster = await client
            .GetAsync("/api/v1/cluster", AnswerJson.Default.ClusterAnswer, cancellationToken, patience: _patience)
            .ConfigureAwait(false);
        if (cluster is null)
        {
            // This node does not answer itself: keep what was known, and say of nobody that it is up.
            return before with { Nodes = [.. before.Nodes.Select(static node => node with { IsUp = false })], At = time.GetUtcNow() };
        }

        NodeSight[] nodes = await Task.WhenAll(cluster.Members.Select(
            member => LookAtAsync(member, before.Nodes.FirstOrDefault(node => node.Name == member.Name), withDisk, cancellationToken)))
            .ConfigureAwait(false);
        return new ClusterPicture([.. nodes.OrderBy(static node => node.Name, StringComparer.Ordinal)], time.GetUtcNow());
    }

    private async Task<NodeSight> LookAtAsync(
        MemberBody member, NodeSight? before, bool withDisk, CancellationToken cancellationToken)
    {
        Uri? url = member.Self ? client.Self : UrlOf(member.ClientUrl) ?? before?.Url;
        StatusAnswer? status = url is null
            ? null
            : await client
                .GetAsync("/api/v1/status", AnswerJson.Default.StatusAnswer, cancellationToken, url, _patience)
                .ConfigureAwait(false);

        // A port that another cluster's node has taken over tells nothing of this member.
        bool isUp = status is not null && status.Id == member.Id;
        return new NodeSight
        {
            Name = member.Name,
            Url = url,
            IsSelf = member.Self,
            IsVoter = member.Voter,
            IsUp = isUp,
            SeenAt = isUp ? time.GetUtcNow() : before?.SeenAt,
            Status = isUp ? status : before?.Status,
            DiskFreeBytes = isUp && withDisk
                ? await DiskOfAsync(url!, cancellationToken).ConfigureAwait(false) ?? before?.DiskFreeBytes
                : before?.DiskFreeBytes,
        };
    }

    private async Task<long?> DiskOfAsync(Uri node, CancellationToken cancellationToken)
    {
        var request = new ApiRequest("GET", "/metrics");
        ApiAnswer answer = await client.SendAsync(node, request, _patience, cancellationToken).ConfigureAwait(false);
        return answer.IsOk ? MetricOf(Encoding.UTF8.GetString(answer.Body.Span), "raftkv_disk_free_bytes") : null;
    }

    /// <summary>A gauge without labels out of a text of metrics; null when it is not there.</summary>
    internal static long? MetricOf(string text, string name)
    {
        foreach (ReadOnlySpan<char> line in text.EnumerateLines())
        {
            if (line.StartsWith(name, StringComparison.Ordinal) && line.Length > name.Length && line[name.Length] == ' ')
            {
                return double.TryParse(line[(name.Length + 1)..], NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                    ? (long)value
                    : null;
            }
        }

        return null;
    }

    private static Uri? UrlOf(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" ? url : null;

    private sealed class Subscription(Action leave) : IDisposable
    {
        private Action? _leave = leave;

        public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
    }
}
