using System.Reflection;
using RaftKv.Simulation.Reach;

namespace RaftKv.Simulation.Tests;

/// <summary>The catalogue of rare states.</summary>
public sealed class ReachabilityTests
{
    [Fact]
    public void The_catalogue_has_every_theme_and_each_name_once()
    {
        List<ReachTheme> themes = [.. typeof(ReachTheme).Assembly.GetTypes()
            .SelectMany(static t => t.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static))
            .Where(static f => f.FieldType == typeof(ReachTheme))
            .Select(static f => (ReachTheme)f.GetValue(null)!)];

        Assert.Equal(themes.Sum(static t => t.States.Count), ReachCatalogue.All.Count);
        Assert.True(ReachCatalogue.All.Count >= 80, $"{ReachCatalogue.All.Count} states");
        Assert.Equal(ReachCatalogue.All.Count, ReachCatalogue.All.Select(static s => s.Name).Distinct().Count());
        Assert.All(ReachCatalogue.All, static s => Assert.Matches("^[a-z]+(-[a-z]+)*$", s.Name));
        Assert.All(ReachCatalogue.All, static s => Assert.DoesNotContain('\n', s.Meaning));
    }

    [Fact]
    public void A_state_that_was_never_met_is_shown_and_found_missing()
    {
        var counts = new ReachCounts();
        ReachState met = ReachCatalogue.All[0];
        ReachState missed = ReachCatalogue.All[1];
        counts.Hit(met);
        counts.HitIf(isMet: false, missed);

        Assert.Equal([missed.Name, "no-such-state"], KeptStates.Missing([met.Name, missed.Name, "no-such-state"], counts));
        Assert.Contains($"0 {missed.Name}", counts.Table(), StringComparison.Ordinal);
        Assert.Equal($"1 of {ReachCatalogue.All.Count} states reached", counts.Headline());
    }

    [Fact]
    public void Counts_of_worlds_add_up()
    {
        var sum = new ReachCounts();
        var one = new ReachCounts();
        one.Hit(ReachCatalogue.All[3]);
        sum.Add(one);
        sum.Add(one);

        Assert.Equal(2, sum.Of(ReachCatalogue.All[3]));
        Assert.Equal(1, sum.ReachedCount);
    }
}
