using RaftKv.Core.Identity;

namespace RaftKv.Core.Tests.Identity;

/// <summary>Copies of a data directory, as its peers see them.</summary>
public sealed class LifeRulesTests
{
    [Fact]
    public void A_directory_that_was_never_met_and_one_that_was_started_again_are_newer()
    {
        Assert.Equal(LifeVerdict.Newer, LifeRules.Judge(null, new Life(1, 5)));
        Assert.Equal(LifeVerdict.Newer, LifeRules.Judge(new Life(1, 5), new Life(2, 6)));
        Assert.Equal(LifeVerdict.Known, LifeRules.Judge(new Life(2, 6), new Life(2, 6)));
    }

    [Fact]
    public void One_start_with_two_nonces_is_two_copies()
    {
        Assert.Equal(LifeVerdict.Twin, LifeRules.Judge(new Life(2, 6), new Life(2, 7)));
    }

    [Fact]
    public void A_directory_that_was_put_back_counts_its_starts_once_more()
    {
        Assert.Equal(LifeVerdict.Older, LifeRules.Judge(new Life(7, 6), new Life(6, 9)));
    }
}
