using Polly;
using RaftKv.Client;
using RaftKv.Client.Testing.InMemory;
using RaftKv.Resilience;
using Outcome = RaftKv.Client.Outcome;

namespace RaftKv.Integrations.Tests.Resilience;

/// <summary>What is repeated, and what never is.</summary>
public sealed class RetryTests
{
    private readonly InMemoryKv _kv = new();

    [Fact]
    public async Task What_surely_was_not_applied_is_repeated_so_often_and_no_oftener()
    {
        ResiliencePipeline pipeline = Pipeline(find: null);
        _kv.FailNext(TestFailures.Unavailable());
        _kv.FailNext(TestFailures.Unavailable());
        await PutAsync(pipeline);
        Assert.Equal("1", await _kv.GetStringAsync("a"));

        for (int i = 0; i < 3; i++)
        {
            _kv.FailNext(TestFailures.Unavailable());
        }

        await Assert.ThrowsAsync<RaftKvUnavailableException>(() => PutAsync(pipeline));
    }

    [Fact]
    public async Task What_the_server_refused_is_not_repeated()
    {
        _kv.FailNext(TestFailures.Refused("quota-exceeded", 507));
        _kv.FailNext(TestFailures.PreconditionFailed(7));

        await Assert.ThrowsAsync<RaftKvRequestException>(() => PutAsync(Pipeline(find: null)));
        await Assert.ThrowsAsync<RaftKvPreconditionException>(() => PutAsync(Pipeline(find: null)));
        Assert.Equal(1, _kv.Revision);
    }

    [Fact]
    public async Task An_outcome_that_is_not_known_is_not_repeated_by_itself()
    {
        _kv.FailNextWrite(isApplied: true);

        await Assert.ThrowsAsync<RaftKvOutcomeUnknownException>(() => PutAsync(Pipeline(find: null)));

        Assert.Equal(2, _kv.Revision);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_outcome_that_is_looked_up_decides(bool isApplied)
    {
        _kv.FailNextWrite(isApplied);
        ResiliencePipeline pipeline = Pipeline(async (_, stop) =>
            await _kv.GetAsync("a", cancellationToken: stop) is null ? Outcome.NotApplied : Outcome.Applied);

        if (isApplied)
        {
            await Assert.ThrowsAsync<RaftKvOutcomeUnknownException>(() => PutAsync(pipeline));
        }
        else
        {
            await PutAsync(pipeline);
        }

        // Written once, in either case.
        Assert.Equal(2, _kv.Revision);
    }

    private static ResiliencePipeline Pipeline(Func<RaftKvOutcomeUnknownException, CancellationToken, ValueTask<Outcome>>? find) =>
        new ResiliencePipelineBuilder().AddRaftKvRetry(new RaftKvRetryOptions
        {
            MaxRetryAttempts = 2,
            Delay = TimeSpan.FromMilliseconds(1),
            FindOutcome = find,
        }).Build();

    private Task PutAsync(ResiliencePipeline pipeline) =>
        pipeline.ExecuteAsync(async stop => await _kv.PutAsync("a", "1", cancellationToken: stop)).AsTask();
}
