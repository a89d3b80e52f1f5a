using RaftKv.Core.Reads;
using RaftKv.Service.Advice;
using RaftKv.Service.Vocabulary;

namespace RaftKv.Tests.Api.Levels;

/// <summary>The advice: never weaker than what was wished for, and honest where wishes exclude each other.</summary>
public sealed class ConsistencyAdvisorTests
{
    [Theory]
    [InlineData(null, null, null, null, null, "linearizable")]
    [InlineData(true, null, null, null, null, "linearizable")]
    [InlineData(null, null, null, null, 0L, "linearizable")]
    [InlineData(null, true, null, null, null, "session")]
    [InlineData(null, null, true, null, null, "causal")]
    [InlineData(null, true, true, true, null, "causal")]
    [InlineData(null, null, null, null, 500L, "bounded")]
    [InlineData(false, false, false, true, null, "eventual")]
    [InlineData(false, null, null, null, null, "eventual")]
    [InlineData(null, true, null, null, 500L, "linearizable")]
    public void Wishes_lead_to_a_level(bool? fresh, bool? own, bool? cause, bool? available, long? bound, string level)
    {
        ConsistencyAdvice advice = ConsistencyAdvisor.Advise(new DesignWishes
        {
            MustNeverBeStale = fresh,
            OwnWritesVisible = own,
            CauseBeforeEffect = cause,
            AvailableInPartition = available,
            MaxStalenessMs = bound,
        });
        Assert.Equal(level, ReadLevels.NameOf(advice.Level));
        Assert.Contains(("RaftKv-Consistency", level), advice.Headers);
        Assert.Empty(advice.Contradictions);
    }

    [Fact]
    public void Every_combination_gets_a_level_that_keeps_the_wishes_about_data()
    {
        bool?[] answers = [null, false, true];
        foreach (bool? fresh in answers)
            foreach (bool? own in answers)
                foreach (bool? cause in answers)
                    foreach (bool? available in answers)
                        foreach (long? bound in (long?[])[null, 0, 500])
                            foreach (double? share in (double?[])[null, 0.1, 0.99])
                            {
                                ConsistencyAdvice advice = ConsistencyAdvisor.Advise(new DesignWishes
                                {
                                    MustNeverBeStale = fresh,
                                    OwnWritesVisible = own,
                                    CauseBeforeEffect = cause,
                                    AvailableInPartition = available,
                                    MaxStalenessMs = bound,
                                    ReadShare = share,
                                });
                                bool isFresh = ReadLevels.IsFresh(advice.Level);
                                Assert.True(isFresh || fresh != true);
                                Assert.True(isFresh || own != true || advice.Level is ReadLevel.Session or ReadLevel.Causal);
                                Assert.True(isFresh || cause != true || advice.Level == ReadLevel.Causal);
                                Assert.True(isFresh || bound is null || (advice.Level == ReadLevel.Bounded && bound > 0));
                                Assert.NotEmpty(advice.Reasons);
                                Assert.NotEmpty(advice.TradeOffs);
                                Assert.NotEmpty(advice.Alternatives);
                                Assert.DoesNotContain(advice.Alternatives, a => a.Level == advice.Level);

                                // Available, and yet a level that refuses in a minority: that is said.
                                bool refusesInMinority = isFresh || advice.Level == ReadLevel.Bounded;
                                Assert.Equal(available == true && refusesInMinority, advice.Contradictions.Count > 0);
                            }
    }

    [Theory]
    [InlineData(true, null, "linearizable")]
    [InlineData(null, null, "linearizable")]
    [InlineData(null, 2000L, "bounded")]
    [InlineData(false, null, "eventual")]
    public void Distance_changes_no_promise_and_tells_what_each_read_and_write_travels(bool? fresh, long? bound, string level)
    {
        var wishes = new DesignWishes { MustNeverBeStale = fresh, MaxStalenessMs = bound };
        ConsistencyAdvice near = ConsistencyAdvisor.Advise(wishes);
        ConsistencyAdvice far = ConsistencyAdvisor.Advise(wishes with { GlobalDistribution = true });

        Assert.Equal((level, level), (ReadLevels.NameOf(near.Level), ReadLevels.NameOf(far.Level)));
        Assert.Contains(far.TradeOffs, static sentence => sentence.Contains("nearest majority", StringComparison.Ordinal));
        Assert.Contains(far.TradeOffs.Concat(far.Reasons), static sentence => sentence.Contains("region", StringComparison.Ordinal));
        Assert.DoesNotContain(near.TradeOffs, static sentence => sentence.Contains("region", StringComparison.Ordinal));
        Assert.Equal(far.Alternatives.Count, far.Alternatives.Select(static a => a.Level).Distinct().Count());
    }

    [Fact]
    public void Never_stale_and_available_is_explained_rather_than_promised()
    {
        ConsistencyAdvice advice = ConsistencyAdvisor.Advise(new DesignWishes { MustNeverBeStale = true, AvailableInPartition = true });
        Assert.Equal(ReadLevel.Linearizable, advice.Level);
        Assert.Contains("CAP", Assert.Single(advice.Contradictions));
        Assert.Contains(advice.Alternatives, a => a.Level == ReadLevel.Eventual);
    }
}
