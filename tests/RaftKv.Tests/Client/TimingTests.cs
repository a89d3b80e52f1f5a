using RaftKv.Client;

namespace RaftKv.Tests.Client;

/// <summary>Time-outs, waits and cancellation.</summary>
public sealed class TimingTests
{
    private static readonly Task Never = new TaskCompletionSource().Task;

    [Fact]
    public async Task Retry_after_is_waited_for()
    {
        ManualTimeProvider time = new();
        using StubNode node = StubNode.Playing(
            StubReply.Problem(503, "no-leader", "no", retryable: true, ("Retry-After", "2")), StubReply.Entry("a", "1", 2));
        using RaftKvClient client = new(ClientFixture.Options(node.Endpoint) with { TimeProvider = time });

        Task<KeyValueEntry?> call = client.GetAsync("a");
        await time.TimerSetAsync(TimeSpan.FromSeconds(2));
        time.Advance(TimeSpan.FromSeconds(2) - TimeSpan.FromTicks(1));
        Assert.Single(node.Requests);
        time.Advance(TimeSpan.FromTicks(1));

        Assert.NotNull(await call);
        Assert.Equal(2, node.Requests.Count);
    }

    [Fact]
    public async Task Retry_after_beyond_the_call_s_time_fails_at_once()
    {
        using StubNode node = StubNode.Playing(StubReply.Problem(429, "overloaded", "no", retryable: true, ("Retry-After", "60")));

        // Nobody moves this clock: a client that waited would wait for ever.
        using RaftKvClient client = new(ClientFixture.Options(node.Endpoint) with { TimeProvider = new ManualTimeProvider() });

        await Assert.ThrowsAsync<RaftKvUnavailableException>(() => client.PutAsync("a", "1"));
    }

    [Fact]
    public async Task A_node_that_is_stopping_sends_the_call_on_without_any_wait()
    {
        ManualTimeProvider time = new();
        using StubNode first = StubNode.Playing("n1", StubReply.Problem(503, "shutting-down", "no", retryable: true, ("Retry-After", "1")));
        using StubNode second = StubNode.Playing("n2", StubReply.Entry("a", "1", 2));
        using RaftKvClient client = new(ClientFixture.Options(first.Endpoint, second.Endpoint) with { TimeProvider = time });

        Assert.NotNull(await client.GetAsync("a"));
    }

    [Fact]
    public async Task A_silent_node_costs_a_read_one_attempt()
    {
        ManualTimeProvider time = new();
        using StubNode first = StubNode.Playing("n1", StubReply.Ok("") with { Gate = Never });
        using StubNode second = StubNode.Playing("n2", StubReply.Entry("a", "1", 2));
        using RaftKvClient client = new(ClientFixture.Options(first.Endpoint, second.Endpoint) with { TimeProvider = time });

        Task<KeyValueEntry?> call = client.GetAsync("a");
        await time.TimerSetAsync(TimeSpan.FromSeconds(3));
        time.Advance(TimeSpan.FromSeconds(3));

        Assert.NotNull(await call);
        Assert.Single(second.Requests);
    }

    [Fact]
    public async Task A_write_that_was_sent_to_a_silent_node_ends_as_unknown()
    {
        ManualTimeProvider time = new();
        TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using StubNode node = StubNode.Computing(_ =>
        {
            arrived.TrySetResult();
            return StubReply.Ok("") with { Gate = Never };
        });
        using RaftKvClient client = new(ClientFixture.Options(node.Endpoint) with { TimeProvider = time });

        Task<PutResult> call = client.PutAsync("a", "1");
        await arrived.Task;
        time.Advance(TimeSpan.FromSeconds(10));

        var e = await Assert.ThrowsAsync<RaftKvOutcomeUnknownException>(() => call);
        Assert.Equal("timeout", e.Code);
        Assert.Single(node.Requests);
    }

    [Fact]
    public async Task A_write_that_never_got_a_connection_is_surely_not_applied()
    {
        using BlackHole handler = new();
        ManualTimeProvider time = new();
        using RaftKvClient client = new(ClientFixture.Options(new Uri("http://n1/")) with { TimeProvider = time, HttpMessageHandler = handler });

        Task<PutResult> call = client.PutAsync("a", "1");
        await time.TimerSetAsync(TimeSpan.FromSeconds(10));
        time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(Outcome.NotApplied, (await Assert.ThrowsAsync<RaftKvUnavailableException>(() => call)).Outcome);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancellation_comes_out_unwrapped_with_the_caller_s_token(bool isRead)
    {
        TaskCompletionSource arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using StubNode node = StubNode.Computing(_ =>
        {
            arrived.TrySetResult();
            return StubReply.Ok("") with { Gate = Never };
        });
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);
        using CancellationTokenSource source = new();

        Task call = isRead ? client.GetAsync("a", cancellationToken: source.Token) : client.PutAsync("a", "1", cancellationToken: source.Token);
        await arrived.Task;
        await source.CancelAsync();

        var e = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(source.Token, e.CancellationToken);
        Assert.Single(node.Requests);
    }

    [Fact]
    public async Task A_cancelled_token_sends_nothing()
    {
        using StubNode node = StubNode.Playing(StubReply.Entry("a", "1", 2));
        using RaftKvClient client = ClientFixture.Client(node.Endpoint);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetAsync("a", cancellationToken: new CancellationToken(canceled: true)));

        Assert.Empty(node.Requests);
    }

    [Fact]
    public async Task The_node_is_told_to_give_up_before_the_client_does()
    {
        using StubNode node = StubNode.Playing(StubReply.Ok("""{"deleted":0}"""));
        using RaftKvClient client = new(ClientFixture.Options(node.Endpoint) with { Timeout = TimeSpan.FromHours(1) });

        await client.DeleteAsync("a");

        Assert.Equal("60000ms", Assert.Single(node.Requests).Header("RaftKv-Timeout"));
    }

    /// <summary>Never connects, so it never asks for the body.</summary>
    private sealed class BlackHole : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            throw new InvalidOperationException("An endless wait ended.");
        }
    }
}
