using RaftKv.Core.Identity;
using static RaftKv.Core.Tests.Raft.Words;

namespace RaftKv.Core.Tests.Identity;

/// <summary>What a node remembers of its peers' starts.</summary>
public sealed class LifeBookTests
{
    [Fact]
    public void A_newer_start_is_news_and_kept_and_an_older_one_is_neither()
    {
        var book = new LifeBook();

        Assert.Equal((LifeVerdict.Newer, true, default), Meet(book, 3));
        Assert.Equal((LifeVerdict.Known, false, new Life(3, 30)), Meet(book, 3));
        Assert.Equal((LifeVerdict.Older, false, new Life(3, 30)), Meet(book, 2));
        Assert.Equal((LifeVerdict.Newer, true, new Life(3, 30)), Meet(book, 4));
        Assert.Equal((LifeVerdict.Older, false, new Life(4, 40)), Meet(book, 3));
        Assert.Equal(new Life(4, 40), book.Known[N(1)]);
    }

    [Fact]
    public void A_copy_that_makes_the_newest_start_again_does_not_take_its_place()
    {
        var book = new LifeBook();
        Meet(book, 3);

        Assert.Equal(LifeVerdict.Twin, book.Meet(N(1), new Life(3, 99), out Life known, out bool isNews));

        Assert.False(isNews);
        Assert.Equal(new Life(3, 30), known);
        Assert.Equal(LifeVerdict.Known, book.Meet(N(1), new Life(3, 30), out _, out _));
    }

    [Fact]
    public void What_was_known_before_a_restart_counts_after_it()
    {
        var book = new LifeBook();
        book.Recall(N(1), new Life(7, 70));

        Assert.Equal(LifeVerdict.Older, Meet(book, 6).Verdict);
    }

    private static (LifeVerdict Verdict, bool IsNews, Life Known) Meet(LifeBook book, long number)
    {
        LifeVerdict verdict = book.Meet(N(1), new Life(number, (ulong)number * 10), out Life known, out bool isNews);
        return (verdict, isNews, known);
    }
}
