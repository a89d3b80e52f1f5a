using RaftKv.JepsenStyle.Checkers;
using RaftKv.JepsenStyle.History;

namespace RaftKv.JepsenStyle.Tests;

/// <summary>Each level is broken once, and must be found out; the same view at a weaker level is fine.</summary>
public sealed class LevelCheckerTests
{
    private const long Ms = 1_000_000;

    [Theory]
    [InlineData("linearizable")]
    [InlineData("lease")]
    [InlineData("all")]
    public void A_stale_read_breaks_the_strong_levels(string level)
    {
        Reject(level, Write(0, 1, 1, 2), Write(2, 3, 2, 3), Read(4, 5, level, 2, 1));
        Accept(Write(0, 1, 1, 2), Write(2, 3, 2, 3), Read(4, 5, level, 3, 2), Read(4, 5, "eventual", 2, 1) with { Node = "n2" });
    }

    [Fact]
    public void A_strong_read_must_show_what_a_weak_one_has_shown() =>
        Reject("linearizable", Write(0, 20, 1, 2), Read(2, 3, "eventual", 2, 1), Read(4, 5, "linearizable", 1) with { Node = "n2" });

    [Theory]
    [InlineData("session")]
    [InlineData("sequential")]
    [InlineData("causal")]
    public void A_session_must_see_what_its_token_has_seen_and_written(string level)
    {
        Reject(level, Write(0, 1, 1, 2), Read(4, 5, level, 1) with { WriteFloor = 2 });
        Reject(level, Write(0, 1, 1, 2), Read(4, 5, level, 1) with { ReadFloor = 2, IsHandedOver = true });
        Accept(Write(0, 1, 1, 2), Read(4, 5, level, 1));
    }

    [Fact]
    public void The_two_halves_of_a_session_stand_alone()
    {
        Reject("read-your-writes", Write(0, 1, 1, 2), Read(4, 5, "read-your-writes", 1) with { WriteFloor = 2 });
        Accept(Write(0, 1, 1, 2), Read(4, 5, "read-your-writes", 1) with { ReadFloor = 2 });
        Reject("monotonic-reads", Write(0, 1, 1, 2), Read(4, 5, "monotonic-reads", 1) with { ReadFloor = 2 });
        Accept(Write(0, 1, 1, 2), Read(4, 5, "monotonic-reads", 1) with { WriteFloor = 2 });
    }

    [Fact]
    public void A_bound_in_time_is_kept_to_the_millisecond()
    {
        Reject("100 ms", Write(0, 1, 1, 2), Read(101 * Ms, 102 * Ms, "bounded", 1) with { MaxStalenessMs = 100 });
        Accept(Write(0, 2 * Ms, 1, 2), Read(101 * Ms, 102 * Ms, "bounded", 1) with { MaxStalenessMs = 100 });
    }

    [Fact]
    public void A_bound_in_revisions_is_kept_to_the_revision()
    {
        LevelOperation[] writes = [.. Enumerable.Range(0, 5).Select(i => Write(i * 2, (i * 2) + 1, i, i + 2) with { Key = $"k{i}" })];
        Reject("newest but 2", [.. writes, Read(20, 21, "bounded", 3) with { MaxLag = 2, Items = Items(writes, 3) }]);
        Accept([.. writes, Read(20, 21, "bounded", 4) with { MaxLag = 2, Items = Items(writes, 4) }]);
    }

    [Fact]
    public void A_claim_of_freshness_is_held_against_the_answer() =>
        Reject("it says that it is 5 ms stale", Write(0, 1, 1, 2), Read(20 * Ms, 21 * Ms, "eventual", 1) with { StalenessMs = 5 });

    [Fact]
    public void A_write_below_what_was_seen_before_it_breaks_writes_follow_reads() =>
        Reject("writes follow reads", Write(0, 1, 1, 5), Write(2, 3, 2, 4) with { Key = "j" });

