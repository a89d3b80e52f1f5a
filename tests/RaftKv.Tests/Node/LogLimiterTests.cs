using RaftKv.Transport;

namespace RaftKv.Tests.Node;

/// <summary>What lasts is told once a minute; what settles itself soon is not told.</summary>
public sealed class LogLimiterTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void A_sentence_comes_once_a_minute_and_again_when_the_matter_was_settled()
    {
        var limiter = new LogLimiter(_time);

        Assert.Equal([true, false], [limiter.MayLog(), limiter.MayLog()]);
        _time.Advance(TimeSpan.FromSeconds(61));
        Assert.True(limiter.MayLog());
        limiter.Reset();
        Assert.True(limiter.MayLog());
    }

    [Fact]
    public void What_is_settled_within_the_patience_is_not_told_and_what_is_not_is()
    {
        var limiter = new LogLimiter(_time, TimeSpan.FromSeconds(5));

        Assert.False(limiter.MayLog());
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(limiter.MayLog());
        limiter.Reset();
        Assert.False(limiter.MayLog());
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.False(limiter.MayLog());
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([true, false], [limiter.MayLog(), limiter.MayLog()]);
    }
}
