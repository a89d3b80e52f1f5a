using RaftKv.Core.Calls;

namespace RaftKv.Core.Tests.Calls;

public sealed class DeadlineWheelTests
{
    private readonly DeadlineWheel _wheel = new();
    private readonly List<Call> _expired = [];

    [Fact]
    public void A_call_expires_at_its_deadline_and_never_before()
    {
        _wheel.AdvanceTo(100, _expired);
        Call call = Add(ms: 50);

        _wheel.AdvanceTo(105, _expired);
        Assert.Empty(_expired);
        _wheel.AdvanceTo(106, _expired);
        Assert.Equal([call], _expired);
    }

    [Fact]
    public void A_call_that_comes_after_a_rest_has_its_whole_time()
    {
        _wheel.AdvanceTo(100, _expired);
        _wheel.NoteNow(110);
        Call call = Add(ms: 50);

        _wheel.AdvanceTo(115, _expired);
        Assert.Empty(_expired);
        _wheel.AdvanceTo(116, _expired);
        Assert.Equal([call], _expired);
    }

    [Fact]
    public void A_deadline_beyond_one_turn_waits_for_its_turn()
    {
        Call call = Add(ms: 60_000);

        _wheel.AdvanceTo(6000, _expired);
        Assert.Empty(_expired);
        _wheel.AdvanceTo(6001, _expired);
        Assert.Equal([call], _expired);
    }

    [Fact]
    public void A_removed_call_never_expires_and_its_neighbours_do()
    {
        Call first = Add(ms: 100);
        Call second = Add(ms: 100);
        Call third = Add(ms: 100);

        _wheel.Remove(second);
        _wheel.Remove(second);
        _wheel.AdvanceTo(11, _expired);

        Assert.Equal([third, first], _expired);
    }

    [Fact]
    public void A_leap_over_several_turns_expires_everything_once()
    {
        for (int i = 0; i < 1000; i++)
        {
            Add(ms: i * 7);
        }

        _wheel.AdvanceTo(10_000, _expired);

        Assert.Equal(1000, _expired.Distinct().Count());
        Assert.Equal(1000, _expired.Count);
    }

    private BarrierCall Add(double ms)
    {
        var call = TestCalls.Read(default, (long)Math.Ceiling(ms / 10));
        _wheel.Add(call);
        return call;
    }
}
