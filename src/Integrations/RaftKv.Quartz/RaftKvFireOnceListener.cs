using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Quartz;
using RaftKv.Client;

namespace RaftKv.Quartz;

/// <summary>
/// Lets every firing of a trigger run on one scheduler only, of all that have the same triggers, whatever store each has.
/// </summary>
/// <remarks>
/// A firing is a trigger's key and the time for which it was scheduled. Whoever claims it first, in the cluster, runs it; the
/// others veto it. At most once: a scheduler that dies after its claim has taken the firing with it, and one that can't know
/// whether it has the claim (no node answers, or the outcome is not known) does not run it.
/// Needs triggers whose times are the same on all: cron triggers, and others with a fixed start; with a misfire instruction
/// that keeps the scheduled times or skips, since a misfire that is run "now" has a time of its own on each.
/// <code>
/// services.AddQuartz(q => q.AddTriggerListener(provider => new
/// RaftKvFireOnceListener(provider.GetRequiredService&lt;RaftKvClient&gt;())));
/// </code>
/// </remarks>
public sealed partial class RaftKvFireOnceListener : ITriggerListener
{
    private readonly RaftKvClient _client;
    private readonly RaftKvQuartzOptions _options;
    private readonly ILogger _logger;

    /// <summary>A listener for one scheduler.</summary>
    /// <param name="client">Not disposed here.</param>
    /// <param name="options">Null for the defaults.</param>
    public RaftKvFireOnceListener(RaftKvClient client, RaftKvQuartzOptions? options = null, ILogger<RaftKvFireOnceListener>? logger = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _options = options ?? new();
        _logger = logger ?? NullLogger<RaftKvFireOnceListener>.Instance;
    }

    /// <inheritdoc/>
    public string Name => "RaftKv: every firing once";

    /// <summary>True, and the job does not run here, when another scheduler has the firing, or may have it.</summary>
    public async ValueTask<bool> VetoJobExecution(
        ITrigger trigger, IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(trigger);
        ArgumentNullException.ThrowIfNull(context);
        DateTimeOffset time = context.ScheduledFireTimeUtc ?? context.FireTimeUtc;
        string claim = string.Create(
            CultureInfo.InvariantCulture,
            $"{_options.Prefix}fired/{Escape(trigger.Key.Group)}/{Escape(trigger.Key.Name)}/{time.UtcTicks}/{context.RefireCount}");
        try
        {
            return !await ClaimAsync(claim, context.Scheduler.SchedulerInstanceId, cancellationToken).ConfigureAwait(false);
        }
        catch (RaftKvException e)
        {
            LogUnsure(e, claim);
            return true;
        }
    }

    private static string Escape(string part) => Uri.EscapeDataString(part);

    private async Task<bool> ClaimAsync(string claim, string instance, CancellationToken cancellationToken)
    {
        LeaseGrant life = await _client.Leases.GrantAsync(_options.ClaimLife, options: null, cancellationToken).ConfigureAwait(false);
        CompareAndSetResult claimed = await _client.TryCompareAndSetAsync(
            claim, Precondition.Missing, instance, new WriteOptions { Lease = life.Id }, cancellationToken).ConfigureAwait(false);
        if (!claimed.Succeeded)
        {
            await _client.Leases.RevokeAsync(life.Id, cancellationToken).ConfigureAwait(false);
        }

        return claimed.Succeeded;
    }

    [LoggerMessage(EventId = 5201, Level = LogLevel.Error,
        Message = "The firing {Claim} is not run here: whether another scheduler has it is not known.")]
    private partial void LogUnsure(Exception e, string claim);
}
