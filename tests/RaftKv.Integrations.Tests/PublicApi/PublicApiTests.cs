using RaftKv.BackgroundWork;
using RaftKv.Caching;
using RaftKv.Client;
using RaftKv.Client.AspNetCore;
using RaftKv.Client.Testing;
using RaftKv.DistributedLock;
using RaftKv.Quartz;
using RaftKv.RateLimiting;
using RaftKv.Resilience;

namespace RaftKv.Integrations.Tests.PublicApi;

/// <summary>
/// What users can name, in a file for each package beside this one, so that a change of it is seen in review.
/// <c>UPDATE_GOLDEN=1</c> writes the files.
/// </summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData(typeof(RaftKvClient))]
    [InlineData(typeof(RaftKvXmlRepository))]
    [InlineData(typeof(RaftKvTestCluster))]
    [InlineData(typeof(ShardedBackgroundService))]
    [InlineData(typeof(RaftKvDistributedCache))]
    [InlineData(typeof(RaftKvDistributedLock))]
    [InlineData(typeof(RaftKvFireOnceListener))]
    [InlineData(typeof(RaftKvRateLimiter))]
    [InlineData(typeof(RaftKvRetryOptions))]
    public void What_users_can_name_is_as_written_down(Type one) =>
        PublicApiText.Check(one.Assembly, "RaftKv.Integrations.Tests");

    [Fact]
    public void A_member_more_or_less_is_seen()
    {
        string[] lines = [.. PublicApiText.Lines(typeof(RaftKvClient).Assembly)];

        Assert.Contains("RaftKv.Client.Fence.ctor(String, Int64, FenceKind)", lines);
        Assert.Contains("RaftKv.Client.IRaftKvClient.CountAsync(RaftKvRange, ReadOptions, CancellationToken): Task<CountResult>", lines);
        Assert.DoesNotContain(lines, static line => line.Contains("RequestSender", StringComparison.Ordinal));
    }
}
