using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>Every target under every operator, on a key that is there, on a missing one and over ranges.</summary>
public sealed class CompareTests
{
    private readonly StoreHarness _store = new();

    public CompareTests()
    {
        _store.Run(Put("other", "x"));
        _store.Run(Put("k", "m"));
        _store.Run(Put("k", "m"));
        _store.Run(Put("gone", "m"));
        _store.Run(Delete("gone"));
    }

    public static TheoryData<CompareTarget, long> Numbers => new()
    {
        { CompareTarget.Version, 2 },
        { CompareTarget.CreateRevision, 3 },
        { CompareTarget.ModRevision, 4 },
        { CompareTarget.Lease, 0 },
    };

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Numbers_compare_as_numbers(CompareTarget target, long actual)
    {
        foreach (long operand in new[] { actual - 1, actual, actual + 1, long.MinValue, long.MaxValue })
        {
            Assert.Equal(actual == operand, Holds(If("k", target, CompareOperator.Equal, operand)));
            Assert.Equal(actual != operand, Holds(If("k", target, CompareOperator.NotEqual, operand)));
            Assert.Equal(actual > operand, Holds(If("k", target, CompareOperator.Greater, operand)));
            Assert.Equal(actual < operand, Holds(If("k", target, CompareOperator.Less, operand)));
        }
    }

    [Theory]
    [MemberData(nameof(Numbers))]
    public void Numbers_of_a_missing_or_deleted_key_are_0(CompareTarget target, long unused)
    {
        Assert.True(unused >= 0);
        foreach (string key in new[] { "missing", "gone" })
        {
            Assert.True(Holds(If(key, target, CompareOperator.Equal, 0)));
            Assert.True(Holds(If(key, target, CompareOperator.NotEqual, 1)));
            Assert.True(Holds(If(key, target, CompareOperator.Less, 1)));
            Assert.True(Holds(If(key, target, CompareOperator.Greater, -1)));
            Assert.False(Holds(If(key, target, CompareOperator.Greater, 0)));
            Assert.False(Holds(If(key, target, CompareOperator.NotEqual, 0)));
        }
    }

    [Theory]
    [InlineData("l", 1)]
    [InlineData("m", 0)]
    [InlineData("n", -1)]
    [InlineData("", 1)]
    [InlineData("mm", -1)]
    public void Values_compare_in_byte_order(string operand, int order)
    {
        Assert.Equal(order == 0, Holds(IfValue("k", CompareOperator.Equal, operand)));
        Assert.Equal(order != 0, Holds(IfValue("k", CompareOperator.NotEqual, operand)));
        Assert.Equal(order > 0, Holds(IfValue("k", CompareOperator.Greater, operand)));
        Assert.Equal(order < 0, Holds(IfValue("k", CompareOperator.Less, operand)));
    }

    [Theory]
    [InlineData(CompareOperator.Equal)]
    [InlineData(CompareOperator.NotEqual)]
    [InlineData(CompareOperator.Greater)]
    [InlineData(CompareOperator.Less)]
    public void A_value_of_a_missing_key_is_false_under_every_operator(CompareOperator comparison)
    {
        foreach (string key in new[] { "missing", "gone" })
        {
            Assert.False(Holds(IfValue(key, comparison, "m")));
            Assert.False(Holds(IfValue(key, comparison, "")));
        }
    }

    [Fact]
    public void A_compare_over_a_range_holds_for_every_key_or_not_at_all()
    {
        _store.Run(Put("r/1", "a"));
        _store.Run(Put("r/2", "b"));
        _store.Run(Put("r/2", "b"));
        KeyRange range = KeyRange.Prefix(Bytes("r/"));
        Assert.True(Holds(new Compare(range, CompareTarget.Version, CompareOperator.Greater, 0, default)));
        Assert.False(Holds(new Compare(range, CompareTarget.Version, CompareOperator.Equal, 1, default)));
        Assert.True(Holds(new Compare(range, CompareTarget.Value, CompareOperator.Less, 0, Bytes("c"))));
        Assert.False(Holds(new Compare(range, CompareTarget.Value, CompareOperator.Less, 0, Bytes("b"))));
    }

    [Fact]
    public void An_empty_range_follows_the_rule_of_the_missing_key()
    {
        KeyRange range = KeyRange.Prefix(Bytes("nothing/"));
        Assert.True(Holds(new Compare(range, CompareTarget.Version, CompareOperator.Equal, 0, default)));
        Assert.False(Holds(new Compare(range, CompareTarget.Version, CompareOperator.Greater, 0, default)));
        Assert.False(Holds(new Compare(range, CompareTarget.Value, CompareOperator.NotEqual, 0, Bytes("x"))));
    }

    private bool Holds(Compare compare) => ((TxnResult)_store.Run(Txn([compare], [])).Result!).IsSucceeded;
}
