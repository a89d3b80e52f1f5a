using RaftKv.Simulation.Engine;

namespace RaftKv.Simulation.Tests;

public sealed class EventQueueTests
{
    [Fact]
    public void Events_come_by_time_and_then_by_order_of_scheduling()
    {
        var random = new DeterministicRandom(1);
        var queue = new EventQueue();
        var expected = new List<(long Time, long Order)>();
        for (int i = 0; i < 5_000; i++)
        {
            long time = random.Next(200);
            expected.Add((time, i));
            queue.Schedule(time, new SimEvent { Value = i });
        }

        expected.Sort();
        foreach ((long time, long order) in expected)
        {
            Assert.Equal(time, queue.NextTimeUs);
            Assert.Equal(order, queue.Take().Value);
        }

        Assert.Equal(long.MaxValue, queue.NextTimeUs);
    }

    [Fact]
    public void The_exponential_draw_has_about_the_asked_mean()
    {
        var random = new DeterministicRandom(2);
        long sum = 0;
        for (int i = 0; i < 100_000; i++)
        {
            sum += random.Exponential(1_000);
        }

        Assert.InRange(sum / 100_000, 900, 1_100);
    }
}
