using System.Net;
using System.Text;
using RaftKv.Core.Store.Commands;
using RaftKv.Diagnostics.Metrics;
using RaftKv.Service.Access;
using RaftKv.Service.Refusals;
using RaftKv.Service.Shares;
using RaftKv.Tests.Node;

namespace RaftKv.Tests.Access;

/// <summary>What a share lets through, counted against a clock that only the test moves.</summary>
public sealed class ShareBucketTests
{
    private const long Second = 1_000_000;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1000)]
    [InlineData(1_000_000)]
    public void No_more_than_the_rate_goes_through_however_often_somebody_asks(int rate)
    {
        var bucket = new ShareBucket(new ShareTerms(rate, 0));
        int taken = 0;
        for (int tick = 0; tick <= 1000; tick++)
        {
            for (int i = 0; i < 3; i++)
            {
                taken += bucket.TryTake(tick * Second / 100, isHeld: false) is null ? 1 : 0;
            }
        }

        // A second's worth at once, and the rate for ten seconds.
        Assert.InRange(taken, Math.Min(3003, rate * 10), Math.Min(3003, rate * 11));
    }

    [Fact]
    public void Who_keeps_to_what_he_was_told_finds_room()
    {
        var bucket = new ShareBucket(new ShareTerms(10, 0));
        Assert.Equal(10, Enumerable.Range(0, 10).Count(_ => bucket.TryTake(0, isHeld: false) is null));
        long[] waits = [.. Enumerable.Range(0, 25).Select(_ => bucket.TryTake(0, isHeld: false)!.Value.WaitUs)];
        Assert.Equal([.. Enumerable.Range(1, 25).Select(static i => i * Second / 10)], waits);

        // As clients are told: in whole seconds, rounded up.
        foreach (long wait in waits)
        {
            Assert.Null(bucket.TryTake((wait + Second - 1) / Second * Second, isHeld: false));
        }
    }

    [Fact]
    public void What_is_told_has_an_end_and_fades()
    {
        var bucket = new ShareBucket(new ShareTerms(1, 0));
        Assert.Null(bucket.TryTake(0, isHeld: false));
        for (int i = 0; i < 1000; i++)
        {
            Assert.InRange(bucket.TryTake(0, isHeld: false)!.Value.WaitUs, 1, ShareBucket.MaxWaitUs);
        }

        Assert.Null(bucket.TryTake(Second, isHeld: false));
        Assert.Null(bucket.TryTake(100 * Second, isHeld: false));
        Assert.Equal(Second, bucket.TryTake(100 * Second, isHeld: false)!.Value.WaitUs);
    }

    [Fact]
    public void No_more_are_under_way_than_there_may_be_and_one_that_leaves_makes_room()
    {
        var bucket = new ShareBucket(new ShareTerms(0, 2));
        Assert.Null(bucket.TryTake(0, isHeld: true));
        Assert.Null(bucket.TryTake(0, isHeld: true));
        Assert.False(bucket.TryTake(0, isHeld: true)!.Value.IsRate);
        Assert.Null(bucket.TryTake(0, isHeld: false));
        Assert.False(bucket.IsIdle(0));
        bucket.Leave();
        Assert.Null(bucket.TryTake(0, isHeld: true));
        bucket.Leave();
        bucket.Leave();
        Assert.True(bucket.IsIdle(0));
    }

    [Fact]
    public void What_another_share_refused_was_never_taken()
    {
        var bucket = new ShareBucket(new ShareTerms(1, 1));
        Assert.Null(bucket.TryTake(0, isHeld: true));
        bucket.TakeBack(isHeld: true);
        Assert.True(bucket.IsIdle(0));
        Assert.Null(bucket.TryTake(0, isHeld: true));
    }

    [Fact]
    public void Callers_beyond_the_table_count_as_one_and_nobody_in_it_notices()
    {
        var time = new ManualTime();
        var shares = new FairShares(new ShareOptions { OfEveryone = new ShareTerms(1, 0) }, time, new MetricRegistry());
        Assert.Equal(8_192, Enumerable.Range(0, 8_192).Count(i => Enter(shares, Address(i)) is null));
        Assert.Equal(1, Enumerable.Range(8_192, 50).Count(i => Enter(shares, Address(i)) is null));
        Assert.NotNull(Enter(shares, Address(1)));

        // Idle ones make room, and lose nothing by it.
        time.AdvanceMs(2_000);
        Assert.Equal(50, Enumerable.Range(8_192, 50).Count(i => Enter(shares, Address(i)) is null));
        Assert.Null(Enter(shares, Address(1)));
        Assert.NotNull(Enter(shares, Address(1)));
    }

    [Fact]
    public void An_address_of_IPv6_is_its_network_and_one_of_IPv4_is_one_in_either_form()
    {
        var shares = new FairShares(new ShareOptions { OfEveryone = new ShareTerms(1, 0) }, new ManualTime(), new MetricRegistry());
        Assert.Null(Enter(shares, IPAddress.Parse("2001:db8::1")));
        Assert.NotNull(Enter(shares, IPAddress.Parse("2001:db8::2")));
        Assert.Null(Enter(shares, IPAddress.Parse("2001:db8:0:1::1")));
        Assert.Null(Enter(shares, IPAddress.Parse("10.0.0.1")));
        Assert.NotNull(Enter(shares, IPAddress.Parse("::ffff:10.0.0.1")));
    }

    [Theory]
    [InlineData("a/1", null, true)]
    [InlineData("b", null, false)]
    [InlineData("a", "b", true)]
    [InlineData("", "a/", false)]
    [InlineData("a0", "b", false)]
    [InlineData("a/5", "a/6", true)]
    [InlineData("", "", true)]
    public void A_range_counts_under_each_prefix_that_it_touches(string start, string? end, bool counts)
    {
        byte[] from = Encoding.UTF8.GetBytes(start);
        KeyRange keys = end is null ? KeyRange.Single(from)
            : end.Length == 0 ? KeyRange.From(from) : KeyRange.Between(from, Encoding.UTF8.GetBytes(end));
        var options = new ShareOptions { OfPrefixes = [("a/"u8.ToArray(), new ShareTerms(1, 0))] };
        var shares = new FairShares(options, new ManualTime(), new MetricRegistry());
        Assert.Equal(counts, shares.BucketsOf([keys]).Any());
    }

    [Theory]
    [InlineData("10", 10, 0)]
    [InlineData("10/4", 10, 4)]
    [InlineData("0/4", 0, 4)]
    [InlineData("1000000/1000000", 1_000_000, 1_000_000)]
    public void Terms_are_a_rate_and_a_number_at_one_time(string text, int perSecond, int underWay)
    {
        Assert.True(ShareTerms.TryParse(text, out ShareTerms terms));
        Assert.Equal(new ShareTerms(perSecond, underWay), terms);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("10/")]
    [InlineData("/4")]
    [InlineData("1/2/3")]
    [InlineData("1000001")]
    [InlineData(" 1")]
    public void What_are_no_terms_is_refused(string text) => Assert.False(ShareTerms.TryParse(text, out _));

    private static ApiError? Enter(FairShares shares, IPAddress from) =>
        shares.TryEnter(Caller.Anonymous, from, isHeld: false, out _);

    private static IPAddress Address(int number) => new([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]);
}
