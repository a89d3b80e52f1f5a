namespace RaftKv.EtcdConformance.Kubernetes;

/// <summary>The checker passes what is right and sees each kind of wrong.</summary>
public sealed class WatchContractTests
{
    private static readonly Change A2 = new(2, "a", "v1", null, 2, 1);
    private static readonly Change B3 = new(3, "b", "v2", null, 3, 1);
    private static readonly Change A4 = new(4, "a", "v3", "v1", 2, 2);
    private static readonly Change A5 = new(5, "a", null, "v3", 0, 0);

    [Fact]
    public void A_run_as_it_should_be_has_no_violation() => Assert.Empty(WatchContract.Violations(Right()));

    [Fact]
    public void Each_kind_of_wrong_is_told()
    {
        Rejects("misses revision 3 of b", seen => seen.Watches[1].Told.RemoveAll(static told => told.Change == B3));
        Rejects("tells revision 3 after 4", seen => Swap(seen.Watches[0].Told, 1, 2));
        Rejects("tells revision 3 of b twice", seen => seen.Watches[0].Told.Insert(2, Told.Of(B3)));
        Rejects("after all up to 3 was told", seen => seen.Watches[0].Told.Insert(1, Told.UpTo(3)));
        Rejects("tell revision 4 of a otherwise", seen => seen.Watches[1].Told[2] = Told.Of(A4 with { Value = "v2" }));
        Rejects("the acknowledged write of b at revision 3", seen => seen.Writes[1] = new Acknowledged("b", "v3", 3));
        Rejects("the acknowledged write of c at revision 4", seen => seen.Writes.Add(new Acknowledged("c", "v9", 4)));
        Rejects("nobody has sent", seen => seen.Sent.Remove("v2"));
        Rejects("of * at revision 3", seen => seen.Lists[0] = ListOf(3, ("a", "v1", 2)));
        Rejects("of * at revision 5", seen => seen.Lists[1] = ListOf(5, ("a", "v3", 4), ("b", "v2", 3)));
        Rejects("of * at revision 3", seen => seen.Lists[0] = ListOf(3, ("b", "v2", 3), ("a", "v1", 2)));
        Rejects("of * at revision 3", seen => seen.Lists[0] = ListOf(3, ("a", "v1", 2), ("b", "v1", 3)));
        Rejects("of * at revision 3", seen => seen.Lists[0] = ListOf(3, ("a", "v1", 2), ("b", "v2", 4)));
        Rejects("of * at revision 3", seen => seen.Lists[0] = ListOf(3, ("a", "v1", 2), ("bv", "2", 3)));
        Rejects("of b* at revision 3", seen => seen.Lists[0] = seen.Lists[0] with { Prefix = "b" });
        Rejects("another previous value", seen => Replace(seen, A4, A4 with { Previous = null }));
        Rejects("a wrong create revision or version", seen => Replace(seen, A4, A4 with { Version = 1 }));
        Rejects("was written twice", seen => Replace(seen, A4, A4 with { Value = "v1" }));
    }

    [Fact]
    public void A_watch_that_began_late_or_ended_early_misses_nothing()
    {
        Observed seen = Right();
        seen.Watches.Add(new WatchRun("late", 4, [Told.Of(A4)]));

        Assert.Empty(WatchContract.Violations(seen));
    }

    [Fact]
    public void A_list_of_a_prefix_is_held_against_what_was_told_below_it()
    {
        Observed seen = Right();
        seen.Lists.Add(ListOf(3, ("b", "v2", 3)) with { Prefix = "b" });

        Assert.Empty(WatchContract.Violations(seen));
    }

    private static Listed ListOf(long revision, params (string Key, string Value, long ModRevision)[] pairs)
    {
        using var shown = new ListDigest();
        Array.ForEach(pairs, pair => shown.Add(pair.Key, pair.Value, pair.ModRevision));
        return new Listed(revision, shown.Sum());
    }

    private static Observed Right()
    {
        var seen = new Observed();
        foreach (string name in (string[])["w1", "w2"])
        {
            seen.Watches.Add(new WatchRun(name, 2, [Told.Of(A2), Told.Of(B3), Told.Of(A4), Told.UpTo(4), Told.Of(A5)]));
        }

        seen.Writes.AddRange(
        [
            new Acknowledged("a", "v1", 2), new Acknowledged("b", "v2", 3),
            new Acknowledged("a", "v3", 4), new Acknowledged("a", null, 5),
        ]);
        seen.Sent.UnionWith(["v1", "v2", "v3", "never acknowledged"]);
        seen.Lists.Add(ListOf(3, ("a", "v1", 2), ("b", "v2", 3)));
        seen.Lists.Add(ListOf(5, ("b", "v2", 3)));
        return seen;
    }

    private static void Rejects(string sentence, Action<Observed> spoil)
    {
        Observed seen = Right();
        spoil(seen);
        Assert.Contains(WatchContract.Violations(seen), violation => violation.Contains(sentence, StringComparison.Ordinal));
    }

    private static void Replace(Observed seen, Change from, Change to) =>
        seen.Watches.ForEach(watch => watch.Told[watch.Told.FindIndex(told => told.Change == from)] = Told.Of(to));

    private static void Swap(List<Told> told, int i, int j) => (told[i], told[j]) = (told[j], told[i]);
}
