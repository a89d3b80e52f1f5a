using RaftKv.Core.Leases;
using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Leases;

namespace RaftKv.Core.Tests.Replica;

/// <summary>The leader's deadlines, counted in entries looked at and never in time.</summary>
public sealed class LeaseClockTests
{
    private const int Leases = 100_000;

    [Fact]
    public void A_hundred_thousand_leases_cost_nothing_in_a_tick_in_which_none_is_due()
    {
        LeaseClock clock = Running(ttlMs: 60_000);
        for (long now = 0; now < 6_000; now++)
        {
            Assert.False(clock.TryTakeDue(now, out _));
        }

        Assert.Equal(0, clock.VisitedCount);
    }

    [Fact]
    public void A_lease_that_is_kept_alive_is_looked_at_once_a_lifetime_however_often_it_is_renewed()
    {
        LeaseClock clock = Running(ttlMs: 10_000);
        for (long now = 1; now <= 4 * 1_024; now++)
        {
            if (now % 100 == 0)
            {
                for (int lease = 1; lease <= Leases; lease++)
                {
                    clock.Renew(new LeaseId(lease), now);
                }
            }

            Assert.False(clock.TryTakeDue(now, out _));
        }

        Assert.InRange(clock.VisitedCount, Leases, 5L * Leases);
    }

    [Fact]
    public void Leases_come_due_by_deadline_and_then_by_id()
    {
        LeaseClock clock = new(tickMs: 10);
        clock.Start(new Term(1), [Grant(9, 500), Grant(3, 500), Grant(5, 200), Grant(7, 900)], now: 0);
        List<long> due = [];
        for (long now = 0; now < 200; now++)
        {
            while (clock.TryTakeDue(now, out LeaseId lease))
            {
                due.Add(lease.Value);
            }
        }

        Assert.Equal([5, 3, 9, 7], due);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(15_000)]
    [InlineData(KvLimits.MaxTtlMs)]
    public void A_deadline_is_two_percent_and_some_ticks_later_than_promised(long ttlMs)
    {
        LeaseClock clock = new(tickMs: 10);
        clock.Start(new Term(1), [Grant(1, ttlMs)], now: 1_000);
        long promised = 1_000 + ((ttlMs + 9) / 10);
        Assert.False(clock.TryTakeDue(promised + (ttlMs / 500) + 1, out _));
        Assert.True(clock.TryTakeDue(promised + (ttlMs / 500) + 6, out _));
    }

    [Fact]
    public void What_could_not_be_proposed_comes_up_again_and_what_was_is_not_renewed()
    {
        LeaseClock clock = new(tickMs: 10);
        clock.Start(new Term(1), [Grant(1, 100)], now: 0);
        Assert.True(clock.TryTakeDue(50, out LeaseId lease));
        clock.PutBack(lease);
        Assert.True(clock.TryTakeDue(51, out lease));
        clock.MarkExpiring(lease);
        Assert.False(clock.Renew(lease, 52).Lives);
        Assert.False(clock.Look(lease, 52).Lives);
        Assert.False(clock.TryTakeDue(10_000, out _));
        clock.Note([new LeaseChange(lease, 0)], 53);
        Assert.Equal(0, clock.Count);
    }

    [Fact]
    public void An_id_that_is_granted_again_has_the_time_of_its_new_life()
    {
        LeaseClock clock = new(tickMs: 10);
        clock.Start(new Term(1), [Grant(1, 100)], now: 0);
        clock.Note([new LeaseChange(new LeaseId(1), 0), Grant(1, 10_000)], now: 5);
        Assert.False(clock.TryTakeDue(500, out _));
        Assert.True(clock.TryTakeDue(1_040, out _));
    }

    [Fact]
    public void Leases_that_were_revoked_leave_no_place_behind()
    {
        LeaseClock clock = new(tickMs: 10);
        clock.Start(new Term(1), [], now: 0);
        for (int i = 1; i <= Leases; i++)
        {
            clock.Note([Grant(i, KvLimits.MaxTtlMs)], now: i);
            clock.Note([new LeaseChange(new LeaseId(i), 0)], now: i);
        }

        Assert.Equal(0, clock.PlaceCount);
    }

    private static LeaseChange Grant(long lease, long ttlMs) => new(new LeaseId(lease), ttlMs);

    private static LeaseClock Running(long ttlMs)
    {
        LeaseClock clock = new(tickMs: 10);
        clock.Start(new Term(1), [.. Enumerable.Range(1, Leases).Select(lease => Grant(lease, ttlMs))], now: 0);
        return clock;
    }
}
