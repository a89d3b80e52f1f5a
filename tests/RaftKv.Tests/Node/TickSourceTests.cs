using RaftKv.Node;

namespace RaftKv.Tests.Node;

public sealed class TickSourceTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void A_tick_is_due_after_ten_milliseconds_and_not_before()
    {
        var ticks = new TickSource(_time);

        _time.AdvanceMs(9.9);
        Assert.Equal(0, ticks.TakeDue(out _));
        Assert.Equal(1, ticks.MsUntilNext());
        _time.AdvanceMs(0.1);
        Assert.Equal(0, ticks.MsUntilNext());
        Assert.Equal(1, ticks.TakeDue(out long forgotten));
        Assert.Equal(0, forgotten);
        Assert.Equal(10, ticks.MsUntilNext());
    }

    [Fact]
    public void Late_wakes_do_not_make_the_ticks_drift()
    {
        var ticks = new TickSource(_time);
        int delivered = 0;
        for (int i = 0; i < 1000; i++)
        {
            _time.AdvanceMs(13);
            delivered += ticks.TakeDue(out _);
        }

        Assert.Equal(1300, delivered);
    }

    [Fact]
    public void A_pause_delivers_a_few_ticks_and_forgets_the_rest()
    {
        var ticks = new TickSource(_time);

        _time.Advance(TimeSpan.FromSeconds(5));
        int due = ticks.TakeDue(out long forgotten);

        Assert.InRange(due, 1, 5);
        Assert.Equal(500, due + forgotten);
        Assert.Equal(0, ticks.TakeDue(out forgotten));
        Assert.Equal(0, forgotten);
        Assert.Equal(500, ticks.ElapsedTicks);
    }
}
