using RaftKv.Dashboard.Cluster;

namespace RaftKv.Dashboard.Tests.Cluster;

/// <summary>Numbers for people.</summary>
public sealed class ShownTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1536, "1.5 KiB")]
    [InlineData(300L << 20, "300 MiB")]
    [InlineData(long.MaxValue, "8192 PiB")]
    public void Sizes(long bytes, string text) => Assert.Equal(text, Shown.Bytes(bytes));

    [Theory]
    [InlineData(0.25, "0.25 ms")]
    [InlineData(43, "43 ms")]
    [InlineData(2400, "2.4 s")]
    [InlineData(180_000, "3 min")]
    [InlineData(7_200_000, "2 h")]
    [InlineData(172_800_000, "2 d")]
    public void Durations(double ms, string text) => Assert.Equal(text, Shown.Duration(ms));

    [Theory]
    [InlineData(-5, "0 s")]
    [InlineData(11_001, "12 s")]
    [InlineData(247_000, "4:07")]
    [InlineData(7_231_000, "2:00:31")]
    public void Countdowns_never_end_early(double ms, string text) => Assert.Equal(text, Shown.Countdown(ms));

    [Fact]
    public void A_part_of_nothing_is_nothing() => Assert.Equal(0, Shown.Percent(5, 0));
}
