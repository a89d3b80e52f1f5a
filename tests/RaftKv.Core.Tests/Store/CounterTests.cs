using RaftKv.Core.Store;
using RaftKv.Core.Store.Reading;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>Counters: decimal int64 text.</summary>
public sealed class CounterTests
{
    private readonly StoreHarness _store = new();

    [Fact]
    public void A_missing_counter_starts_at_0_and_each_increment_is_a_write()
    {
        Assert.Equal("Ok r2 current none increment 5 n=5(c2 m2 v1 l0)", Describe.Command(_store.Run(Add("n", 5))));
        Assert.Equal("Ok r3 current none increment -2 n=-2(c2 m3 v2 l0)", Describe.Command(_store.Run(Add("n", -7))));
        Assert.Equal("Ok r4 current none increment -2 n=-2(c2 m4 v3 l0)", Describe.Command(_store.Run(Add("n", 0))));
        _store.Run(Delete("n"));
        Assert.Equal("Ok r6 current none increment 1 n=1(c6 m6 v1 l0)", Describe.Command(_store.Run(Add("n", 1))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("1x")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1.0")]
    [InlineData("0x10")]
    [InlineData("9223372036854775808")]
    [InlineData("-")]
    public void A_value_that_is_no_decimal_int64_is_refused_and_stays(string value)
    {
        _store.Run(Put("n", value));
        Assert.Equal("NotANumber r2 current none no result", Describe.Command(_store.Run(Add("n", 1))));
        Assert.Equal(value, _store.Value("n"));
    }

    [Theory]
    [InlineData("9223372036854775807", 1)]
    [InlineData("9223372036854775800", 8)]
    [InlineData("-9223372036854775808", -1)]
    [InlineData("-1", long.MinValue)]
    [InlineData("1", long.MaxValue)]
    public void A_sum_outside_int64_is_refused_and_the_counter_stays(string value, long by)
    {
        _store.Run(Put("n", value));
        Assert.Equal("CounterOverflow r2 current none no result", Describe.Command(_store.Run(Add("n", by))));
        Assert.Equal(value, _store.Value("n"));
    }

    [Theory]
    [InlineData("9223372036854775806", 1, "9223372036854775807")]
    [InlineData("-9223372036854775807", -1, "-9223372036854775808")]
    [InlineData("9223372036854775807", long.MinValue, "-1")]
    [InlineData("-9223372036854775808", long.MaxValue, "-1")]
    public void The_ends_of_int64_can_be_reached(string value, long by, string sum)
    {
        _store.Run(Put("n", value));
        Assert.Equal(CommandStatus.Ok, _store.Run(Add("n", by)).Status);
        Assert.Equal(sum, _store.Value("n"));
    }
}
