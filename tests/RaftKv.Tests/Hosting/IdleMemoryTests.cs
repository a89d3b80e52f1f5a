using RaftKv.Hosting;

namespace RaftKv.Tests.Hosting;

/// <summary>When memory is given back: after a burst, in quiet, twice, and not for nothing.</summary>
public sealed class IdleMemoryTests
{
    private const long Burst = 200L << 20;

    [Fact]
    public void A_burst_is_followed_by_two_returns_and_no_more()
    {
        var idle = new IdleMemory();
        long allocated = 0;

        Assert.False(idle.Look(allocated += Burst));
        List<int> returns = [.. Enumerable.Range(1, 20).Where(_ => idle.Look(allocated += 1_000))];

        Assert.Equal([IdleMemory.QuietLooks, 2 * IdleMemory.QuietLooks], returns);
    }

    [Fact]
    public void The_next_burst_begins_anew()
    {
        var idle = new IdleMemory();
        long allocated = 0;
        for (int burst = 0; burst < 3; burst++)
        {
            Assert.False(idle.Look(allocated += Burst));
            Assert.Equal(2, Enumerable.Range(1, 20).Count(_ => idle.Look(allocated)));
        }
    }

    [Fact]
    public void A_busy_node_is_left_alone()
    {
        var idle = new IdleMemory();
        long allocated = 0;

        Assert.DoesNotContain(Enumerable.Range(1, 100), _ => idle.Look(allocated += Burst));
    }

    [Fact]
    public void A_little_steady_load_after_the_burst_counts_as_quiet()
    {
        var idle = new IdleMemory();
        long allocated = 0;
        idle.Look(allocated += Burst);

        Assert.Contains(Enumerable.Range(1, IdleMemory.QuietLooks), _ => idle.Look(allocated += Burst / 10));
    }

    [Fact]
    public void Under_steady_load_nothing_stops_and_what_that_kept_is_returned_when_it_ends()
    {
        var idle = new IdleMemory();
        long allocated = 0;
        idle.Look(allocated += Burst);
        for (int look = 0; look < 20; look++)
        {
            idle.Look(allocated += Burst / 10);
            Assert.False(idle.MayStop);
        }

        Assert.Contains(Enumerable.Range(1, IdleMemory.QuietLooks), _ => idle.Look(allocated += 1_000) && idle.MayStop);
    }

    [Fact]
    public void After_a_burst_that_ends_in_nothing_a_stop_is_noticed_by_nobody()
    {
        var idle = new IdleMemory();
        long allocated = 0;
        idle.Look(allocated += Burst);

        Assert.Contains(Enumerable.Range(1, IdleMemory.QuietLooks), _ => idle.Look(allocated += 1_000) && idle.MayStop);
    }

    [Fact]
    public void Nothing_is_returned_for_little()
    {
        var idle = new IdleMemory();
        long allocated = 0;

        Assert.DoesNotContain(Enumerable.Range(1, 30), _ => idle.Look(allocated += IdleMemory.WorthwhileBytes / 40));
    }

    [Fact]
    public void A_look_amid_a_burst_starts_the_count_of_quiet_looks_again()
    {
        var idle = new IdleMemory();
        long allocated = Burst;
        idle.Look(allocated);
        for (int i = 1; i < IdleMemory.QuietLooks; i++)
        {
            Assert.False(idle.Look(allocated));
        }

        Assert.False(idle.Look(allocated += Burst));
        Assert.False(idle.Look(allocated));
    }
}
