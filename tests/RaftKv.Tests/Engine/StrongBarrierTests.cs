using RaftKv.Engine.DotNext;

namespace RaftKv.Tests.Engine;

/// <summary>What DotNext's strong barrier says is believed only when a round can have passed since it was asked for.</summary>
public sealed class StrongBarrierTests
{
    private int _calls;

    [Fact]
    public async Task What_returns_at_once_has_proven_nothing_and_is_asked_again()
    {
        var round = new TaskCompletionSource();
        Task passed = StrongBarrier.PassAsync(
            _ => ++_calls == 1 ? ValueTask.CompletedTask : new ValueTask(round.Task), CancellationToken.None);
        Assert.Equal((2, false), (_calls, passed.IsCompleted));

        round.SetResult();
        await passed;
        Assert.Equal(2, _calls);
    }

    [Fact]
    public async Task What_had_to_be_waited_for_is_a_round_and_is_asked_once()
    {
        var round = new TaskCompletionSource();
        Task passed = StrongBarrier.PassAsync(_ => Count(new ValueTask(round.Task)), CancellationToken.None);
        Assert.False(passed.IsCompleted);
        round.SetResult();
        await passed;
        Assert.Equal(1, _calls);
    }

    [Fact]
    public async Task Two_that_return_at_once_have_a_round_between_them()
    {
        await StrongBarrier.PassAsync(_ => Count(ValueTask.CompletedTask), CancellationToken.None);
        Assert.Equal(2, _calls);
    }

    [Fact]
    public async Task A_leader_that_leads_no_more_passes_none()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => StrongBarrier.PassAsync(
            _ => Count(ValueTask.FromException(new InvalidOperationException())), CancellationToken.None));
        Assert.Equal(1, _calls);
    }

    private ValueTask Count(ValueTask call)
    {
        _calls++;
        return call;
    }
}
