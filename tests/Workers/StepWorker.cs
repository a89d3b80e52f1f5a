using System.Globalization;
using Microsoft.Extensions.Logging;
using RaftKv.Client;

namespace RaftKv.Workers;

/// <summary>
/// Does one numbered step after the other while it leads. A step is the creation of the next key under the leader's
/// fence, so that the keys are the log of who worked when.
/// </summary>
internal sealed class StepWorker(RaftKvClient client, StepPlan plan, ILogger<StepWorker> logger)
    : LeaderBackgroundService(client, Options(plan), logger)
{
    private static readonly TimeSpan BetweenSteps = TimeSpan.FromMilliseconds(20);
    private readonly RaftKvClient _client = client;
    private readonly StepPlan _plan = plan;

    protected override async Task ExecuteAsLeaderAsync(Leadership leadership, CancellationToken lost)
    {
        string value = string.Create(CultureInfo.InvariantCulture, $"{leadership.FencingToken} {Environment.ProcessId}");
        CountResult done = await _client.CountAsync(RaftKvRange.Prefix(_plan.Prefix), cancellationToken: lost);
        for (long next = done.Count + 1; !lost.IsCancellationRequested; next++)
        {
            string key = string.Create(CultureInfo.InvariantCulture, $"{_plan.Prefix}{next:D8}");
            await _client.PutAsync(key, value, new WriteOptions { Fence = leadership.Fence, Precondition = Precondition.Missing }, lost);
            await Task.Delay(BetweenSteps, lost);
        }
    }

    private static LeaderOptions Options(StepPlan plan) => new()
    {
        Election = plan.Election,
        Ttl = plan.Ttl,
        Value = Environment.ProcessId.ToString(CultureInfo.InvariantCulture),
        FirstPause = TimeSpan.FromMilliseconds(100),
        LongestPause = TimeSpan.FromSeconds(1),
    };
}
