using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RaftKv.Client;

namespace RaftKv.BackgroundWork;

/// <summary>
/// Work that is cut into shards, shared out evenly among all processes of a group, each shard done by one process at a time.
/// Derive from it and register it as a hosted service in all of them.
/// </summary>
/// <remarks>
/// Who belongs to the group is watched: when a process comes, goes or dies, all that see it compute the same new shares. A
/// process ends the work of a shard that is no longer its own, and gives it back only when the work has ended; the next one
/// waits for that, at the shard's lock. Nothing rests on all seeing the change at once: the lock decides, and writes that
/// carry <see cref="Shard.Fence"/> are refused when they come too late.
/// The work's token fires when the shard is or may be lost, is given to another, or the host stops: let the work end soon
/// then. Work that throws, or returns, is begun again after a pause while the shard is this process' own.
/// </remarks>
public abstract partial class ShardedBackgroundService : BackgroundService
{
    private readonly RaftKvClient _client;
    private readonly ShardingOptions _options;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<int, Shard> _running = new();
    private readonly Dictionary<int, ShardRunner> _runners = [];

    /// <summary>A worker of this group.</summary>
    protected ShardedBackgroundService(RaftKvClient client, ShardingOptions options, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        string worker = options.Worker ?? string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}");
        _client = client;
        _options = options with { Worker = worker };
        _logger = logger ?? NullLogger.Instance;
        Member = string.Create(CultureInfo.InvariantCulture, $"{worker}/{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}");
    }

    /// <summary>The shards whose work runs here now, in order.</summary>
    public IReadOnlyList<int> Running => [.. _running.Keys.Order()];

    /// <summary>This worker's name in the group, once only.</summary>
    internal string Member { get; }

    /// <summary>The work of one shard. Several shards run at once.</summary>
    /// <param name="shard">With the fence for its writes.</param>
    /// <param name="lost">Fires when the shard is or may be another one's, or is to become it, and when the host stops.</param>
    protected abstract Task ExecuteShardAsync(Shard shard, CancellationToken lost);

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The host waits for the first synchronous part of each service.
        await Task.Yield();
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                await BelongOnceAsync(stoppingToken).ConfigureAwait(false);
                await Task.Delay(_options.Pause, _options.TimeProvider, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        finally
        {
            await TakeAsync([]).ConfigureAwait(false);
        }
    }

    /// <summary>Belongs to the group until it stops, or until its membership is lost. Shards that it holds it keeps meanwhile.</summary>
    private async Task BelongOnceAsync(CancellationToken stoppingToken)
    {
        try
        {
            await using LeaseKeeper lease = await _client.Leases.KeepAsync(_options.Ttl, stoppingToken).ConfigureAwait(false);
            RaftKvKey own = _options.MemberPrefix + Member;
            await _client.PutAsync(own, _options.Worker!, new WriteOptions { Lease = lease.Id }, stoppingToken).ConfigureAwait(false);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lease.LostToken);
            await FollowAsync(own, end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Stopped, or no longer a member: it joins again.
        }
        catch (RaftKvException e)
        {
            LogCluster(e, _options.Group);
        }
    }

    private async Task FollowAsync(RaftKvKey own, CancellationToken cancellationToken)
    {
        HashSet<string> members = new(StringComparer.Ordinal);
        WatchOptions options = new() { OnCompacted = WatchCompaction.Snapshot, Level = ReadLevel.Linearizable };
        RaftKvRange range = RaftKvRange.Prefix(_options.MemberPrefix);
        await foreach (WatchBatch batch in _client.WatchBatchesAsync(range, options, cancellationToken).ConfigureAwait(false))
        {
            if (batch is WatchSnapshot snapshot)
            {
                members = [.. snapshot.Entries.Select(entry => NameOf(entry.Key))];
            }
            else if (batch is WatchChanges changes)
            {
                foreach (WatchEvent change in changes.Events)
                {
                    _ = change.Type == WatchEventType.Put ? members.Add(NameOf(change.Key)) : members.Remove(NameOf(change.Key));
                }
            }

            if (!members.Contains(NameOf(own)))
            {
                // Its lease has ended: others share out what it had.
                return;
            }

            string[] owners = ShardAssignment.Of(members, _options.ShardCount);
            await TakeAsync([.. Enumerable.Range(0, owners.Length).Where(shard => owners[shard] == Member)]).ConfigureAwait(false);
        }
    }

    private string NameOf(RaftKvKey key) => key.ToString()[_options.MemberPrefix.Length..];

    /// <summary>Ends what is no longer this process' own, all at once, and begins what has become it. Called by one at a time.</summary>
    private async Task TakeAsync(HashSet<int> shards)
    {
        int[] gone = [.. _runners.Keys.Where(shard => !shards.Contains(shard))];
        await Task.WhenAll(gone.Select(shard => _runners[shard].StopAsync())).ConfigureAwait(false);
        foreach (int shard in gone)
        {
            _runners.Remove(shard);
        }

        foreach (int shard in shards.Where(shard => !_runners.ContainsKey(shard)))
        {
            _runners[shard] = new ShardRunner(_client, _options, shard, WorkAsync, (index, e) => LogFault(e, _options.Group, index));
        }
    }

    private async Task WorkAsync(Shard shard, CancellationToken lost)
    {
        _running[shard.Index] = shard;
        try
        {
            await ExecuteShardAsync(shard, lost).ConfigureAwait(false);
        }
        finally
        {
            _running.TryRemove(shard.Index, out _);
        }
    }

    [LoggerMessage(EventId = 5101, Level = LogLevel.Warning, Message = "Group {Group}: the cluster could not be used; trying again.")]
    private partial void LogCluster(Exception e, string group);

    [LoggerMessage(EventId = 5102, Level = LogLevel.Error,
        Message = "Group {Group}: the work of shard {Shard} failed; beginning again after a pause.")]
    private partial void LogFault(Exception e, string group, int shard);
}