    [Fact]
    public void A_view_that_leaves_something_out_is_no_prefix()
    {
        LevelOperation[] writes = [Write(0, 1, 1, 2), Write(2, 3, 2, 3) with { Key = "j" }];
        Reject("no honest prefix", [.. writes, Read(4, 5, "consistent-prefix", 3) with { Items = [new SeenPair("j", 2, 3)] }]);
        Accept([.. writes, Read(4, 5, "consistent-prefix", 2, 1)]);
    }

    [Fact]
    public void A_value_above_the_named_revision_is_a_violation() =>
        Reject("above its own", Write(0, 1, 1, 2), Write(2, 3, 2, 3), Read(4, 5, "eventual", 2) with { Items = [new SeenPair("k", 2, 3)] });

    [Fact]
    public void A_value_that_nobody_wrote_or_that_was_refused_is_a_violation()
    {
        Reject("nobody wrote", Read(4, 5, "eventual", 2, 7));
        Reject("nobody wrote", Write(0, 1, 7, 2) with { Outcome = Outcome.Fail, Revision = null }, Read(4, 5, "eventual", 2, 7));
    }

    [Fact]
    public void A_value_from_the_future_is_a_violation() => Reject("future", Read(0, 1, "eventual", 2, 1), Write(5, 6, 1, 2));

    [Fact]
    public void Two_values_at_one_revision_are_a_violation() =>
        Reject("at revision 2 is", Write(0, 1, 1, 2), Write(0, 9, 2, 9), Read(4, 5, "eventual", 2) with { Items = [new SeenPair("k", 2, 2)] });

    [Fact]
    public void A_node_whose_state_goes_back_while_it_runs_is_a_violation()
    {
        LevelOperation[] run = [Write(0, 1, 1, 2), Read(2, 3, "eventual", 2, 1), Read(10, 11, "eventual", 1)];
        Reject("goes back", run);
        Accept([.. run, new FaultEvent("kill", "n1", 4, 9)]);
        Accept([run[0], run[1], run[2] with { Node = "n2" }]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_all_every_node_must_have_it(bool isWrite)
    {
        LevelOperation all = isWrite ? Write(0, 1, 1, 2) with { IsAll = true } : Read(2, 3, "all", 2, 1);
        Reject("every node had applied", Write(0, 1, 1, 2), all, Read(4, 5, "eventual", 1) with { Node = "n2" });
    }

    [Fact]
    public void A_read_without_a_promise_may_be_as_old_as_it_says() =>
        Accept(Write(0, 1, 1, 2), Read(4000 * Ms, 4001 * Ms, "eventual", 1), Read(4002 * Ms, 4003 * Ms, "consistent-prefix", 1));

    private static LevelOperation Write(long start, long end, long value, long revision) =>
        new(1, "n1", null, "k", value, start, end, Outcome.Ok, null, revision);

    private static LevelOperation Read(long start, long end, string level, long revision, long? value = null) => new(
        2, "n1", level, null, null, start, end, Outcome.Ok, value is null ? [] : [new SeenPair("k", value.Value, revision)], revision);

    private static SeenPair[] Items(LevelOperation[] writes, long upTo) =>
        [.. writes.Where(w => w.Revision <= upTo).Select(w => new SeenPair(w.Key!, w.Value!.Value, w.Revision!.Value))];

    private static void Accept(params HistoryLine[] lines)
    {
        Verdict verdict = LevelChecker.Check(lines);
        Assert.True(verdict.Validity == Validity.Valid, string.Join('\n', verdict.Problems));
    }

    private static void Reject(string because, params HistoryLine[] lines)
    {
        Verdict verdict = LevelChecker.Check(lines);
        Assert.Equal(Validity.Violation, verdict.Validity);
        Assert.True(verdict.Problems.Any(p => p.Contains(because, StringComparison.Ordinal)), string.Join('\n', verdict.Problems));
    }
}
