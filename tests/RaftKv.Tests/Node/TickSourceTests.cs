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
        Assert.Equal(1, ticks.BeginRest(1));
        _time.AdvanceMs(0.1);
        Assert.Equal(0, ticks.BeginRest(1));
        Assert.Equal(1, ticks.TakeDue(out long forgotten));
        Assert.Equal(0, forgotten);
        Assert.Equal(10, ticks.BeginRest(1));
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

    [Fact]
    public void A_rest_that_was_meant_delivers_all_its_ticks()
    {
        var ticks = new TickSource(_time);

        Assert.Equal(100, ticks.BeginRest(10));
        _time.AdvanceMs(100);
        ticks.EndRest();

        Assert.Equal(10, ticks.TakeDue(out long forgotten));
        Assert.Equal(0, forgotten);
    }

    [Fact]
    public void A_pause_within_a_rest_delivers_the_rest_and_a_few_ticks()
    {
        var ticks = new TickSource(_time);

        ticks.BeginRest(10);
        _time.Advance(TimeSpan.FromSeconds(5));
        ticks.EndRest();

        Assert.InRange(ticks.TakeDue(out long forgotten), 10, 15);
        Assert.InRange(forgotten, 485, 490);
    }

    [Fact]
    public void What_passes_after_a_rest_is_no_rest()
    {
        var ticks = new TickSource(_time);
        ticks.BeginRest(10);
        _time.AdvanceMs(20);
        ticks.EndRest();

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.InRange(ticks.TakeDue(out _), 1, 5);
    }
}
