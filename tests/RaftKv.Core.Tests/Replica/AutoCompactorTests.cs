using RaftKv.Core.Replica;

namespace RaftKv.Core.Tests.Replica;

/// <summary>When a leader compacts by itself.</summary>
public sealed class AutoCompactorTests
{
    [Fact]
    public void By_revision_it_keeps_so_many_and_a_tenth_more_at_most()
    {
        AutoCompactor compactor = new(new AutoCompaction(AutoCompactionMode.Revision, 100), tickMs: 10);
        Assert.Equal(0, Due(compactor, tick: 1, current: 90, compacted: 0));
        Assert.Equal(0, Due(compactor, tick: 2, current: 109, compacted: 0));
        Assert.Equal(10, Due(compactor, tick: 3, current: 110, compacted: 0));
        Assert.Equal(0, Due(compactor, tick: 4, current: 111, compacted: 10));
    }

    [Fact]
    public void By_time_it_compacts_at_what_was_the_newest_revision_a_window_ago()
    {
        AutoCompactor compactor = new(new AutoCompaction(AutoCompactionMode.Periodic, 1_000), tickMs: 10);
        for (int tick = 0; tick < 100; tick++)
        {
            Assert.Equal(0, Due(compactor, tick, current: 10 + tick, compacted: 0));
        }

        Assert.Equal(10, Due(compactor, tick: 100, current: 110, compacted: 0));
        Assert.Equal(0, Due(compactor, tick: 105, current: 115, compacted: 10));
        Assert.Equal(20, Due(compactor, tick: 110, current: 120, compacted: 10));
    }

    [Fact]
    public void A_new_leader_begins_anew_and_off_is_off()
    {
        AutoCompactor compactor = new(new AutoCompaction(AutoCompactionMode.Periodic, 1_000), tickMs: 10);
        Assert.Equal(0, Due(compactor, tick: 0, current: 10, compacted: 0));
        Assert.Equal(Revision.Zero, compactor.DueAt(new Term(2), 200, new Revision(50), Revision.Zero));
        Assert.Equal(new Revision(50), compactor.DueAt(new Term(2), 300, new Revision(60), Revision.Zero));

        AutoCompactor off = new(AutoCompaction.Off, tickMs: 10);
        Assert.Equal(0, Due(off, tick: 5_000, current: 1_000_000, compacted: 0));
    }

    private static long Due(AutoCompactor compactor, long tick, long current, long compacted) =>
        compactor.DueAt(new Term(1), tick, new Revision(current), new Revision(compacted)).Value;
}
