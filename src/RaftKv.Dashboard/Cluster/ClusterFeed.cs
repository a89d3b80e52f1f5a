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
        ClusterPicture next = await LookAsync(Picture, cancellationToken).ConfigureAwait(false);
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
            while (true)
            {
                Publish(await LookAsync(Picture, cancellationToken).ConfigureAwait(false));
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

    private async Task<ClusterPicture> LookAsync(ClusterPicture before, CancellationToken cancellationToken)
    {
        ClusterAnswer? cluster = await client
            .GetAsync("/api/v1/cluster", AnswerJson.Default.ClusterAnswer, cancellationToken, patience: _patience)
            .ConfigureAwait(false);
        if (cluster is null)
        {
            // This node does not answer itself: keep what was known, and say of nobody that it is up.
            return before with { Nodes = [.. before.Nodes.Select(static node => node with { IsUp = false })], At = time.GetUtcNow() };
        }

        // By id: while a member is replaced by one of its own name, two have that name.
        NodeSight[] nodes = await Task.WhenAll(cluster.Members.Where(static member => member.Role != NodeRoles.Pending).Select(
            member => LookAtAsync(member, before.Nodes.FirstOrDefault(node => node.Id == member.Id), cancellationToken)))
            .ConfigureAwait(false);
        return new ClusterPicture([.. nodes.OrderBy(static node => node.Name, StringComparer.Ordinal)], time.GetUtcNow())
        {
            Members = cluster.Members,
        };
    }

    private async Task<NodeSight> LookAtAsync(MemberBody member, NodeSight? before, CancellationToken cancellationToken)
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
            Member = member,
            Url = url,
            IsSelf = member.Self,
            IsVoter = member.Voter,
            IsUp = isUp,
            SeenAt = isUp ? time.GetUtcNow() : before?.SeenAt,
            Status = isUp ? status : before?.Status,
        };
    }

    private static Uri? UrlOf(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" ? url : null;

    private sealed class Subscription(Action leave) : IDisposable
    {
        private Action? _leave = leave;

        public void Dispose() => Interlocked.Exchange(ref _leave, null)?.Invoke();
    }
}
