using Polly;
using Polly.Retry;
using RaftKv.Client;

namespace RaftKv.Resilience;

/// <summary>Adds to Polly's pipelines what the client's failures mean.</summary>
public static class RaftKvResilienceExtensions
{
    /// <summary>
    /// Repeats work whose failure says that nothing was applied and that another attempt may do better: no node could answer,
    /// or none could serve the level that was asked. Never what the server refused as it is, and what may have been applied
    /// only if <see cref="RaftKvRetryOptions.FindOutcome"/> says that it was not.
    /// </summary>
    /// <remarks>
    /// The client repeats by itself within a call's time-out what is safe; this is for longer outages, and for work of several
    /// calls. The work begins anew, so a write of it that was applied before another one failed is written again.
    /// <code>
    /// ResiliencePipeline pipeline = new ResiliencePipelineBuilder().AddRaftKvRetry(new RaftKvRetryOptions
    /// {
    ///     FindOutcome = async (e, stop) => await client.GetAsync("orders/42", cancellationToken: stop) is null
    ///         ? RaftKv.Client.Outcome.NotApplied : RaftKv.Client.Outcome.Applied,
    /// }).Build();
    /// </code>
    /// </remarks>
    /// <param name="options">Null for the defaults.</param>
    public static ResiliencePipelineBuilder AddRaftKvRetry(this ResiliencePipelineBuilder builder, RaftKvRetryOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        options ??= new();
        return builder.AddRetry(new RetryStrategyOptions
        {
            Name = "RaftKv",
            MaxRetryAttempts = options.MaxRetryAttempts,
            Delay = options.Delay,
            MaxDelay = options.MaxDelay,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = arguments => MayRepeatAsync(arguments.Outcome.Exception, options, arguments.Context.CancellationToken),
        });
    }

    private static async ValueTask<bool> MayRepeatAsync(
        Exception? e, RaftKvRetryOptions options, CancellationToken cancellationToken) => e switch
        {
            RaftKvOutcomeUnknownException unknown => options.FindOutcome is { } find
                && await find(unknown, cancellationToken).ConfigureAwait(false) == Client.Outcome.NotApplied,
            RaftKvUnavailableException or RaftKvConsistencyUnmetException => true,
            _ => false,
        };
}
