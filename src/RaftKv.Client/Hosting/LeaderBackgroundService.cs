using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RaftKv.Client.Locks;

namespace RaftKv.Client;

/// <summary>
/// A worker that runs in one process at a time: only while this one leads the election. Derive from it and register it
/// as a hosted service in all of them.
/// </summary>
/// <remarks>
/// The work's token fires when the leadership is lost or the host stops; the service then waits for the work to end
/// before it gives the leadership up, so let the work end soon: others lead after the ttl, whether it has ended or not.
/// Writes that must not come late carry <see cref="Leadership.Fence"/>. Work that throws is logged, and the service
/// stands for election again after a growing pause, for ever: neither a bug in the work nor a cluster that is away ends
/// the host. Work that returns is run again at once in a new leadership, of this process or another.
/// <code>
/// sealed class Billing(RaftKvClient client) : LeaderBackgroundService(client, new LeaderOptions { Election = "billing" })
/// {
///     protected override async Task ExecuteAsLeaderAsync(Leadership leadership, CancellationToken lost)
///     {
///         while (!lost.IsCancellationRequested) { await BillNextAsync(leadership.Fence, lost); }
///     }
/// }
/// </code>
/// </remarks>
public abstract partial class LeaderBackgroundService : BackgroundService
{
    private readonly RaftKvClient _client;
    private readonly LeaderOptions _options;
    private readonly ILogger _logger;

    /// <summary>A worker under this election.</summary>
    /// <exception cref="ArgumentException">A setting is wrong.</exception>
    protected LeaderBackgroundService(RaftKvClient client, LeaderOptions options, ILogger? logger = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(options.Election, nameof(options));
        LeaseClient.RequirePositive(options.Ttl);
        _client = client;
        _options = options;
        _logger = logger ?? NullLogger.Instance;
    }

    /// <summary>True while this process surely leads.</summary>
    public bool IsLeader => Current is { IsLeader: true };

    /// <summary>The leadership, while there is one.</summary>
    public Leadership? Current { get; private set; }

    /// <summary>The work of the leader.</summary>
    /// <param name="leadership">With the fence for writes, and the value that observers see.</param>
    /// <param name="lost">Fires when the leadership is or may be lost, and when the host stops.</param>
    protected abstract Task ExecuteAsLeaderAsync(Leadership leadership, CancellationToken lost);

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The host waits for the first synchronous part of each service.
        await Task.Yield();
        int failures = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            bool hasEndedWell = await LeadOnceAsync(stoppingToken).ConfigureAwait(false);
            failures = hasEndedWell ? 0 : failures + 1;
            if (!stoppingToken.IsCancellationRequested && failures > 0)
            {
                TimeSpan pause = ChoosePause(failures);
                await Task.Delay(pause, _client.Options.TimeProvider, stoppingToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>False when it failed, so that the next attempt comes after a pause.</summary>
    private async Task<bool> LeadOnceAsync(CancellationToken stoppingToken)
    {
        try
        {
            string value = _options.Value ?? AcquireRequest.DefaultOwner;
            await using Leadership leadership = await _client.Elections
                .CampaignAsync(_options.Election, value, _options.Ttl, stoppingToken).ConfigureAwait(false);
            Current = leadership;
            LogElected(_options.Election, leadership.FencingToken);
            try
            {
                using var lost = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, leadership.LostToken);
                await ExecuteAsLeaderAsync(leadership, lost.Token).ConfigureAwait(false);
            }
            finally
            {
                // Only now, after the work has ended, is the leadership given up.
                LogEnded(_options.Election, leadership.FencingToken, leadership.IsLeader);
                Current = null;
            }

            return true;
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            // The work left by its token, as it should when the leadership is lost.
            return true;
        }
        catch (RaftKvException e)
        {
            LogCluster(e, _options.Election);
            return false;
        }
        catch (Exception e)
        {
            // The one place where the work's own faults end: they must not end the host, nor lead to a loop without a pause.
            LogFault(e, _options.Election);
            return false;
        }
    }

    private TimeSpan ChoosePause(int failures)
    {
        double ceilingMs = Math.Min(_options.LongestPause.TotalMilliseconds, _options.FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 30)));

        // Half of it is sure, so that faulty work rests; the other half spreads those who wait for the same thing.
        return TimeSpan.FromMilliseconds((ceilingMs / 2) + (ceilingMs / 2 * _client.Options.Jitter()));
    }

    [LoggerMessage(EventId = 5001, Level = LogLevel.Information, Message = "Leading election {Election} with token {Token}.")]
    private partial void LogElected(string election, long token);

    [LoggerMessage(EventId = 5002, Level = LogLevel.Information, Message = "The work under election {Election}, token {Token}, has ended; still leading: {IsLeader}.")]
    private partial void LogEnded(string election, long token, bool isLeader);

    [LoggerMessage(EventId = 5003, Level = LogLevel.Warning, Message = "Election {Election}: the cluster could not be used; trying again.")]
    private partial void LogCluster(Exception e, string election);

    [LoggerMessage(EventId = 5004, Level = LogLevel.Error, Message = "The work under election {Election} failed; standing again after a pause.")]
    private partial void LogFault(Exception e, string election);
}

/// <summary>How a worker under an election runs.</summary>
public sealed record LeaderOptions
{
    /// <summary>The election's name, the same in all processes.</summary>
    public required string Election { get; init; }

    /// <summary>What observers see of this process; null says machine and process.</summary>
    public string? Value { get; init; }

    /// <summary>How long a leader that died keeps others from leading. Default 10 s.</summary>
    public TimeSpan Ttl { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The pause after a first failure; doubled with each further one. Default 1 s.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause. Default 30 s.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(30);
}
