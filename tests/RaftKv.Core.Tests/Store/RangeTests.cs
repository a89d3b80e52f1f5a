using RaftKv.Core.Store;
using RaftKv.Core.Store.Commands;
using RaftKv.Core.Store.Reading;
using RaftKv.Core.Store.Tree;
using static RaftKv.Core.Tests.Store.StoreHarness;

namespace RaftKv.Core.Tests.Store;

/// <summary>Ranges: bounds, limits, counts, sorts, filters; the answers are those of etcd 3.4.</summary>
public sealed class RangeTests
{
    private readonly StoreHarness _store = new();

    public RangeTests()
    {
        foreach (string key in new[] { "r/a", "r/b", "r/c", "r/d", "r/e", "s" })
        {
            _store.Run(Put(key, new string((char)('z' - key[^1] + 'a'), 1)));
        }

        _store.Run(Put("r/b", "q"));
        _store.Run(Put("r/gone", "x"));
        _store.Run(Delete("r/gone"));
    }

    private static RangeRequest Request => new() { Keys = KeyRange.Prefix(Bytes("r/")) };

    [Fact]
    public void The_three_forms_of_a_range_have_inclusive_starts_and_exclusive_ends()
    {
        Assert.Equal("r/c", Keys(Request with { Keys = Key("r/c") }));
        Assert.Equal("", Keys(Request with { Keys = Key("r/") }));
        Assert.Equal("r/b r/c", Keys(Request with { Keys = KeyRange.Between(Bytes("r/b"), Bytes("r/d")) }));
        Assert.Equal("", Keys(Request with { Keys = KeyRange.Between(Bytes("r/d"), Bytes("r/b")) }));
        Assert.Equal("", Keys(Request with { Keys = KeyRange.Between(Bytes("r/d"), Bytes("r/b")), IsDescending = true }));
        Assert.Equal("r/e s", Keys(Request with { Keys = KeyRange.From(Bytes("r/e")) }));
        Assert.Equal("r/a r/b r/c r/d r/e s", Keys(Request with { Keys = KeyRange.All }));
        Assert.Equal("s r/e r/d r/c r/b r/a", Keys(Request with { Keys = KeyRange.All, IsDescending = true }));
    }

    [Fact]
    public void A_limit_cuts_pairs_and_not_the_count()
    {
        RangeResult result = _store.View.Range(Request with { Limit = 2 });
        Assert.Equal(("r/a r/b", true, 5L), (Names(result), result.HasMore, result.Count));
        result = _store.View.Range(Request with { Limit = 5 });
        Assert.Equal((false, 5L), (result.HasMore, result.Count));
        result = _store.View.Range(Request with { Limit = 2, IsDescending = true });
        Assert.Equal(("r/e r/d", true, 5L), (Names(result), result.HasMore, result.Count));
    }

    [Fact]
    public void Filters_cut_pairs_and_not_the_count()
    {
        RangeResult result = _store.View.Range(Request with { MinModRevision = new Revision(4) });
        Assert.Equal(("r/b r/c r/d r/e", false, 5L), (Names(result), result.HasMore, result.Count));
        result = _store.View.Range(Request with { MinModRevision = new Revision(4), Limit = 2 });
        Assert.Equal(("r/b r/c", true, 5L), (Names(result), result.HasMore, result.Count));
        Assert.Equal("r/a r/c", Keys(Request with { MaxModRevision = new Revision(4) }));
        Assert.Equal("r/b", Keys(Request with { MinCreateRevision = new Revision(3), MaxCreateRevision = new Revision(3) }));
        Assert.Equal("", Keys(Request with { Keys = Key("r/a"), MinModRevision = new Revision(4) }));
    }

    [Fact]
    public void A_count_gives_no_pairs_and_ignores_limit_and_filters()
    {
        RangeResult result = _store.View.Range(Request with { IsCountOnly = true, Limit = 2, MinModRevision = new Revision(4) });
        Assert.Equal((0, false, 5L), (result.Pairs.Count, result.HasMore, result.Count));
        Assert.Equal(4, _store.View.Range(Request with { IsCountOnly = true, Revision = new Revision(5) }).Count);
        Assert.Equal(6, _store.View.Range(new RangeRequest { Keys = KeyRange.All, IsCountOnly = true }).Count);
        Assert.Equal(2, _store.View.Range(new RangeRequest { Keys = KeyRange.From(Bytes("r/e")), IsCountOnly = true }).Count);
        Assert.Equal(0, _store.View.Range(new RangeRequest { Keys = KeyRange.Between(Bytes("s"), Bytes("r")), IsCountOnly = true }).Count);
    }

    [Theory]
    [InlineData(SortTarget.Key, "r/a r/b r/c r/d r/e", "r/e r/d r/c r/b r/a")]
    [InlineData(SortTarget.Version, "r/a r/c r/d r/e r/b", "r/b r/a r/c r/d r/e")]
    [InlineData(SortTarget.CreateRevision, "r/a r/b r/c r/d r/e", "r/e r/d r/c r/b r/a")]
    [InlineData(SortTarget.ModRevision, "r/a r/c r/d r/e r/b", "r/b r/e r/d r/c r/a")]
    [InlineData(SortTarget.Value, "r/b r/e r/d r/c r/a", "r/a r/c r/d r/e r/b")]
    public void Pairs_sort_by_every_target_both_ways_and_ties_stay_in_key_order(SortTarget target, string ascending, string descending)
    {
        Assert.Equal(ascending, Keys(Request with { SortBy = target }));
        Assert.Equal(descending, Keys(Request with { SortBy = target, IsDescending = true }));
        Assert.Equal(descending, Keys(Request with { SortBy = target, IsDescending = true, IsKeysOnly = true }));
        RangeResult cut = _store.View.Range(Request with { SortBy = target, Limit = 2 });
        Assert.Equal((ascending[..7], true, 5L), (Names(cut), cut.HasMore, cut.Count));
    }

    [Fact]
    public void Keys_only_leaves_values_out_and_all_else_in()
    {
        KeyValue pair = _store.View.Range(Request with { IsKeysOnly = true, Limit = 2 }).Pairs[1];
        Assert.Equal("r/b=(c3 m8 v2 l0)", Describe.Pair(pair));
        Assert.Equal("q", _store.Value("r/b"));
    }

    private static string Names(RangeResult result) => string.Join(' ', result.Pairs.Select(pair => Text(pair.Key)));

    private string Keys(RangeRequest request) => Names(_store.View.Range(request));
}
