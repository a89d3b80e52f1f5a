using RaftKv.Engine.Publishing;

namespace RaftKv.Tests.Node;

/// <summary>Waits until a growing number is reached: woken by the publication, each once, and bounded.</summary>
public sealed class ThresholdWaitsTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private readonly ThresholdWaits _waits = new(TimeProvider.System);
    private long _value = 5;

    [Fact]
    public async Task What_is_reached_already_is_answered_at_once()
    {
        Assert.True(await Wait(5, TimeSpan.Zero));
        Assert.False(_waits.HasWaits);
    }

    [Fact]
    public async Task What_is_not_reached_fails_at_once_without_time_and_later_with_it()
    {
        Assert.False(await Wait(6, TimeSpan.Zero));
        Assert.False(await Wait(6, TimeSpan.FromMilliseconds(1)));
        Assert.False(_waits.HasWaits);
    }

    [Fact]
    public async Task A_publication_wakes_those_it_reaches_and_no_others()
    {
        Task<bool> seven = Wait(7, Long).AsTask();
        Task<bool> nine = Wait(9, Long).AsTask();
        Publish(6);
        Assert.False(seven.IsCompleted);
        Publish(8);
        Assert.True(await seven);
        Assert.False(nine.IsCompleted);
        Assert.True(_waits.HasWaits);
        Publish(9);
        Assert.True(await nine);
        Assert.False(_waits.HasWaits);
    }

    [Fact]
    public async Task A_value_that_came_between_the_look_and_the_wait_is_not_missed()
    {
        int looks = 0;
        Assert.True(await _waits.WaitAsync(7, () => ++looks == 1 ? 6 : 7, Long, default));
        Assert.Equal(2, looks);
    }

    [Fact]
    public async Task The_end_ends_all_waits_and_those_to_come()
    {
        Task<bool> waiting = Wait(7, Long).AsTask();
        _waits.End();
        Assert.False(await waiting);
        Assert.False(await Wait(7, Long));
    }

    [Fact]
    public async Task A_cancelled_wait_leaves_nothing_behind()
    {
        using var cancel = new CancellationTokenSource();
        Task<bool> waiting = _waits.WaitAsync(7, () => _value, Long, cancel.Token).AsTask();
        cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.False(_waits.HasWaits);
    }

    private ValueTask<bool> Wait(long threshold, TimeSpan timeout) => _waits.WaitAsync(threshold, () => _value, timeout, default);

    private void Publish(long value)
    {
        _value = value;
        _waits.Reached(value);
    }
}
